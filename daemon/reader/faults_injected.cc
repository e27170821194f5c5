// For tests only. In the environment:
//   PDF2MD_READER_SANDBOX=off          the reader does not lock itself down
//   PDF2MD_READER_FAULT=KIND:PAGE      whenever this page is read: crash (SIGSEGV), hang, bloat
//                                      (allocates until its memory limit), starve (one request
//                                      for memory fails, and nothing is said of it), socket,
//                                      write, exec (what the sandbox forbids; a refusal ends the
//                                      reader with exit code kRefused, a success with kAllowed)
#include "daemon/reader/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace pdf2md::reader {
namespace {

constexpr int kRefused = 10;
constexpr int kAllowed = 11;

void leave(bool refused) {
  ::_exit(refused ? kRefused : kAllowed);
}

void bloat() {
  std::vector<std::string> held;
  for (;;) held.emplace_back(size_t{16} << 20, 'x');
}

// Want of memory that whoever asked for it says nothing of.
void starve() {
  struct rlimit limit {};
  ::getrlimit(RLIMIT_AS, &limit);
  const rlim_t whole = limit.rlim_cur;
  limit.rlim_cur = 4096;
  ::setrlimit(RLIMIT_AS, &limit);
  void* volatile memory = std::malloc(size_t{64} << 20);
  std::free(memory);
  limit.rlim_cur = whole;
  ::setrlimit(RLIMIT_AS, &limit);
}

}  // namespace

bool wants_sandbox() {
  const char* wanted = std::getenv("PDF2MD_READER_SANDBOX");
  return wanted == nullptr || std::strcmp(wanted, "off") != 0;
}

void fault_at_page(uint32_t page) {
  const char* text = std::getenv("PDF2MD_READER_FAULT");
  if (text == nullptr) return;
  const std::string fault = text;
  const size_t colon = fault.find(':');
  if (colon == fault.npos || fault.substr(colon + 1) != std::to_string(page)) return;
  const std::string kind = fault.substr(0, colon);
  if (kind == "crash") ::raise(SIGSEGV);
  if (kind == "hang") {
    for (;;) ::sleep(1000);
  }
  if (kind == "bloat") bloat();
  if (kind == "starve") starve();
  if (kind == "socket") leave(::socket(AF_INET, SOCK_STREAM, 0) < 0);
  if (kind == "write") leave(::open("/tmp/pdf2md-reader-test", O_WRONLY | O_CREAT, 0600) < 0);
  if (kind == "exec") {
    const char* arguments[] = {"/bin/true", nullptr};
    ::execv(arguments[0], const_cast<char* const*>(arguments));
    leave(true);
  }
}

}  // namespace pdf2md::reader
