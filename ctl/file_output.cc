#include "ctl/file_output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "ctl/interrupt.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr const char* kTemporaryStart = ".pdf2mdctl-";
constexpr const char* kTemporaryEnd = ".tmp";

// A fresh name beside `place`. The number keeps threads and documents apart.
std::string temporary_name(const std::string& place) {
  static std::atomic<unsigned> counter{0};
  size_t slash = place.rfind('/');
  size_t name = slash == std::string::npos ? 0 : slash + 1;
  // The name of the result may be as long as names can be: it is not part of the temporary's.
  return place.substr(0, name) + kTemporaryStart + std::to_string(::getpid()) + "-" +
         std::to_string(counter++) + kTemporaryEnd;
}

// Where a file really lies: rename must replace the file, not the symbolic link to it.
std::string resolved(const std::string& path) {
  char buffer[PATH_MAX];
  return ::realpath(path.c_str(), buffer) != nullptr ? buffer : path;
}

}  // namespace

Status write_standard_output(std::string_view bytes) {
  while (!bytes.empty()) {
    if (wait_on(STDOUT_FILENO, POLLOUT, -1) == Wake::kInterrupted) {
      return Error{ErrorCode::kCancelled, "interrupted", ""};
    }
    // A pipe that is ready takes PIPE_BUF bytes without blocking.
    ssize_t n = ::write(STDOUT_FILENO, bytes.data(), std::min<size_t>(bytes.size(), PIPE_BUF));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0 && errno == EPIPE) {
      interrupt_with(SIGPIPE);
      return Error{ErrorCode::kCancelled, "interrupted", ""};
    }
    if (n < 0) return io_error("standard output");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok{};
}

PathKind probe_path(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return PathKind::kMissing;
  if (S_ISDIR(info.st_mode)) return PathKind::kFolder;
  return S_ISREG(info.st_mode) ? PathKind::kFile : PathKind::kSpecial;
}

std::optional<int64_t> modified_ns(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

bool is_temporary_name(std::string_view name) {
  return name.starts_with(kTemporaryStart) && name.ends_with(kTemporaryEnd);
}

FileIds ids_of(const std::vector<std::string>& inputs) {
  FileIds ids;
  for (const std::string& input : inputs) {
    struct stat info {};
    int result = input == "-" ? ::fstat(STDIN_FILENO, &info) : ::stat(input.c_str(), &info);
    if (result == 0 && S_ISREG(info.st_mode)) ids.emplace(info.st_dev, info.st_ino);
  }
  return ids;
}

Status refuse_input(const std::string& path, const FileIds& inputs) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || inputs.count({info.st_dev, info.st_ino}) == 0)
    return Ok{};
  return Error{ErrorCode::kBadOptions,
               printable(path) + ": is a document to be converted; it is not overwritten",
               "choose another place with -o"};
}

FileSet::~FileSet() {
  for (const Pending& file : files_) {
    if (!file.temporary.empty()) ::unlink(file.temporary.c_str());
  }
  // Only what is empty goes.
  for (auto folder = new_folders_.rbegin(); folder != new_folders_.rend(); ++folder) {
    ::rmdir(folder->c_str());
  }
}

Status FileSet::make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0777) == 0) {
      new_folders_.push_back(folder);
    } else if (errno != EEXIST && probe_path(folder) != PathKind::kFolder) {
      return io_error(printable(folder) + ": cannot make this folder");
    }
  }
  return Ok{};
}

Status FileSet::begin(const std::string& path) {
  current_.reset();
  Status folders = make_folders(path);
  if (!folders) return folders;
  Status safe = refuse_input(path, inputs_);
  if (!safe) return safe;
  PathKind kind = probe_path(path);
  if (kind == PathKind::kFolder) {
    return Error{ErrorCode::kIo, printable(path) + ": is a folder", "choose another place with -o"};
  }
  Pending file{path, resolved(path), ""};
  if (kind == PathKind::kSpecial) {
    current_.reset(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!current_.valid()) return io_error(printable(path));
  } else {
    file.temporary = temporary_name(file.place);
    current_.reset(::open(file.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!current_.valid()) return io_error(printable(path));
  }
  files_.push_back(std::move(file));
  return Ok{};
}

Status FileSet::write(std::string_view bytes) {
  Status written = write_all(current_.get(), bytes);
  if (written) return written;
  Error error = written.error();
  error.message = printable(files_.back().path) + ": " + error.message;
  return error;
}

Status FileSet::commit() {
  current_.reset();
  for (Pending& file : files_) {
    if (file.temporary.empty()) continue;
    Fd fd(::open(file.temporary.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0 ||
        ::rename(file.temporary.c_str(), file.place.c_str()) != 0) {
      return io_error(printable(file.path));
    }
    file.temporary.clear();
  }
  new_folders_.clear();
  return Ok{};
}

std::vector<std::string> FileSet::paths() const {
  std::vector<std::string> all;
  for (const Pending& file : files_) all.push_back(file.path);
  return all;
}

}  // namespace pdf2md::ctl
