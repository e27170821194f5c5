#include "daemon/supervisor/activation.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace pdf2md::supervisor {
namespace {

constexpr int kFirstHanded = 3;
constexpr int kMostHanded = 1024;

Error wrong(const std::string& what) {
  return Error{ErrorCode::kBadConfig, what,
               "pdf2mdd takes one ListenStream= with a path, see pdf2mdd.socket"};
}

std::optional<long> number_in(const char* text) {
  long number = 0;
  const char* end = text + std::strlen(text);
  auto [stop, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

int option_of(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// Where it is bound; "" for what has no name.
std::string path_of(int fd) {
  struct sockaddr_un address {};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<struct sockaddr*>(&address), &size) != 0) return "";
  size_t length = size - std::min<size_t>(size, offsetof(struct sockaddr_un, sun_path));
  std::string path(address.sun_path, std::min(length, sizeof address.sun_path));
  if (!path.empty() && path[0] == '\0') return "@" + path.substr(1);  // the abstract namespace
  return path.substr(0, path.find('\0'));
}

}  // namespace

Result<int> handed_descriptors(const GetEnvironment& getenv, pid_t pid) {
  const char* for_pid = getenv("LISTEN_PID");
  const char* count = getenv("LISTEN_FDS");
  if (for_pid == nullptr || count == nullptr) return 0;
  std::optional<long> pid_number = number_in(for_pid);
  if (!pid_number || *pid_number <= 0)
    return wrong("LISTEN_PID=\"" + std::string(for_pid) + "\" is not a process");
  if (*pid_number != pid) return 0;
  std::optional<long> number = number_in(count);
  if (!number || *number < 0 || *number > kMostHanded)
    return wrong("LISTEN_FDS=\"" + std::string(count) + "\" is not a number of descriptors");
  return static_cast<int>(*number);
}

Result<std::optional<HandedSocket>> take_handed_socket(const GetEnvironment& getenv) {
  Result<int> count = handed_descriptors(getenv, ::getpid());
  if (!count) return count.error();
  if (*count == 0) return std::optional<HandedSocket>();
  if (*count > 1) return wrong(std::to_string(*count) + " sockets were handed over");
  int fd = kFirstHanded;
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return wrong("descriptor 3 is not open");
  bool fits = option_of(fd, SO_DOMAIN) == AF_UNIX && option_of(fd, SO_TYPE) == SOCK_STREAM &&
              option_of(fd, SO_ACCEPTCONN) == 1;
  if (!fits) return wrong("descriptor 3 is not a listening Unix stream socket");
  if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return io_error("cannot use the socket handed over");
  return std::optional<HandedSocket>(HandedSocket{Fd(fd), path_of(fd)});
}

}  // namespace pdf2md::supervisor
