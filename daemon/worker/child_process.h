// A confined program of this worker's, pdf2md-reader or pdf2md-script-reader, and the conversation
// with it: one request at a time, over a socket that is its descriptor 3.
//
// Not thread-safe but for interrupt(): each page thread owns its own. A child that died, hung or
// lied is replaced by calling start() again; nothing of the old one is left (it is killed and
// reaped).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/channel.h"
#include "proto/messages.h"

namespace pdf2md::worker {

class ChildProcess {
 public:
  // program: its absolute path. name: what messages call it ("reader"). environment: "NAME=VALUE",
  // added to this process's own.
  ChildProcess(std::string program, std::string name, std::vector<std::string> environment = {})
      : program_(std::move(program)),
        name_(std::move(name)),
        environment_(std::move(environment)) {}
  ~ChildProcess();  // kills and reaps
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // fork + exec, and waits for its READER_HELLO; kills a former one first. The child asks to be
  // killed when the *thread* that called start() ends (PR_SET_PDEATHSIG), and leaves when its
  // socket closes: call start() from a thread that lives as long as the child is needed. Several
  // of them in several threads do not disturb each other.
  Status start();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  pid_t last_pid() const { return last_pid_; }             // also of one that is gone
  const std::string& sandbox() const { return sandbox_; }  // of the last one that was started
  void kill();
  // What is said of one that runs out of memory.
  void note_memory_limit(uint64_t bytes) { memory_bytes_ = bytes; }

  // From now on ask() gives kCancelled where this is true. Null: never.
  void watch(const std::atomic<bool>* abandoned);
  // From any thread, after setting what is watched: ends a call that is under way, by killing the
  // child. Where none is under way, nothing happens.
  void interrupt();

  // Sends a frame, and a descriptor if with_fd ≥ 0; the answer is of type `expected`. An error that
  // the child reports leaves it running. Where it died (kWorkerDied: "reader killed by signal 11
  // (segmentation fault)"; kOutOfMemory), took too long (kPageTimedOut) or sent what it must not
  // (kBadMessage), it is killed and reaped, and running() is false.
  Result<proto::Message> ask(const std::string& frame, uint16_t expected, int timeout_ms,
                             int with_fd = -1);
  // The one descriptor that came with the last answer: a sealed memfd of so many bytes, not empty.
  // Errors: kBadMessage, and the child is killed.
  Result<Fd> take_memfd(uint64_t bytes);
  // Ends the child after `cause`, and says what happened.
  Error dead(const Error& cause);
  // The child broke its side of the conversation: "reader " + what. It is killed.
  Error lied(const std::string& what);

 private:
  Status greet();
  Result<proto::Message> receive(int timeout_ms);
  Result<proto::Message> exchange(const std::string& frame, uint16_t expected, int timeout_ms,
                                  int with_fd);
  Error end_of(int status) const;
  bool is_abandoned() const { return abandoned_ != nullptr && *abandoned_; }

  const std::string program_;
  const std::string name_;
  const std::vector<std::string> environment_;
  std::mutex mutex_;  // for interrupt(): of the three below, whose other writer is the owner
  pid_t pid_ = -1;
  bool busy_ = false;
  const std::atomic<bool>* abandoned_ = nullptr;
  pid_t last_pid_ = -1;
  std::string sandbox_;
  std::unique_ptr<proto::Channel> channel_;
  uint64_t memory_bytes_ = 0;
};

}  // namespace pdf2md::worker
