#include "ctl/terminal_guard.h"

#include <curses.h>
#include <signal.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include <initializer_list>
#include <string>

namespace pdf2md::ctl {
namespace {

// For the handler below, which may call nothing of curses.
struct termios g_before;
char g_restore[128];
size_t g_restore_bytes = 0;

// Those that end a program, but for the ones that interrupt.h turns into an orderly end.
constexpr int kDeadly[] = {SIGQUIT, SIGILL,  SIGABRT, SIGBUS,  SIGFPE,
                           SIGSEGV, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU};

void restore_and_die(int signal) {
  ssize_t ignored = ::write(STDOUT_FILENO, g_restore, g_restore_bytes);
  (void)ignored;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &g_before);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

const char* terminfo(const char* name) {
  const char* text = ::tigetstr(const_cast<char*>(name));
  return text == reinterpret_cast<const char*>(-1) ? nullptr : text;
}

// Attributes off, cursor on, the other screen left; without delays for old terminals ("$<2>").
void remember_strings() {
  std::string all;
  for (const char* name : {"sgr0", "cnorm", "rmkx", "rmcup"}) {
    const char* text = terminfo(name);
    if (text != nullptr) all += text;
  }
  for (size_t at = all.find("$<"); at != all.npos; at = all.find("$<", at)) {
    const size_t end = all.find('>', at);
    if (end == all.npos) break;
    all.erase(at, end + 1 - at);
  }
  g_restore_bytes = all.copy(g_restore, sizeof g_restore);
}

}  // namespace

TerminalKind guard_terminal() {
  int problem = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &problem) != 0) return TerminalKind::kUnknown;
  if (terminfo("cup") == nullptr) return TerminalKind::kWithoutCursor;
  ::tcgetattr(STDIN_FILENO, &g_before);
  remember_strings();
  return TerminalKind::kUsable;
}

void restore_terminal_on_death(bool restore) {
  for (int signal : kDeadly) {
    struct sigaction action {};
    action.sa_handler = restore ? restore_and_die : SIG_DFL;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace pdf2md::ctl
