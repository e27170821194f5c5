// The journal's file: SQLite, in WAL mode, one transaction a call. SQLite is included by
// journal_file.cc alone.
//
//   jobs    one row a job: the record (job_record.h, packed), and columns of it for people who look
//           with sqlite3
//   pages   one row for each page of an unfinished job that is done, or that killed a worker
//   meta    id_limit: no job id at or above it was ever given out
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/supervisor/job_record.h"
#include "proto/result.h"

namespace pdf2md::supervisor {

// Changes that belong together: all of them are in the file, or none.
struct JournalBatch {
  std::vector<JobRecord> jobs;  // as they are now
  std::vector<PageMark> pages;  // likewise
  std::vector<uint64_t> forgotten;
  uint64_t id_limit = 0;  // 0: as before

  bool empty() const { return jobs.empty() && pages.empty() && forgotten.empty() && id_limit == 0; }
  void append(JournalBatch&& later);
};

struct JournalContents {
  std::vector<JobRecord> jobs;  // by id
  std::vector<PageMark> pages;  // by job, then page
  uint64_t id_limit = 1;
};

// May be used by any thread, by one at a time.
class JournalFile {
 public:
  // Makes the file where there is none, checks it, brings an older schema up to date. Errors (kIo,
  // kNoSpace): damaged, written by a newer pdf2mdd, or what the operating system says.
  static Result<std::unique_ptr<JournalFile>> open(const std::string& path);
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  Result<JournalContents> read();
  // On disk, fsynced, when it returns. After an error the file is as before.
  Status write(const JournalBatch& batch);

 private:
  struct Database;
  explicit JournalFile(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace pdf2md::supervisor
