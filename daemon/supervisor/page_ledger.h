// What is known about each page of one job: waiting, with a worker, done; and the evidence against
// it.
//
// Blame needs evidence. A page that was under way when its worker died becomes a suspect: it is
// tried again alone. Two deaths alone: the text layer only. A third: a placeholder, for which
// nothing of the document is opened. Deaths beyond that are nobody's fault but ours, and after a
// few of them the job fails.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "daemon/supervisor/job_record.h"
#include "proto/worker_messages.h"

namespace pdf2md::supervisor {

// Numbers of document::PageStatus, which PAGE_DONE carries.
constexpr uint8_t kPageDegraded = 2;
constexpr uint8_t kPageFailed = 3;

class PageLedger {
 public:
  PageLedger() = default;
  // Ascending, each once.
  explicit PageLedger(std::vector<uint32_t> pages);
  // As an earlier daemon left it; `marks` of pages that are none of these are ignored.
  PageLedger(std::vector<uint32_t> pages, uint32_t retries, std::span<const PageMark> marks);
  static PageLedger of_finished_job(const JobRecord& record);

  struct Range {
    std::vector<uint32_t> pages;
    proto::Effort effort = proto::Effort::kFull;
    bool alone = false;
  };
  // The next pages to hand out, at most `max_pages`, suspects last and one at a time; nothing if
  // none waits.
  std::optional<Range> take(size_t max_pages, bool allow_alone = true);
  // What the journal has to remember of it.
  PageMark mark(uint64_t job, uint32_t page) const;
  bool has_work(bool allow_alone = true) const;
  size_t waiting() const { return pages_.size() - next_ + returned_.size() + suspects_.size(); }

  // Taken from a worker without anybody's fault.
  void give_back(uint32_t page);
  // Under way when its worker died. `alone`: as the only page of that worker. False: there is
  // nothing left to try.
  bool blame(uint32_t page, bool alone);
  // Its record is on disk. False if the page was not handed out (or is done already): a worker's
  // mistake.
  bool finish(uint32_t page, uint8_t status);

  uint32_t total() const { return total_; }
  uint32_t done() const { return done_; }
  bool complete() const { return done_ == total_; }
  uint32_t retries() const { return retries_; }
  const std::vector<uint32_t>& pages() const { return pages_; }
  const std::vector<uint32_t>& failed() const { return failed_; }      // ascending
  const std::vector<uint32_t>& degraded() const { return degraded_; }  // ascending

  // The job is over: keeps the figures, frees the rest.
  void compact();

 private:
  struct Entry {
    bool out = false;  // with a worker
    bool done = false;
    bool suspect = false;
    uint8_t deaths = 0;  // while alone
    uint8_t status = 0;
  };
  Entry* find(uint32_t page);

  std::vector<uint32_t> pages_;
  std::vector<Entry> entries_;
  size_t next_ = 0;                // first page never handed out
  std::deque<uint32_t> returned_;  // ascending
  std::deque<uint32_t> suspects_;
  std::vector<uint32_t> failed_;
  std::vector<uint32_t> degraded_;
  uint32_t total_ = 0;
  uint32_t done_ = 0;
  uint32_t retries_ = 0;
};

}  // namespace pdf2md::supervisor
