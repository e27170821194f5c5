#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("a death is recorded with its job, page, stage and signal") {
  Daemon daemon;
  Client client(daemon);
  uint64_t job = client.submit("crash-once-on-page=2", 3);
  CHECK(client.wait_until_over(job).state == proto::JobState::kDone);
  proto::DeathList list = client.deaths();
  REQUIRE(list.deaths.size() == 1);
  CHECK(list.total == 1);
  const proto::Death& death = list.deaths[0];
  CHECK(death.job == job);
  CHECK(death.page == 2);
  CHECK(death.stage == "busy");
  CHECK(death.signal == SIGSEGV);
  CHECK(death.exit_text.find("signal 11") == 0);
  CHECK(death.reason == "");
  CHECK(death.device == "cpu");
  CHECK(death.pid > 0);
  CHECK(death.unix_ms > 0);
}

TEST_CASE("the reason of a kill is recorded, and the exit code of a worker that left") {
  Daemon daemon({.arguments = {"--set", "limits.page_timeout_s=0.2", "--set",
                               "supervision.page_margin_s=0.1"}});
  Client client(daemon);
  uint64_t job = client.submit("hang-on-page=1 exit-on-page=2:68", 2);
  client.wait_until_over(job);
  proto::DeathList list = client.deaths();
  bool hung = false, left = false;
  for (const proto::Death& death : list.deaths) {
    if (death.reason.find("takes longer than limits.page_timeout_s") != std::string::npos)
      hung = death.signal == SIGKILL && death.page == 1;
    if (death.exit_code == 68)
      left = death.exit_text == "exit 68 (device fault)" && death.reason.empty();
  }
  CHECK(hung);
  CHECK(left);
}

TEST_CASE("a worker that dies idle, or before it is ready, is recorded as that") {
  Daemon daemon;
  Client client(daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  ::kill(daemon.workers().at(0), SIGKILL);
  CHECK(eventually([&] { return client.deaths().total == 1; }));
  CHECK(client.deaths().deaths[0].stage == "ready");
  CHECK(client.deaths().deaths[0].job == 0);

  Daemon broken({.environment = {"FAKE_WORKER=exit=66"}});
  Client other(broken);
  CHECK(eventually([&] { return other.deaths().total == 1; }));
  CHECK(other.deaths().deaths[0].stage == "spawning");
  CHECK(other.deaths().deaths[0].exit_text == "exit 66 (bad model)");
}

TEST_CASE("a crash loop is what workers and health call it") {
  Daemon daemon({.arguments = {"--set", "supervision.breaker_deaths=3"},
                 .environment = {"FAKE_WORKER=exit=71"}});
  Client client(daemon);
  REQUIRE(eventually([&] { return client.workers()[0].state == "broken"; }));
  CHECK(client.workers()[0].note.find("crash loop: 3 deaths without any work") == 0);
  proto::HealthReport health = client.health();
  CHECK(health.status == "failing");
  CHECK(health.detail.find("crash loop") != std::string::npos);
  CHECK(client.deaths().total == 3);
}

}  // namespace pdf2md::tests
