#include "ctl/private_daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "ctl/spawn_daemon.h"
#include "ctl/text.h"
#include "proto/service_messages.h"
#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

constexpr int kRetryMs = 50;
constexpr int kLeaveMs = 15'000;  // for an idle daemon of another build to end

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Folders that other people could write to are of no use; a runtime folder of another user is what
// `su` leaves behind in the environment.
bool is_own_folder(const std::string& path) {
  struct stat info {};
  return !path.empty() && path[0] == '/' && ::stat(path.c_str(), &info) == 0 &&
         S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

Status make_private_folder(const std::string& folder) {
  for (size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
    std::string part = folder.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return io_error(part + ": cannot make this folder");
    }
    if (slash == std::string::npos) break;
  }
  return check_private_folder(folder);
}

Error interrupted() {
  return Error{ErrorCode::kCancelled, "interrupted", ""};
}

// Waits for the lock; the kernel frees it when its holder dies.
Result<Fd> take_lock(const std::string& path, Reporter& reporter) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return io_error(path);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return io_error(path);
    reporter.status("waiting for the daemon that another pdf2mdctl is starting");
    if (wait_on(-1, 0, kRetryMs) == Wake::kInterrupted) return interrupted();
  }
  return fd;
}

// An idle daemon of another build is asked to leave, so that a new build is used at once.
// True: it is gone.
Result<bool> replace_outdated(Connection connection, Reporter& reporter) {
  Result<proto::HealthReport> health =
      connection.request<proto::HealthReport>(proto::HealthRequest());
  if (!health) return health.error();
  // What would be started in its place may be no other (a daemon named by PDF2MD_DAEMON, say).
  if (daemon_build() == connection.welcome().build_id) return false;
  int pid = connection.peer_pid();
  if (health->queue_length > 0 || health->workers_busy > 0 || pid <= 0) {
    reporter.note("the private daemon that is running is of another build (" +
                  printable(connection.welcome().build_id) + "), and is busy: it is used as it is");
    return false;
  }
  reporter.detail("replacing the idle private daemon of another build");
  if (::kill(pid, SIGTERM) != 0) return false;
  for (int waited = 0; waited < kLeaveMs; waited += kRetryMs) {
    Result<Connection> still = Connection::open(connection.path());
    if (!still && still.error().code == ErrorCode::kCancelled) return still.error();
    if (!still && still.error().code == ErrorCode::kNoDaemon) return true;
    if (wait_on(-1, 0, kRetryMs) == Wake::kInterrupted) return interrupted();
  }
  return false;
}

bool same_build(const Connection& connection) {
  return connection.welcome().build_id == build_id();
}

}  // namespace

PrivatePlaces private_places() {
  std::string uid = std::to_string(::geteuid());
  std::string runtime = variable("XDG_RUNTIME_DIR");
  if (!is_own_folder(runtime)) runtime = "/tmp/pdf2md-" + uid;
  PrivatePlaces places;
  places.runtime_folder = runtime + "/pdf2md";
  places.socket = places.runtime_folder + "/private.sock";
  places.lock = places.runtime_folder + "/private.lock";
  std::string state = variable("XDG_STATE_HOME");
  if (state.empty() && is_own_folder(variable("HOME"))) state = variable("HOME") + "/.local/state";
  if (state.empty() || state[0] != '/') state = runtime + "/state";
  places.state_folder = state + "/pdf2md/private";
  places.log = places.state_folder + "/pdf2mdd.log";
  return places;
}

Status check_private_folder(const std::string& folder) {
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) return io_error(folder);
  std::string problem;
  if (!S_ISDIR(info.st_mode)) {
    problem = "is no folder";
  } else if (info.st_uid != ::geteuid()) {
    problem = "belongs to another user";
  } else if ((info.st_mode & 077) != 0) {
    problem = "is open to other users";
  } else {
    return Ok{};
  }
  return Error{ErrorCode::kIo, folder + ": " + problem + ", so a private daemon cannot use it",
               "remove it, or let XDG_RUNTIME_DIR and XDG_STATE_HOME name folders of your own"};
}

Result<Connection> connect_private(const PrivatePlaces& places) {
  if (::access(places.runtime_folder.c_str(), F_OK) != 0) {
    return Error{ErrorCode::kNoDaemon, places.socket + ": no daemon listens there", ""};
  }
  Status safe = check_private_folder(places.runtime_folder);
  if (!safe) return safe.error();
  return Connection::open(places.socket);
}

Result<Connection> connect_or_start_private(const PrivatePlaces& places, Reporter& reporter) {
  Result<Connection> there = connect_private(places);
  if (there && same_build(*there)) return there;
  if (!there && there.error().code == ErrorCode::kCancelled) return there;

  // The folder above it, too: whoever owns that could exchange this one.
  size_t slash = places.runtime_folder.rfind('/');
  if (places.runtime_folder.starts_with("/tmp/")) {
    Status above = make_private_folder(places.runtime_folder.substr(0, slash));
    if (!above) return above.error();
  }
  for (const std::string& folder : {places.runtime_folder, places.state_folder}) {
    Status made = make_private_folder(folder);
    if (!made) return made.error();
  }
  Result<Fd> lock = take_lock(places.lock, reporter);
  if (!lock) return lock.error();
  // Someone may have started one while this program waited for the lock.
  there = connect_private(places);
  if (!there && there.error().code != ErrorCode::kNoDaemon &&
      there.error().code != ErrorCode::kDisconnected) {
    return there;
  }
  if (there && same_build(*there)) return there;
  if (there) {
    Result<bool> gone = replace_outdated(std::move(*there), reporter);
    if (!gone) return gone.error();
    if (!*gone) return connect_private(places);
  }
  reporter.status("starting a private daemon");
  Status started = spawn_daemon(places);
  if (!started) return started.error();
  reporter.detail("started a private daemon on " + places.socket + "; it leaves after " +
                  std::to_string(kIdleExitSeconds) + " idle seconds; its log is " + places.log);
  return connect_private(places);
}

}  // namespace pdf2md::ctl
