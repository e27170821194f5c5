#include "daemon/supervisor/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "proto/fd.h"

namespace pdf2md::supervisor {

void notify_service_manager(const std::string& state) {
  const char* path = ::getenv("NOTIFY_SOCKET");
  struct sockaddr_un address {};
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<struct sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(struct sockaddr_un, sun_path) + length));
}

}  // namespace pdf2md::supervisor
