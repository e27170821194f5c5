// Sockets that the service manager made and handed over (sd_listen_fds(3), systemd.socket(5)).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "daemon/supervisor/config.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {

// How many descriptors, from 3 on, LISTEN_FDS hands to the process `pid`; 0 where it hands none, or
// where LISTEN_PID names another process. Pure. Errors: kBadConfig, where the variables make no
// sense.
Result<int> handed_descriptors(const GetEnvironment& getenv, pid_t pid);

struct HandedSocket {
  Fd fd;
  std::string path;  // what it is bound to, for messages
};

// The listening socket among them, close-on-exec and non-blocking; nothing if none was handed over.
// Errors: kBadConfig, where there is more than one, or it is no listening Unix stream socket.
Result<std::optional<HandedSocket>> take_handed_socket(const GetEnvironment& getenv);

}  // namespace pdf2md::supervisor
