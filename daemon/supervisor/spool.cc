#include "daemon/supervisor/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "daemon/supervisor/wall_clock.h"
#include "proto/fields.h"
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

constexpr size_t kMaxPasswordsBytes = 1 << 20;

struct Passwords {
  std::vector<std::string> passwords;
  template <class A>
  void fields(A& a) {
    a("passwords", passwords);
  }
};

std::string passwords_path(const std::string& folder) {
  return folder + "/passwords";
}

Status sync_all(std::initializer_list<std::string> paths) {
  for (const std::string& path : paths) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0)
      return io_error("cannot store the document: " + path);
  }
  return Ok{};
}

}  // namespace

Status make_folders(const std::string& path) {
  struct stat info {};
  if (path.empty() || path == "/" || (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)))
    return Ok{};
  std::string parent = fs::path(path).parent_path().string();
  Status above = make_folders(parent);
  if (!above) return above;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error("cannot make the folder " + path);
  Fd names(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names.valid() || ::fsync(names.get()) != 0)
    return io_error("cannot make the folder " + path + " durable");
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
  delete_tree(state_dir_ + "/trash");
  made = make_folders(state_dir_ + "/jobs");
  if (!made) return made;
  return make_folders(state_dir_ + "/trash");
}

size_t Spool::sweep(const std::set<uint64_t>& known, bool keep) {
  std::vector<std::string> unknown;
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(state_dir_ + "/jobs", problem)) {
    std::string name = entry.path().filename().string();
    char* end = nullptr;
    uint64_t id = std::strtoull(name.c_str(), &end, 10);
    if (*end != 0 || name != std::to_string(id) || known.count(id) == 0) unknown.push_back(name);
  }
  std::string lost = state_dir_ + "/lost/" + std::to_string(unix_now_ms());
  if (keep && !unknown.empty()) {
    Status made = make_folders(lost);
    if (!made) {
      log(LogLevel::kError, to_string(made.error()));
      return unknown.size();
    }
  }
  for (const std::string& name : unknown) {
    std::string path = state_dir_ + "/jobs/" + name;
    if (!keep)
      remove_path(path);
    else if (::rename(path.c_str(), fs::path(lost).append(name).c_str()) != 0)
      log(LogLevel::kWarning, io_error("cannot move " + path).message);
  }
  // The new place first: whatever happens between, each folder has a name.
  if (keep && !unknown.empty()) {
    Status synced = sync_all({lost, state_dir_ + "/jobs"});
    if (!synced) log(LogLevel::kWarning, to_string(synced.error()));
  }
  return unknown.size();
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

Status Spool::sync_document(const std::string& folder) {
  // The document first, then the names that lead to it.
  return sync_all({proto::document_path(folder), folder, fs::path(folder).parent_path().string()});
}

Status Spool::sync_outputs(const std::string& folder) {
  return sync_all({folder + "/output", folder + "/assets"});
}

Status Spool::write_passwords(const std::string& folder,
                              const std::vector<std::string>& passwords) {
  if (passwords.empty()) return Ok{};
  Passwords content{passwords};
  return write_file_durably(passwords_path(folder), proto::pack(content));
}

std::vector<std::string> Spool::read_passwords(const std::string& folder) {
  Result<std::string> bytes = read_file(passwords_path(folder), kMaxPasswordsBytes);
  if (!bytes) return {};
  Result<Passwords> content = proto::unpack<Passwords>(*bytes);
  return content ? content->passwords : std::vector<std::string>();
}

Status Spool::link_outputs(const std::string& from, const std::string& to) {
  std::error_code problem;
  for (const char* part : {"/output", "/assets"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(from + part, problem)) {
      fs::create_hard_link(entry.path(), to + part + "/" + entry.path().filename().string(),
                           problem);
      if (problem) break;
    }
    if (problem) {
      return Error{ErrorCode::kIo, "cannot link the outputs in " + from + ": " + problem.message(),
                   ""};
    }
  }
  return Ok{};
}

Status Spool::make_folder_with_document(uint64_t job, const std::string& from) {
  Status made = make_job_folder(job);
  std::string document = proto::document_path(from);
  if (made && ::link(document.c_str(), proto::document_path(folder(job)).c_str()) != 0)
    made = io_error("the document is not there any more: " + document);
  if (!made) remove(job);
  return made;
}

uint64_t Spool::tree_bytes(const std::string& path) {
  uint64_t bytes = 0;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(path, problem), end; !problem && at != end;
       at.increment(problem)) {
    struct stat info {};
    if (::lstat(at->path().c_str(), &info) == 0)
      bytes += static_cast<uint64_t>(info.st_blocks) * 512;
  }
  return bytes;
}

Result<uint64_t> Spool::free_bytes() const {
  struct statvfs info {};
  if (::statvfs(state_dir_.c_str(), &info) != 0) return io_error(state_dir_);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

void Spool::remove(uint64_t job) {
  remove_path(folder(job));
}

void Spool::keep_outputs_only(uint64_t job) {
  forget_passwords(job);
  remove_path(folder(job) + "/pages");
  ::unlink(proto::document_path(folder(job)).c_str());
  ::unlink(proto::info_path(folder(job)).c_str());
}

void Spool::forget_passwords(uint64_t job) {
  ::unlink(passwords_path(folder(job)).c_str());
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
      size_(other.size_),
      hash_(std::move(other.hash_)) {}

Upload::~Upload() {
  if (spool_ != nullptr) spool_->remove(job_);
}

Status Upload::append(std::string_view bytes) {
  Status written = write_all(file_.get(), bytes);
  if (!written) {
    return Error{written.error().code, "cannot store the document: " + written.error().message,
                 written.error().hint};
  }
  hash_.add(bytes);
  size_ += bytes.size();
  return Ok{};
}

std::string Upload::keep() {
  spool_ = nullptr;
  file_.reset();
  return hash_.finish();
}

}  // namespace pdf2md::supervisor
