#include "daemon/supervisor/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "proto/job_folder.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

namespace fs = std::filesystem;

void delete_tree(const std::string& path) {
  std::error_code problem;
  fs::remove_all(path, problem);
  if (problem) log(LogLevel::kWarning, "cannot remove " + path + ": " + problem.message());
}

}  // namespace

Status make_folders(const std::string& path) {
  struct stat info {};
  if (path.empty() || path == "/" || (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)))
    return Ok{};
  Status above = make_folders(fs::path(path).parent_path().string());
  if (!above) return above;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error("cannot make the folder " + path);
  return Ok{};
}

Result<Fd> take_lock(const std::string& path, const std::string& what) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return io_error("cannot open the lock " + path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error("cannot lock " + path);
    char owner[24] = {};
    if (::read(fd.get(), owner, sizeof owner - 1) <= 0) owner[0] = '?';
    return Error{
        ErrorCode::kBusy,
        what + " is in use by another pdf2mdd, process " + std::to_string(std::atol(owner)),
        "stop that one, or give this one another path"};
  }
  std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
    return io_error("cannot write the lock " + path);
  }
  return fd;
}

Status Spool::open(const std::string& state_dir) {
  state_dir_ = state_dir;
  Status made = make_folders(state_dir_);
  if (!made) return made;
  Result<Fd> lock = take_lock(state_dir_ + "/lock", "the state folder " + state_dir_);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  // The queue lives in memory: jobs of an earlier daemon are nobody's any more.
  delete_tree(state_dir_ + "/jobs");
  delete_tree(state_dir_ + "/trash");
  made = make_folders(state_dir_ + "/jobs");
  if (!made) return made;
  return make_folders(state_dir_ + "/trash");
}

std::string Spool::folder(uint64_t job) const {
  return state_dir_ + "/jobs/" + std::to_string(job);
}

Status Spool::make_job_folder(uint64_t job) {
  std::string path = folder(job);
  for (const char* part : {"", "/pages", "/assets", "/output"}) {
    if (::mkdir((path + part).c_str(), 0700) != 0)
      return io_error("cannot make the folder " + path + part);
  }
  return Ok{};
}

void Spool::remove(uint64_t job) {
  remove_path(folder(job));
}

void Spool::keep_outputs_only(uint64_t job) {
  remove_path(folder(job) + "/pages");
  ::unlink(proto::document_path(folder(job)).c_str());
  ::unlink(proto::info_path(folder(job)).c_str());
}

void Spool::remove_path(const std::string& path) {
  std::string aside = state_dir_ + "/trash/" + std::to_string(++trash_);
  if (::rename(path.c_str(), aside.c_str()) != 0) {
    if (errno != ENOENT) log(LogLevel::kWarning, io_error("cannot remove " + path).message);
    return;
  }
  loop_.in_background([aside] { delete_tree(aside); }, {});
}

Result<Upload> Upload::begin(Spool& spool, uint64_t job) {
  Status made = spool.make_job_folder(job);
  Fd file;
  if (made) {
    std::string path = proto::document_path(spool.folder(job));
    file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) made = io_error("cannot write " + path);
  }
  if (made) return Upload(spool, job, std::move(file));
  spool.remove(job);
  return made.error();
}

Upload::Upload(Upload&& other) noexcept
    : spool_(std::exchange(other.spool_, nullptr)),
      job_(other.job_),
      file_(std::move(other.file_)),
      size_(other.size_) {}

Upload::~Upload() {
  if (spool_ != nullptr) spool_->remove(job_);
}

Status Upload::append(std::string_view bytes) {
  Status written = write_all(file_.get(), bytes);
  if (!written)
    return Error{ErrorCode::kIo, "cannot store the document: " + written.error().message,
                 "is the disk full?"};
  size_ += bytes.size();
  return Ok{};
}

void Upload::keep() {
  spool_ = nullptr;
  file_.reset();
}

}  // namespace pdf2md::supervisor
