// The folder of the jobs: STATE/jobs/<id>/, laid out as proto/job_folder.h says.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/supervisor/event_loop.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {

// Makes a folder (0700) and what is above it. Errors: kIo.
Status make_folders(const std::string& path);

// The lock file at `path`, taken; the pid of the owner is written to it. Errors: kBusy, naming the
// owner's pid; kIo. It is held as long as the descriptor is open; the file stays.
Result<Fd> take_lock(const std::string& path, const std::string& what);

class Spool {
 public:
  explicit Spool(EventLoop& loop) : loop_(loop) {}

  // Takes the state folder: one daemon each. Removes what an earlier one left.
  Status open(const std::string& state_dir);

  std::string folder(uint64_t job) const;
  Status make_job_folder(uint64_t job);
  // In the background: out of the way at once, deleted in a while.
  void remove(uint64_t job);
  // A finished job needs its outputs only.
  void keep_outputs_only(uint64_t job);

 private:
  void remove_path(const std::string& path);

  EventLoop& loop_;
  std::string state_dir_;
  uint64_t trash_ = 0;
  Fd lock_;
};

// A document that is being received. Unless keep() is called, its folder goes with it.
class Upload {
 public:
  static Result<Upload> begin(Spool& spool, uint64_t job);
  Upload(Upload&& other) noexcept;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  Status append(std::string_view bytes);
  uint64_t size() const { return size_; }
  uint64_t job() const { return job_; }
  void keep();

 private:
  Upload(Spool& spool, uint64_t job, Fd file) : spool_(&spool), job_(job), file_(std::move(file)) {}

  Spool* spool_;  // nullptr: kept or moved away
  uint64_t job_;
  Fd file_;
  uint64_t size_ = 0;
};

}  // namespace pdf2md::supervisor
