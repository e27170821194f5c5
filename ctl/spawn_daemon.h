// Starts pdf2mdd as a program of its own: it outlives the caller, its terminal and its pipes.
#pragma once

#include "ctl/private_daemon.h"

namespace pdf2md::ctl {

// PDF2MD_DAEMON, or pdf2mdd beside this program, or in ../sbin.
std::string daemon_program();

// The build id that the program says it has (--version); empty where it does not say.
std::string daemon_build();

// Returns when the daemon listens on places.socket. Errors: kNoDaemon (no such program, or it
// ended: with the end of its log), kTimedOut, kIo, kCancelled.
Status spawn_daemon(const PrivatePlaces& places);

}  // namespace pdf2md::ctl
