// For the process tests: the real pdf2mdd with the fake worker, in a folder of its own, and clients
// of it.
#pragma once

#include <sys/types.h>

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/admin_messages.h"
#include "proto/channel.h"
#include "proto/service_messages.h"

namespace pdf2md::tests {

// Nothing is waited for longer than this; what comes in time is not timed.
constexpr int kGenerousMs = 30'000;

// A folder below /tmp that goes when it goes out of scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Ended {
  bool signalled = false;
  int number = 0;
};

class Daemon {
 public:
  struct Setup {
    std::vector<std::string> arguments = {};    // added to those that every test needs
    std::vector<std::string> environment = {};  // "NAME=value"
    std::string folder = {};                    // of socket and state; "": one of its own
    bool wait_until_serving = true;
    int listening = -1;  // a socket to hand over, as a service manager does
  };
  Daemon();  // with one worker
  explicit Daemon(const Setup& setup);
  ~Daemon();  // kills it, if it still runs

  pid_t pid() const { return pid_; }
  const std::string& folder() const { return folder_; }
  std::string socket() const { return folder_ + "/socket"; }
  std::string state() const { return folder_ + "/state"; }
  bool serving() const { return serving_; }

  void signal(int number);
  Ended wait();
  // What it wrote to standard error so far.
  std::string log() const;
  std::vector<pid_t> workers();  // running ones, by WORKERS
  // Names in STATE/jobs.
  std::vector<std::string> job_folders() const;

 private:
  TemporaryFolder own_;
  std::string folder_;
  pid_t pid_ = 0;
  bool serving_ = false;
};

// A client; also of the kind that does what a sound one would not.
class Client {
 public:
  explicit Client(const Daemon& daemon) : Client(daemon.socket()) {}
  explicit Client(const std::string& socket, bool greet = true);

  template <class Body>
  void send(const Body& body) {
    REQUIRE(channel_.send(body, kGenerousMs).ok());
  }
  void send_raw(const std::string& bytes);
  // The next message that is no EVENT.
  proto::Message receive();
  // The next one must be this.
  template <class Body>
  Body expect() {
    proto::Message message = receive();
    INFO("message " << message.type << ": " << error_text(message));
    REQUIRE(message.type == Body::kType);
    Result<Body> body = proto::body_of<Body>(message);
    REQUIRE(body.ok());
    return *body;
  }
  // ERROR, with this code.
  proto::ErrorReply expect_error(ErrorCode code);
  // The daemon has closed the connection.
  bool closed();

  uint64_t submit(const std::string& name, int pages, bool attached = false);
  // Without waiting for an answer.
  void start_submit(const proto::JobOptions& options, const std::string& document, bool attached);
  // Waits until an event of the job satisfies `wanted`. Asks to watch it first.
  proto::Event wait_for(uint64_t job, const std::function<bool(const proto::Event&)>& wanted);
  proto::Event wait_until_over(uint64_t job);
  proto::JobInfo status(uint64_t job);
  std::string fetch(uint64_t job, const std::string& output = "md");
  proto::HealthReport health();
  std::vector<proto::WorkerInfo> workers();
  std::string metrics();
  // A request of an administrator that POOL answers.
  template <class Request>
  proto::Pool operate(const Request& request) {
    send(request);
    return expect<proto::Pool>();
  }
  proto::Reloaded reload();
  proto::DeathList deaths();

  proto::Channel& channel() { return channel_; }

 private:
  static std::string error_text(const proto::Message& message);
  proto::Channel channel_;
};

// Runs `condition` until it holds; false after kGenerousMs.
bool eventually(const std::function<bool()>& condition);

// A program, run to its end: exit code and what it wrote.
struct Output {
  int exit_code = -1;
  std::string text;  // standard output and standard error
};
Output run_daemon(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment = {});

std::string program(const std::string& name);  // build/bin/NAME

// "page 1: full\n" … as the fake worker writes it.
std::string expected_output(int pages);

}  // namespace pdf2md::tests
