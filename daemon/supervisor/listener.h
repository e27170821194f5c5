// The socket that clients connect to.
#pragma once

#include <sys/types.h>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/supervisor/config.h"
#include "daemon/supervisor/event_loop.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {

// Who connected, as of connect().
struct Peer {
  pid_t pid = 0;  // for the log
  uid_t uid = 0;
  std::vector<gid_t> groups;
};

// The number of a group by name or number. Errors: kBadConfig.
Result<gid_t> group_id(const std::string& name);

class Listener {
 public:
  using OnClient = std::function<void(Fd socket, Peer peer)>;

  // Serves the socket that the service manager handed over, if it did: its path, mode and owner are
  // the manager's, and it stays when we leave. Else takes PATH.lock, replaces a stale socket, binds
  // and listens. A socket that somebody listens on is never touched, nor is anything that is not a
  // socket. Errors: kBusy (naming the holder), kIo, kBadConfig.
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, const Config& config,
                                                OnClient on_client);
  // Removes the socket, if it still is ours.
  ~Listener();

  // While paused, clients wait in the kernel's backlog.
  void pause(bool paused);
  // Where clients find it.
  const std::string& path() const { return path_; }

 private:
  Listener(EventLoop& loop, OnClient on_client)
      : loop_(loop), on_client_(std::move(on_client)), retry_(loop) {}
  // Makes the socket at config.socket.path.
  Status bind_own(const Config& config);
  void accept_some();

  EventLoop& loop_;
  OnClient on_client_;
  Fd lock_;
  Fd socket_;
  std::string path_;
  bool ours_ = false;  // made by us, and so to be removed
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::unique_ptr<FdWatch> watch_;
  Timer retry_;
  bool paused_ = false;
};

}  // namespace pdf2md::supervisor
