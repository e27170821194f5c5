#include "daemon/supervisor/recovery.h"

#include <unistd.h>

#include <algorithm>

#include "proto/job_folder.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

void restore(const JournalContents& contents, const Spool& spool, Queue& queue, Now now) {
  std::vector<Job> jobs;
  for (const JobRecord& record : contents.jobs) {
    auto before = [](const PageMark& mark, uint64_t id) { return mark.job < id; };
    auto first = std::lower_bound(contents.pages.begin(), contents.pages.end(), record.id, before);
    auto last = std::lower_bound(first, contents.pages.end(), record.id + 1, before);
    Job job = Job::from(record, {first, last});
    job.folder = spool.folder(job.id);
    if (!job.over()) job.options.passwords = Spool::read_passwords(job.folder);
    jobs.push_back(std::move(job));
  }
  // Those that are over in the order in which they ended, the others by age.
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return (a.over() ? a.finished_unix_ms : 0) < (b.over() ? b.finished_unix_ms : 0);
  });
  for (Job& job : jobs) queue.restore(std::move(job), now);
}

}  // namespace

void recover(JournalContents contents, Spool& spool, Queue& queue, Now now) {
  std::set<uint64_t> known;
  size_t unfinished = 0, redone = 0;
  for (JobRecord& record : contents.jobs) {
    known.insert(record.id);
    if (record.over()) continue;
    ++unfinished;
    // Without what PROBE wrote there is nothing to go on from.
    if (!exists(proto::info_path(spool.folder(record.id)))) record.pages.clear();
  }
  for (PageMark& mark : contents.pages) {
    if (!mark.done || exists(proto::page_record_path(spool.folder(mark.job), mark.page))) continue;
    mark.done = false;
    ++redone;
  }
  bool new_journal = contents.jobs.empty() && contents.id_limit == 1;
  size_t unknown = spool.sweep(known, new_journal);
  queue.start_ids_at(contents.id_limit);
  restore(contents, spool, queue, now);
  if (known.empty() && unknown == 0) return;
  log(LogLevel::kInfo, "jobs of an earlier daemon",
      {{"jobs", std::to_string(known.size())},
       {"unfinished", std::to_string(unfinished)},
       {"pages_done", std::to_string(contents.pages.size() - redone)},
       {"records_missing", std::to_string(redone)},
       {new_journal ? "moved_to_lost" : "folders_removed", std::to_string(unknown)}});
}

}  // namespace pdf2md::supervisor
