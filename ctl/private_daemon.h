// A daemon of one's own, started when none is there; it leaves when it has been idle for a while.
#pragma once

#include <string>

#include "ctl/connection.h"
#include "ctl/reporter.h"

namespace pdf2md::ctl {

constexpr int kIdleExitSeconds = 300;

// Where its files lie. Made from the environment; nothing is created.
struct PrivatePlaces {
  std::string runtime_folder;  // $XDG_RUNTIME_DIR/pdf2md, or /tmp/pdf2md-UID/pdf2md
  std::string socket;          // in it: private.sock
  std::string lock;            // in it: private.lock, held while a daemon is being started
  std::string state_folder;    // $XDG_STATE_HOME/pdf2md/private, or ~/.local/state/pdf2md/private
  std::string log;             // in it: pdf2mdd.log
};
PrivatePlaces private_places();

// The folder exists, is no link, belongs to this user and is closed to all others. Errors: kIo.
Status check_private_folder(const std::string& folder);

// Connects to the private daemon that is there. Errors: as Connection::open; kIo where the folder
// cannot be trusted.
Result<Connection> connect_private(const PrivatePlaces& places);

// Connects, and starts one first where none is there, or an idle one of another build is. Of
// several programs that do this at once, one starts it and the others wait. Errors: kNoDaemon with
// the end of the daemon's log; kIo; kCancelled.
Result<Connection> connect_or_start_private(const PrivatePlaces& places, Reporter& reporter);

}  // namespace pdf2md::ctl
