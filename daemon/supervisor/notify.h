// What systemd wants to hear (sd_notify(3)): one datagram, no library.
#pragma once

#include <string>

namespace pdf2md::supervisor {

// Sends "READY=1", "STATUS=..." to NOTIFY_SOCKET. Without one, or where it cannot be reached,
// nothing happens.
void notify_service_manager(const std::string& state);

}  // namespace pdf2md::supervisor
