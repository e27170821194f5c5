// The folder of the jobs: STATE/jobs/<id>/, laid out as proto/job_folder.h says.
//
//   STATE/lock         held as long as the daemon lives
//   STATE/journal.db   journal_file.h
//   STATE/trash/       on its way to be deleted
//   STATE/lost/        documents of a queue whose journal is gone
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "daemon/supervisor/event_loop.h"
#include "daemon/supervisor/sha256.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {

// Makes a folder (0700) and what is above it, on disk when it returns. Errors: kIo, kNoSpace.
Status make_folders(const std::string& path);

// The lock file at `path`, taken; the pid of the owner is written to it. Errors: kBusy, naming the
// owner's pid; kIo. It is held as long as the descriptor is open; the file stays.
Result<Fd> take_lock(const std::string& path, const std::string& what);

class Spool {
 public:
  explicit Spool(EventLoop& loop) : loop_(loop) {}

  // Takes the state folder: one daemon each.
  Status open(const std::string& state_dir);
  // Takes away the folders of jobs that are not `known`. They are thrown away, or, with `keep`,
  // moved below STATE/lost/ (the journal that knew them is gone). Returns how many there were.
  size_t sweep(const std::set<uint64_t>& known, bool keep);

  const std::string& state_dir() const { return state_dir_; }
  std::string journal_path() const { return state_dir_ + "/journal.db"; }
  std::string folder(uint64_t job) const;
  Status make_job_folder(uint64_t job);

  // On disk, whatever happens next: the document, and the names in its folders. Blocks; runs in
  // the background.
  static Status sync_document(const std::string& folder);
  // Likewise the names of outputs that were linked; their bytes are on disk already.
  static Status sync_outputs(const std::string& folder);
  // The passwords lie in a file of their own (0600), as long as the job is not over.
  static Status write_passwords(const std::string& folder,
                                const std::vector<std::string>& passwords);
  static std::vector<std::string> read_passwords(const std::string& folder);
  // Gives the outputs of one finished job to another; they share the bytes.
  static Status link_outputs(const std::string& from, const std::string& to);
  // A folder for `job`, with the document that is kept in `from`; they share the bytes. Errors: kIo.
  Status make_folder_with_document(uint64_t job, const std::string& from);
  // What a folder takes on disk.
  static uint64_t tree_bytes(const std::string& path);
  // Bytes that can still be written.
  Result<uint64_t> free_bytes() const;

  // In the background: out of the way at once, deleted in a while.
  void remove(uint64_t job);
  // A finished job needs its outputs only.
  void keep_outputs_only(uint64_t job);
  // Of a failed one everything but the passwords is kept, to look at.
  void forget_passwords(uint64_t job);

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
  // The document is whole: its SHA-256, in hex. Nothing can be appended any more.
  std::string keep();

 private:
  Upload(Spool& spool, uint64_t job, Fd file) : spool_(&spool), job_(job), file_(std::move(file)) {}

  Spool* spool_;  // nullptr: kept or moved away
  uint64_t job_;
  Fd file_;
  uint64_t size_ = 0;
  Sha256 hash_;
};

}  // namespace pdf2md::supervisor
