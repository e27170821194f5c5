#include "daemon/http/listen_address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace pdf2md::http {
namespace {

constexpr int kBacklog = 128;
constexpr int kFirstHandedFd = 3;

Error bad_address(const std::string& text) {
  return {ErrorCode::kBadOptions, "\"" + text + "\" is no address to listen on",
          "ADDRESS:PORT in numbers, such as 127.0.0.1:8067 or [::1]:8067"};
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return bad_address(text);
  std::string host = text.substr(0, colon);
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data() + colon + 1, end, port);
  if (problem != std::errc() || rest != end || colon + 1 == text.size()) return bad_address(text);
  ListenAddress address;
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six.sin6_addr) != 1)
      return bad_address(text);
    std::memcpy(&address.storage, &six, sizeof six);
    address.size = sizeof six;
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) != 1) return bad_address(text);
    std::memcpy(&address.storage, &four, sizeof four);
    address.size = sizeof four;
  }
  return address;
}

bool is_loopback(const ListenAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address.storage, sizeof four);
    return (ntohl(four.sin_addr.s_addr) >> 24) == 127;
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &address.storage, sizeof six);
  return address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

std::string text_of(const ListenAddress& address) {
  char host[INET6_ADDRSTRLEN] = "?";
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address.storage, sizeof four);
    ::inet_ntop(AF_INET, &four.sin_addr, host, sizeof host);
    return std::string(host) + ":" + std::to_string(ntohs(four.sin_port));
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &address.storage, sizeof six);
  ::inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof host);
  return "[" + std::string(host) + "]:" + std::to_string(ntohs(six.sin6_port));
}

bool names_this_machine(std::string_view host_header) {
  const size_t bracket = host_header.find(']');
  const size_t colon = host_header.find(':', bracket == host_header.npos ? 0 : bracket);
  const std::string_view host = host_header.substr(0, colon);
  if (host == "localhost" || host == "[::1]") return true;
  in_addr four{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &four) == 1 &&
         (ntohl(four.s_addr) >> 24) == 127;
}

Result<Fd> listen_on(const ListenAddress& address) {
  Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    return io_error("listening on " + text_of(address));
  return fd;
}

Result<Handed> handed_socket() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  Handed handed;
  if (pid == nullptr || count == nullptr || std::atoi(pid) != ::getpid()) return handed;
  int listening = 0;
  socklen_t length = sizeof listening;
  handed.address.size = sizeof handed.address.storage;
  const bool good =
      std::string(count) == "1" &&
      ::getsockopt(kFirstHandedFd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 &&
      listening != 0 &&
      ::getsockname(kFirstHandedFd, reinterpret_cast<sockaddr*>(&handed.address.storage),
                    &handed.address.size) == 0 &&
      (handed.address.storage.ss_family == AF_INET || handed.address.storage.ss_family == AF_INET6);
  if (!good) {
    return Error{ErrorCode::kBadOptions, "what was handed over is not one listening TCP socket",
                 "the socket unit needs exactly one ListenStream=ADDRESS:PORT"};
  }
  ::fcntl(kFirstHandedFd, F_SETFD, FD_CLOEXEC);
  handed.fd = Fd(kFirstHandedFd);
  return handed;
}

}  // namespace pdf2md::http
