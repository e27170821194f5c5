#include <sys/stat.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("metrics count jobs and pages") {
  Daemon daemon;
  Client client(daemon);
  client.wait_until_over(client.submit("fail-page=2", 3));
  client.wait_until_over(client.submit("fail-on-probe=200", 3));
  std::string text = client.metrics();
  CHECK(has_line(text, "pdf2md_pages_total{status=\"ok\"} 2"));
  CHECK(has_line(text, "pdf2md_pages_total{status=\"failed\"} 1"));
  CHECK(has_line(text, "pdf2md_jobs_finished_total{state=\"done\"} 1"));
  CHECK(has_line(text, "pdf2md_jobs_finished_total{state=\"failed\"} 1"));
  CHECK(has_line(text, "pdf2md_page_duration_seconds_count 3"));
  CHECK(has_line(text, "pdf2md_worker_pages_total{slot=\"0\"} 3"));
  CHECK(has_line(text, "pdf2md_ready 1"));
  CHECK(has_line(text, "pdf2md_clients 1"));
  CHECK(has_line(text, "pdf2md_jobs_accepted_total 2"));
  CHECK(has_line(text, "pdf2md_document_bytes_accepted_total 14"));
  CHECK(has_line(text, "pdf2md_accept_duration_seconds_count 2"));
  CHECK(has_line(text, "pdf2md_busy_total 0"));
}

// A client's question may come between the worker's answer and the turn in which the daemon deals
// with it.
TEST_CASE("a job that STATUS shows to be over is counted, and can be fetched") {
  Daemon daemon;
  Client client(daemon);
  for (int finished = 1; finished <= 100; ++finished) {
    uint64_t job = client.submit("a", 1);
    int asked = 0;  // at once again: a pause would miss the moment
    while (client.status(job).state < proto::JobState::kDone) REQUIRE(++asked < 1'000'000);
    CHECK(has_line(client.metrics(),
                   "pdf2md_jobs_finished_total{state=\"done\"} " + std::to_string(finished)));
    CHECK(client.fetch(job) == expected_output(1));
  }
}

TEST_CASE("metrics: restarts are counted") {
  Daemon daemon;
  Client client(daemon);
  client.wait_until_over(client.submit("crash-once-on-page=1", 2));
  CHECK(eventually(
      [&] { return has_line(client.metrics(), "pdf2md_worker_restarts_total{slot=\"0\"} 1"); }));
}

TEST_CASE("metrics in a file, whole and readable for all") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/pdf2md.prom";
  Daemon daemon(
      {.arguments = {"--set", "metrics.textfile=" + path, "--set", "metrics.interval_s=0.05"}});
  Client client(daemon);
  client.wait_until_over(client.submit("a", 2));
  auto written = [&] {
    Result<std::string> text = read_file(path, 1 << 20);
    return text && has_line(*text, "pdf2md_pages_total{status=\"ok\"} 2");
  };
  CHECK(eventually(written));
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0644);
}

TEST_CASE("a metrics file that cannot be written is said once, and harms nothing") {
  Daemon daemon({.arguments = {"--set", "metrics.textfile=/nonexistent/file", "--set",
                               "metrics.interval_s=0.05"}});
  Client client(daemon);
  CHECK(eventually([&] { return daemon.log().find("metrics.textfile: ") != std::string::npos; }));
  client.wait_until_over(client.submit("slow=50", 10));
  size_t first = daemon.log().find("metrics.textfile: ");
  CHECK(daemon.log().find("metrics.textfile: ", first + 1) == std::string::npos);
}

TEST_CASE("metrics: the queue, and who was sent away from it") {
  Daemon daemon({.arguments = {"--set", "queue.max_jobs=2"}});
  Client client(daemon);
  uint64_t running = client.submit("freeze-on-page=1", 1);
  client.wait_for(running, [](const proto::Event& event) { return event.pages_total == 1; });
  uint64_t waiting = client.submit("a.pdf", 1);
  client.start_submit({}, "pages=1", false);
  client.expect<proto::Busy>();
  std::string text = client.metrics();
  CHECK(has_line(text, "pdf2md_jobs{state=\"running\"} 1"));
  CHECK(has_line(text, "pdf2md_busy_total 1"));
  client.send(proto::Hold{waiting});
  client.expect<proto::Done>();
  CHECK(has_line(client.metrics(), "pdf2md_jobs{state=\"queued\"} 1"));
  CHECK(has_line(client.metrics(), "pdf2md_queue_bytes 14"));
}

}  // namespace pdf2md::tests
