#include <filesystem>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("resize up and down while a job runs") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("slow=10", 300);
  client.wait_for(job, [](const proto::Event& event) { return event.pages_done > 0; });
  CHECK(client.operate(proto::Resize{4}).workers == 4);
  CHECK(eventually([&] {
    size_t busy = 0;
    for (const proto::WorkerInfo& worker : client.workers()) busy += worker.state == "busy";
    return busy == 4;
  }));
  CHECK(client.health().pool_size == 4);
  proto::Pool pool = client.operate(proto::Resize{1});
  CHECK(pool.workers == 1);
  CHECK(eventually([&] { return client.workers().size() == 1; }));
  CHECK(client.workers()[0].slot == 0);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.status(job).attempts == 0);
  CHECK(client.fetch(job) == expected_output(300));
  CHECK(client.deaths().total == 0);
  CHECK(client.health().status == "ok");
}

TEST_CASE("a worker whose HELLO crosses the request to leave has done nothing wrong") {
  TemporaryFolder folder;
  Daemon daemon({.arguments = {"--workers", "2"},
                 .environment = {"FAKE_WORKER=hello-at-term=" + folder.path()}});
  Client client(daemon);
  REQUIRE(eventually([&] {
    std::filesystem::directory_iterator waiting(folder.path());
    return std::distance(begin(waiting), end(waiting)) == 2;
  }));
  client.operate(proto::Resize{1});
  CHECK(eventually([&] { return client.workers().size() == 1; }));
  CHECK(client.deaths().total == 0);
}

TEST_CASE("resize to what cannot be is refused") {
  Daemon daemon;
  Client client(daemon);
  for (uint32_t workers : {0u, 65u, UINT32_MAX}) {
    client.send(proto::Resize{workers});
    client.expect_error(ErrorCode::kBadOptions);
  }
  CHECK(client.health().pool_size == 1);
}

}  // namespace pdf2md::tests
