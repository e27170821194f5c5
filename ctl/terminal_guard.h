// The terminal as it was, whatever signal ends a program that uses the whole of it.
#pragma once

namespace pdf2md::ctl {

enum class TerminalKind { kUsable, kUnknown, kWithoutCursor };

// Before the terminal is changed: remembers how it is, and what takes one of its type back.
TerminalKind guard_terminal();

// While true, signals that would kill the program restore the terminal first; SIGKILL cannot be
// caught, and those of interrupt.h end the program in an orderly way.
void restore_terminal_on_death(bool restore);

}  // namespace pdf2md::ctl
