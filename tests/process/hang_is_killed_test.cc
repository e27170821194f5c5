#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

const std::vector<std::string> kShortPages = {"--set", "limits.page_timeout_s=0.2", "--set",
                                              "supervision.page_margin_s=0.1"};

TEST_CASE("a page that never ends costs the worker its life, then its models") {
  Daemon daemon({.arguments = kShortPages});
  Client client(daemon);
  uint64_t job = client.submit("hang-on-page=2", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == "page 1: full\npage 2: text layer only\npage 3: full\n");
  CHECK(client.status(job).pages_degraded == std::vector<uint32_t>{2});
  CHECK(client.workers()[0].last_exit.find("page_timeout_s") != std::string::npos);
}

TEST_CASE("a page that never ends is blamed alone, whatever was begun beside it") {
  Daemon daemon({.arguments = kShortPages, .environment = {"FAKE_WORKER=begins-all"}});
  Client client(daemon);
  uint64_t job = client.submit("hang-on-page=2", 4);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == "page 1: full\npage 2: text layer only\npage 3: full\npage 4: full\n");
  CHECK(client.status(job).attempts == 3);
}

TEST_CASE("the same where the worker does not say what it begins") {
  Daemon daemon(
      {.arguments = {"--set", "limits.page_timeout_s=0.2", "--set", "supervision.page_margin_s=0.1",
                     "--set", "supervision.canary_interval_s=0.05"},
       .environment = {"FAKE_WORKER=no-begins"}});
  Client client(daemon);
  uint64_t job = client.submit("hang-on-page=2", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == "page 1: full\npage 2: text layer only\npage 3: full\n");
}

TEST_CASE("a worker that answers nothing any more is killed, and its page is tried again") {
  Daemon daemon({.arguments = {"--set", "supervision.canary_interval_s=0.05", "--set",
                               "supervision.canary_timeout_s=0.05", "--set",
                               "supervision.unresponsive_s=0.3"}});
  Client client(daemon);
  uint64_t job = client.submit("stop-on-page=2", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  CHECK(client.fetch(job) == expected_output(3));
  // The next one is asked anew.
  CHECK(client.wait_until_over(client.submit("slow=30", 10)).state == proto::JobState::kDone);
  CHECK(client.workers()[0].restarts == 1);
}

}  // namespace pdf2md::tests
