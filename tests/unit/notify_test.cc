#include "daemon/supervisor/notify.h"

#include <catch2/catch.hpp>
#include <map>

namespace pdf2md::supervisor {
namespace {

NotifyRequest asked(const std::map<std::string, std::string>& variables) {
  return notify_request(
      [&variables](const char* name) -> const char* {
        auto at = variables.find(name);
        return at == variables.end() ? nullptr : at->second.c_str();
      },
      7);
}

bool says(const std::string& text, const std::string& line) {
  return ("\n" + text + "\n").find("\n" + line + "\n") != std::string::npos;
}

ServiceState serving() {
  ServiceState state;
  state.was_ready = true;
  state.status = "1 worker";
  return state;
}

TEST_CASE("notify: what the manager asks for") {
  CHECK(asked({}).socket.empty());
  CHECK(asked({{"NOTIFY_SOCKET", "relative"}}).socket.empty());
  CHECK(asked({{"NOTIFY_SOCKET", "@abstract"}}).socket == "@abstract");
  std::map<std::string, std::string> variables = {{"NOTIFY_SOCKET", "/n"},
                                                  {"WATCHDOG_USEC", "20000000"}};
  CHECK(asked(variables).watchdog_ms == 20'000);
  variables["WATCHDOG_PID"] = "7";
  CHECK(asked(variables).ping_ms() == 10'000);
  variables["WATCHDOG_PID"] = "8";
  CHECK(asked(variables).watchdog_ms == 0);
  variables = {{"NOTIFY_SOCKET", "/n"}, {"WATCHDOG_USEC", "soon"}};
  CHECK(asked(variables).watchdog_ms == 0);
}

TEST_CASE("notify: nobody listens, nothing is said") {
  Notifier notifier{NotifyRequest{}};
  CHECK(notifier.due(serving(), 0).empty());
}

TEST_CASE("notify: READY once, and only after a worker has run its models") {
  Notifier notifier{NotifyRequest{"/n", 0}};
  ServiceState state;
  state.starting = true;
  state.status = "starting: 1 worker";
  std::string first = notifier.due(state, 1000);
  CHECK(says(first, "EXTEND_TIMEOUT_USEC=30000000"));
  CHECK(says(first, "STATUS=starting: 1 worker"));
  CHECK_FALSE(says(first, "READY=1"));
  CHECK(notifier.due(state, 2000).empty());
  CHECK(notifier.due(state, 11'000) == "EXTEND_TIMEOUT_USEC=30000000");
  state = serving();
  CHECK(notifier.due(state, 12'000) == "READY=1\nSTATUS=1 worker");
  state.starting = true;  // a later worker is not a start of the service
  CHECK(notifier.due(state, 60'000).empty());
}

TEST_CASE("notify: a start that nobody works at is not given more time") {
  Notifier notifier{NotifyRequest{"/n", 0}};
  CHECK(notifier.due(ServiceState{}, 0).empty());
}

TEST_CASE("notify: the watchdog is fed at half its time, while health deserves it") {
  Notifier notifier{NotifyRequest{"/n", 20'000}};
  ServiceState state = serving();
  CHECK(says(notifier.due(state, 0), "WATCHDOG=1"));
  CHECK(notifier.due(state, 5'000).empty());
  CHECK(notifier.due(state, 10'000) == "WATCHDOG=1");
  state.healthy = false;
  CHECK(notifier.due(state, 20'000).empty());
  CHECK(notifier.due(state, 40'000).empty());
  state.healthy = true;
  CHECK(notifier.due(state, 41'000) == "WATCHDOG=1");
}

TEST_CASE("notify: the status follows, but does not babble") {
  Notifier notifier{NotifyRequest{"/n", 0}};
  ServiceState state = serving();
  notifier.due(state, 0);
  state.status = "2 workers";
  CHECK(notifier.due(state, 500).empty());
  CHECK(notifier.due(state, Notifier::kStatusMs) == "STATUS=2 workers");
}

TEST_CASE("notify: stopping, with the time that it may take") {
  Notifier notifier{NotifyRequest{"/n", 0}};
  notifier.due(serving(), 0);
  ServiceState state = serving();
  state.stopping = true;
  state.stop_within_ms = 36'000;
  state.status = "Stopping";
  CHECK(notifier.due(state, 100) == "STOPPING=1\nEXTEND_TIMEOUT_USEC=36000000\nSTATUS=Stopping");
  CHECK(notifier.due(state, 200).empty());
}

TEST_CASE("notify: a reload is told once the service is ready") {
  Notifier notifier{NotifyRequest{"/n", 0}};
  CHECK(notifier.reloading(5).empty());
  notifier.due(serving(), 0);
  CHECK(notifier.reloading(5) == "RELOADING=1\nMONOTONIC_USEC=5");
  CHECK(notifier.reloaded() == "READY=1");
}

}  // namespace
}  // namespace pdf2md::supervisor
