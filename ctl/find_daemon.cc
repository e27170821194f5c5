#include "ctl/find_daemon.h"

#include <unistd.h>

#include "ctl/private_daemon.h"

namespace pdf2md::ctl {

Result<Connection> find_daemon(const Options& options, bool may_start, Reporter& reporter) {
  if (!options.socket.empty()) {
    Result<Connection> named = Connection::open(options.socket);
    if (!named && named.error().code == ErrorCode::kNoDaemon && named.error().hint.empty()) {
      named.error().hint = "start it: pdf2mdd --socket " + options.socket;
    }
    return named;
  }
  Result<Connection> system = Connection::open(kSystemSocket);
  if (system || system.error().code == ErrorCode::kCancelled) return system;
  // A daemon that is there and cannot be used is worth a word; one that is not there is not.
  bool there = ::access(kSystemSocket, F_OK) == 0;
  if (there) reporter.note(to_string(system.error()) + "; looking for a private daemon");

  PrivatePlaces places = private_places();
  // A service of one's own (systemctl --user) comes before a daemon that would have to be started.
  std::string own_service = places.runtime_folder + "/pdf2md.sock";
  if (::access(own_service.c_str(), F_OK) == 0 && check_private_folder(places.runtime_folder)) {
    Result<Connection> service = Connection::open(own_service);
    if (service || service.error().code == ErrorCode::kCancelled) return service;
    reporter.note(to_string(service.error()) + "; looking for a private daemon");
  }
  if (may_start) return connect_or_start_private(places, reporter);
  Result<Connection> own = connect_private(places);
  if (own || own.error().code != ErrorCode::kNoDaemon) return own;
  return Error{ErrorCode::kNoDaemon,
               std::string("no daemon is running: nothing answers on ") + kSystemSocket + " or " +
                   places.socket,
               "start pdf2mdd, or name its socket with --socket; \"pdf2mdctl convert\" starts a "
               "private one"};
}

}  // namespace pdf2md::ctl
