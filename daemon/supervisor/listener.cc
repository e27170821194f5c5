#include "daemon/supervisor/listener.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "daemon/supervisor/activation.h"
#include "daemon/supervisor/spool.h"
#include "proto/log.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace pdf2md::supervisor {
namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr int64_t kRetryMs = 200;  // after running out of descriptors

struct sockaddr_un address_of(const std::string& path) {
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  return address;
}

// Makes way for a new socket at `path`. The lock is held, so what lies there is no living pdf2mdd's
// of this kind.
Status clear_the_way(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return Ok{};
    return io_error("cannot look at " + path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Error{ErrorCode::kIo, path + " exists and is not a socket",
                 "remove it, or set another socket.path"};
  }
  Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  struct sockaddr_un address = address_of(path);
  int connected =
      ::connect(probe.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address);
  if (connected == 0 || errno == EAGAIN) {
    struct ucred holder {};
    socklen_t size = sizeof holder;
    ::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &holder, &size);
    return Error{ErrorCode::kBusy, path + " is in use by process " + std::to_string(holder.pid),
                 "stop that one, or set another socket.path"};
  }
  log(LogLevel::kInfo, "replacing a stale socket", {{"path", path}});
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return io_error("cannot remove the stale socket " + path);
  return Ok{};
}

Peer peer_of(int socket) {
  Peer peer;
  struct ucred credentials {};
  socklen_t size = sizeof credentials;
  credentials.uid = static_cast<uid_t>(-1);
  ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  std::vector<gid_t> groups(256);
  size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) size = 0;
  groups.resize(size / sizeof(gid_t));
  groups.push_back(credentials.gid);
  peer.groups = std::move(groups);
  return peer;
}

}  // namespace

Result<gid_t> group_id(const std::string& name) {
  if (struct group* entry = ::getgrnam(name.c_str())) return gid_t{entry->gr_gid};
  if (!name.empty() &&
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return static_cast<gid_t>(std::strtoul(name.c_str(), nullptr, 10));
  }
  return Error{ErrorCode::kBadConfig, "there is no group \"" + name + "\"",
               "see socket.group and socket.admin_group"};
}

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop, const Config& config,
                                                 OnClient on_client) {
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(on_client)));
  Result<std::optional<HandedSocket>> handed =
      take_handed_socket([](const char* name) -> const char* { return std::getenv(name); });
  if (!handed) return handed.error();
  if (*handed) {
    listener->socket_ = std::move((*handed)->fd);
    listener->path_ = std::move((*handed)->path);
    log(LogLevel::kInfo, "serving the socket of the service manager", {{"path", listener->path_}});
  } else {
    Status bound = listener->bind_own(config);
    if (!bound) return bound.error();
  }
  Listener* raw = listener.get();
  listener->watch_ = std::make_unique<FdWatch>(loop, listener->socket_.get(),
                                               [raw](bool, bool) { raw->accept_some(); });
  listener->watch_->want(true, false);
  return listener;
}

Status Listener::bind_own(const Config& config) {
  const std::string& path = config.socket.path;
  Status made = make_folders(std::filesystem::path(path).parent_path().string());
  if (!made) return made.error();
  Result<Fd> lock = take_lock(path + ".lock", "the socket " + path);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  Status clear = clear_the_way(path);
  if (!clear) return clear.error();

  socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.valid()) return io_error("cannot make a socket");
  struct sockaddr_un address = address_of(path);
  mode_t old_mask = ::umask(0177);  // nobody else until it has its mode
  int bound = ::bind(socket_.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address);
  Error bind_error = bound == 0 ? Error{} : io_error("cannot bind the socket " + path);
  ::umask(old_mask);
  if (bound != 0) return bind_error;
  struct stat info {};
  ::lstat(path.c_str(), &info);
  path_ = path;
  ours_ = true;
  device_ = info.st_dev;
  inode_ = info.st_ino;
  if (!config.socket.group.empty()) {
    Result<gid_t> group = group_id(config.socket.group);
    if (!group) return group.error();
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return io_error("cannot give " + path + " to the group " + config.socket.group);
    }
  }
  if (::chmod(path.c_str(), config.socket.mode) != 0)
    return io_error("cannot set the mode of " + path);
  if (::listen(socket_.get(), SOMAXCONN) != 0) return io_error("cannot listen on " + path);
  return Ok{};
}

Listener::~Listener() {
  watch_.reset();
  struct stat info {};
  bool removes = ours_ && ::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
                 info.st_ino == inode_;
  if (removes) ::unlink(path_.c_str());
}

void Listener::pause(bool paused) {
  paused_ = paused;
  watch_->want(!paused, false);
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn && !paused_; ++i) {
    int accepted = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) {
      Fd client(accepted);
      Peer peer = peer_of(client.get());
      on_client_(std::move(client), std::move(peer));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    // Out of descriptors: the client waits in the backlog, and so does everybody else for a moment.
    log(LogLevel::kWarning, io_error("cannot accept a client").message);
    watch_->want(false, false);
    retry_.once(kRetryMs, [this] { watch_->want(!paused_, false); });
    return;
  }
}

}  // namespace pdf2md::supervisor
