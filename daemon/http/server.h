// The HTTP side of the gateway. The only file that includes the HTTP library.
#pragma once

#include <string>

#include "proto/fd.h"

namespace pdf2md::http {

struct ServerOptions {
  std::string socket_path;
  uint64_t max_bytes = 256 << 20;  // of a document
  unsigned connections = 16;       // that are served at once
  bool remote = false;             // answers whatever name it is called by
};

// Until SIGTERM or SIGINT; what is under way is finished. False: it could not listen.
bool serve(Fd listening, const ServerOptions& options);
// From a signal handler's thread: no new requests.
void stop_serving();

}  // namespace pdf2md::http
