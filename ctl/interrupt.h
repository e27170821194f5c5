// Signals as file descriptors, so that every wait ends when the person has had enough.
//
// In a batch, after let_finish_first(), the first SIGINT only asks to begin nothing new; it ends no
// wait but those for a turn. All others count from the next one.
//
// The first SIGINT, SIGTERM or SIGHUP asks for an orderly end (the jobs are cancelled); the second
// one hurries (no more waiting for answers); the third one kills. A reader of standard output that
// went away counts as a SIGPIPE. The program ends by the same signal in the end, so that a shell
// sees 130, 143 or 141 and stops its own loop.
#pragma once

#include <poll.h>

namespace pdf2md::ctl {

enum class Wake { kReady, kTimedOut, kInterrupted };

enum class Patience {
  kNormal,    // the first signal ends the wait
  kStubborn,  // only the second one does: for the answer to CANCEL
  kIdle,      // also the wish to begin nothing new does: nothing is under way
};

// Once, before any thread is started.
void install_signal_handlers();

// From here on the first SIGINT asks for what runs to be finished and nothing else to be begun.
void let_finish_first();
// That was asked for, or more.
bool asked_to_finish();

// 0: nothing happened; otherwise the signal to end by.
int interrupted_by();
// As if the signal had come.
void interrupt_with(int signal);
// From here on a closed standard output interrupts every wait.
void watch_standard_output();

// Waits until fd has one of the poll events. timeout_ms < 0: no deadline. fd < 0: only waits.
Wake wait_on(int fd, short events, int timeout_ms, Patience patience = Patience::kNormal);

// Ends the program by the signal it was interrupted with.
[[noreturn]] void die_of_interrupt();

}  // namespace pdf2md::ctl
