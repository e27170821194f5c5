#include "daemon/supervisor/operations.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

// A pool that was never started: nothing of it runs.
struct Bench {
  EventLoop loop;
  Config asked;
  Machine machine{4, 0};
  Config live = resolve(asked, machine);
  Queue queue{QueueLimits()};
  Dispatcher dispatcher{loop, live, machine, queue, [] {}};
  Config next;  // what a reload finds
  ConfigProblems problems;
  Operations operations{asked,
                        live,
                        machine,
                        [this](ConfigProblems& found) {
                          found = problems;
                          return next;
                        },
                        dispatcher,
                        [] {},
                        [] {}};

  template <class Request>
  proto::Message ask(const Request& request, bool admin) {
    proto::FrameReader asked, answered;
    asked.append(proto::encode_frame(request));
    Result<std::string> answer = answer_operation(operations, **asked.next(), admin, "test");
    REQUIRE(answer.ok());
    answered.append(*answer);
    return **answered.next();
  }
  template <class Request>
  ErrorCode refused(const Request& request) {
    proto::Message answer = ask(request, false);
    REQUIRE(answer.type == proto::kError);
    return static_cast<ErrorCode>(proto::body_of<proto::ErrorReply>(answer)->code);
  }
};

TEST_CASE("operations: only administrators change anything, deaths are for all") {
  Bench bench;
  CHECK(bench.refused(proto::Resize{2}) == ErrorCode::kNotYours);
  CHECK(bench.refused(proto::DrainPool{}) == ErrorCode::kNotYours);
  CHECK(bench.refused(proto::ResumePool{}) == ErrorCode::kNotYours);
  CHECK(bench.refused(proto::RestartWorker{}) == ErrorCode::kNotYours);
  CHECK(bench.refused(proto::Reload{}) == ErrorCode::kNotYours);
  CHECK(bench.dispatcher.pool().size() == 1);
  CHECK_FALSE(bench.dispatcher.paused());
  CHECK(bench.ask(proto::DeathsRequest{}, false).type == proto::kDeathList);
  CHECK(bench.ask(proto::Resize{2}, true).type == proto::kPool);
  CHECK(bench.dispatcher.pool().size() == 2);
  CHECK(bench.ask(proto::DrainPool{}, true).type == proto::kPool);
  CHECK(bench.dispatcher.paused());
}

TEST_CASE("operations: a reload changes all or nothing") {
  Bench bench;
  bench.next.workers = 3;
  bench.next.queue.max_jobs = 7;
  bench.next.state_dir = "/elsewhere";
  bench.problems = {{"f:1", "is wrong"}};
  CHECK(bench.operations.reload().problems.size() == 1);
  CHECK(bench.live.queue.max_jobs == 1000);
  bench.problems.clear();
  proto::Reloaded reloaded = bench.operations.reload();
  CHECK(reloaded.changes.size() == 3);
  CHECK(bench.live.queue.max_jobs == 7);
  CHECK(bench.live.workers == 3);
  CHECK(bench.live.state_dir == "");
  CHECK(bench.dispatcher.pool().size() == 3);
}

TEST_CASE("operations: an answer to many mistakes stays within a frame") {
  Bench bench;
  for (int line = 0; line < 30; ++line)
    bench.problems.push_back({"f:" + std::to_string(line), "is wrong"});
  CHECK(bench.operations.reload().problems.size() == 20);
}

}  // namespace
}  // namespace pdf2md::supervisor
