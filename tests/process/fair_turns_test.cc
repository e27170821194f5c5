#include <signal.h>

#include <algorithm>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

// A job that was accepted and waits for nothing but its turn.
uint64_t submit_as(Client& client, const std::string& name, int pages, uint32_t priority,
                   bool hold = false) {
  std::string document = "pages=" + std::to_string(pages);
  proto::Submit submit;
  submit.options.name = name;
  submit.size = document.size();
  submit.priority = priority;
  submit.hold = hold;
  client.send(submit);
  client.send(proto::Data{proto::Bytes{document}});
  client.send(proto::DataEnd{});
  return client.expect<proto::Accepted>().job;
}

template <class Request>
void request(Client& client, const Request& body) {
  client.send(body);
  client.expect<proto::Done>();
}

}  // namespace

TEST_CASE("one book of 700 pages keeps all workers busy") {
  Daemon daemon({.arguments = {"--workers", "4", "--readers", "2"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 4; }));
  uint64_t book = client.submit("slow=3", 700);
  CHECK(client.wait_until_over(book).state == proto::JobState::kDone);
  CHECK(client.fetch(book) == expected_output(700));
  std::vector<proto::WorkerInfo> workers = client.workers();
  REQUIRE(workers.size() == 4);
  for (const proto::WorkerInfo& worker : workers) CHECK(worker.pages_done > 100);
}

TEST_CASE("a held job is not started before it is released") {
  Daemon daemon;
  Client client(daemon);
  uint64_t held = submit_as(client, "held", 2, 50, true);
  uint64_t later = client.submit("later", 2);
  CHECK(client.wait_until_over(later).state == proto::JobState::kDone);
  proto::JobInfo info = client.status(held);
  CHECK(info.state == proto::JobState::kQueued);
  CHECK(info.held);
  request(client, proto::Release{held});
  CHECK(client.wait_until_over(held).state == proto::JobState::kDone);
  CHECK_FALSE(client.status(held).held);
}

TEST_CASE("a running job that is held gets no more pages, and goes on where it was") {
  Daemon daemon;
  Client client(daemon);
  uint64_t book = client.submit("slow=5", 60);
  client.wait_for(book, [](const proto::Event& event) { return event.pages_done >= 2; });
  request(client, proto::Hold{book});
  // Others are done meanwhile; by the second one's end all that was out of the book is done too.
  for (int i = 0; i < 2; ++i) client.wait_until_over(client.submit("other", 9));
  uint32_t done = client.status(book).pages_done;
  CHECK(done < 60);
  client.wait_until_over(client.submit("one more", 9));
  CHECK(client.status(book).pages_done == done);
  request(client, proto::Release{book});
  CHECK(client.wait_until_over(book).state == proto::JobState::kDone);
  CHECK(client.fetch(book) == expected_output(60));
}

TEST_CASE("a job of higher priority begins first, also one that got it later") {
  Daemon daemon;
  Client client(daemon);
  uint64_t slow = client.submit("slow=20000", 1);
  client.wait_for(slow, [](const proto::Event& event) { return event.pages_total > 0; });
  uint64_t usual = submit_as(client, "usual", 1, 50);
  uint64_t low = submit_as(client, "low", 1, 10);
  uint64_t high = submit_as(client, "high", 1, 90);
  CHECK(client.status(high).position == 0);
  CHECK(client.status(usual).position == 1);
  CHECK(client.status(low).position == 2);
  request(client, proto::SetPriority{low, 100});
  CHECK(client.status(low).position == 0);
  CHECK(client.status(low).priority == 100);
}

TEST_CASE("a priority that is none is refused, and so is holding what is over") {
  Daemon daemon;
  Client client(daemon);
  proto::Submit submit;
  submit.priority = 101;
  client.send(submit);
  client.expect_error(ErrorCode::kBadOptions);
  client.send(proto::DataEnd{});
  uint64_t job = client.submit("x", 1);
  client.wait_until_over(job);
  for (uint32_t priority : {0u, 101u}) {
    client.send(proto::SetPriority{job, priority});
    client.expect_error(ErrorCode::kBadOptions);
  }
  client.send(proto::Hold{job});
  client.expect_error(ErrorCode::kUnexpected);
  client.send(proto::Release{job + 7});
  client.expect_error(ErrorCode::kNoSuchJob);
}

TEST_CASE("status foretells the end once there are figures") {
  Daemon daemon;
  Client client(daemon);
  uint64_t book = client.submit("slow=5", 300);
  client.wait_for(book, [](const proto::Event& event) { return event.pages_done >= 30; });
  uint64_t early = client.status(book).eta_ms;
  CHECK(early > 0);
  client.wait_for(book, [](const proto::Event& event) { return event.pages_done >= 290; });
  CHECK(client.status(book).eta_ms < early);
}

TEST_CASE("one user's limit of jobs is said") {
  Daemon daemon({.arguments = {"--set", "queue.max_jobs_per_owner=1"}});
  Client client(daemon);
  uint64_t first = client.submit("slow=20", 100);
  client.start_submit({}, "pages=1", false);
  CHECK(client.expect<proto::Busy>().reason.find("max_jobs_per_owner") != std::string::npos);
  request(client, proto::Cancel{first});
  CHECK(client.submit("next", 1) > 0);
}

}  // namespace pdf2md::tests
