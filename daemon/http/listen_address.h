// Where the gateway listens: this machine alone, unless it is told otherwise.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "proto/fd.h"

namespace pdf2md::http {

// "127.0.0.1:8067", "[::1]:8067": numbers only, so that nothing is asked of a name server.
struct ListenAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
// Errors: kBadOptions.
Result<ListenAddress> parse_listen_address(const std::string& text);
bool is_loopback(const ListenAddress& address);
std::string text_of(const ListenAddress& address);

// What a browser calls the machine it runs on: "localhost:8067", "127.0.0.1", "[::1]:8067". A page of
// another site, whose name was made to lead here, says that name.
bool names_this_machine(std::string_view host_header);

// A listening socket. Errors: kIo.
Result<Fd> listen_on(const ListenAddress& address);

struct Handed {
  Fd fd;  // not valid: none was handed over
  ListenAddress address;
};
// The socket that the service manager made (sd_listen_fds(3)). Errors: kBadOptions where it is no
// listening TCP socket, or not the only one.
Result<Handed> handed_socket();

}  // namespace pdf2md::http
