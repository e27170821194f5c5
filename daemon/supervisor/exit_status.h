// How a child ended: the one place where a wait status is decoded.
#pragma once

#include <string>

#include "daemon/supervisor/lifecycle.h"

namespace pdf2md::supervisor {

struct ExitStatus {
  bool signalled = false;
  int number = 0;  // the signal, or the exit code

  static ExitStatus from_wait(int wait_status);
  Ending ending() const;
  std::string text() const;  // "signal 9 (Killed)", "exit 66 (bad model)"
};

}  // namespace pdf2md::supervisor
