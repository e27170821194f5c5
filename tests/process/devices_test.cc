#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("workers are spread over a list of GPUs, and a UUID becomes the only GPU that is seen") {
  Daemon daemon(
      {.arguments = {"--device", "cuda:GPU-aa,GPU-bb", "--workers", "3"},
       .environment = {"FAKE_WORKER=shows=CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES=0,1,2"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 3; }));
  std::vector<proto::WorkerInfo> workers = client.workers();
  CHECK(workers[0].device_name == "GPU-aa");
  CHECK(workers[0].device == "cuda:GPU-aa");
  CHECK(workers[1].device_name == "GPU-bb");
  CHECK(workers[2].device_name == "GPU-aa");

  Daemon numbers({.arguments = {"--device", "cuda:0,2", "--workers", "0"},
                  .environment = {"CUDA_VISIBLE_DEVICES=0,1,2"}});
  Client other(numbers);
  REQUIRE(eventually([&] { return other.health().workers_ready == 2; }));
  CHECK(other.workers()[0].device == "cuda:0");
  CHECK(other.workers()[1].device == "cuda:2");
}

TEST_CASE("a GPU that worker after worker dies of is put out of service, and its slot moves") {
  int code = GENERATE(67, 68);
  Daemon daemon({.arguments = {"--device", "cuda:0,1", "--workers", "2"},
                 .environment = {"FAKE_WORKER=lost=1:" + std::to_string(code)}});
  Client client(daemon);
  CHECK(eventually([&] { return client.health().workers_ready == 2; }));
  CHECK(client.workers()[1].device == "cuda:0");
  proto::HealthReport health = client.health();
  CHECK(health.status == "degraded");
  CHECK(health.detail.find("cuda:1 is out of service") != std::string::npos);
  uint64_t job = client.submit("a.pdf", 20);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
}

TEST_CASE("debug_launch_blocking reaches the worker of one slot") {
  Daemon daemon({.arguments = {"--workers", "2", "--set", "debug_launch_blocking=1"},
                 .environment = {"FAKE_WORKER=shows=CUDA_LAUNCH_BLOCKING"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 2; }));
  CHECK(client.workers()[0].device_name == "");
  CHECK(client.workers()[1].device_name == "1");
}

}  // namespace pdf2md::tests
