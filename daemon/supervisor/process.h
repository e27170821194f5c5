// Child processes. Spawned from the loop's thread only: PR_SET_PDEATHSIG follows the spawning
// thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "daemon/supervisor/exit_status.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {

// A child in a process group of its own, so that a terminal's Ctrl-C does not reach it, and so that
// what it leaves behind can be swept.
class Process {
 public:
  // fork + exec with `control` as descriptor 3, /dev/null as standard input, and standard output
  // joined to standard error. Our environment goes along without NOTIFY_*, LISTEN_* and WATCHDOG_*,
  // and with `more` ("NAME=value") in the place of variables of these names.
  // Errors: kIo, saying which step failed.
  static Result<Process> spawn(const std::string& program,
                               const std::vector<std::string>& arguments,
                               const std::vector<std::string>& more, int control);

  Process() = default;
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();  // kills and reaps what was not reaped, and logs it as the bug that it is

  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  // To the whole group with SIGKILL, to the child alone otherwise.
  void signal(int number);
  // How it ended, once it has. Its group is killed before its pid can be used again.
  std::optional<ExitStatus> reap();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
};

}  // namespace pdf2md::supervisor
