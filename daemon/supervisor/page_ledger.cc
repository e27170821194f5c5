#include "daemon/supervisor/page_ledger.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

constexpr uint8_t kDeathsForTextLayer = 2;
constexpr uint8_t kDeathsForPlaceholder = 3;
constexpr uint8_t kDeathsForGivingUp = 6;

void insert_sorted(std::vector<uint32_t>& list, uint32_t page) {
  list.insert(std::lower_bound(list.begin(), list.end(), page), page);
}

}  // namespace

PageLedger::PageLedger(std::vector<uint32_t> pages)
    : pages_(std::move(pages)),
      entries_(pages_.size()),
      total_(static_cast<uint32_t>(pages_.size())) {}

PageLedger::PageLedger(std::vector<uint32_t> pages, uint32_t retries,
                       std::span<const PageMark> marks)
    : PageLedger(std::move(pages)) {
  retries_ = retries;
  for (const PageMark& mark : marks) {
    Entry* entry = find(mark.page);
    if (entry == nullptr) continue;
    entry->suspect = mark.suspect;
    entry->deaths = mark.deaths;
    if (!mark.done) continue;
    entry->out = true;
    finish(mark.page, mark.status);
  }
  // Handed out or not yet: it is the same now.
  next_ = pages_.size();
  for (size_t i = 0; i < pages_.size(); ++i) {
    if (entries_[i].done) continue;
    (entries_[i].suspect ? suspects_ : returned_).push_back(pages_[i]);
  }
}

PageLedger PageLedger::of_finished_job(const JobRecord& record) {
  PageLedger ledger;
  ledger.total_ = record.pages_total;
  ledger.done_ = record.pages_done;
  ledger.retries_ = record.retries;
  ledger.failed_ = record.pages_failed;
  ledger.degraded_ = record.pages_degraded;
  return ledger;
}

PageMark PageLedger::mark(uint64_t job, uint32_t page) const {
  const Entry* entry = const_cast<PageLedger*>(this)->find(page);
  if (entry == nullptr) return {job, page};
  return {job, page, entry->done, entry->status, entry->suspect, entry->deaths};
}

PageLedger::Entry* PageLedger::find(uint32_t page) {
  auto at = std::lower_bound(pages_.begin(), pages_.end(), page);
  if (at == pages_.end() || *at != page) return nullptr;
  return &entries_[static_cast<size_t>(at - pages_.begin())];
}

bool PageLedger::has_work(bool allow_alone) const {
  return !returned_.empty() || next_ < pages_.size() || (allow_alone && !suspects_.empty());
}

std::optional<PageLedger::Range> PageLedger::take(size_t max_pages, bool allow_alone) {
  if (!has_work(allow_alone)) return std::nullopt;
  Range range;
  while (range.pages.size() < max_pages && !returned_.empty()) {
    range.pages.push_back(returned_.front());
    returned_.pop_front();
  }
  while (range.pages.size() < max_pages && next_ < pages_.size())
    range.pages.push_back(pages_[next_++]);
  if (range.pages.empty()) {
    range.pages.push_back(suspects_.front());
    suspects_.pop_front();
    range.alone = true;
    uint8_t deaths = find(range.pages[0])->deaths;
    range.effort = deaths >= kDeathsForPlaceholder ? proto::Effort::kPlaceholder
                   : deaths >= kDeathsForTextLayer ? proto::Effort::kTextLayerOnly
                                                   : proto::Effort::kFull;
  }
  for (uint32_t page : range.pages) find(page)->out = true;
  return range;
}

void PageLedger::give_back(uint32_t page) {
  Entry* entry = find(page);
  if (entry == nullptr || !entry->out) return;
  entry->out = false;
  std::deque<uint32_t>& list = entry->suspect ? suspects_ : returned_;
  list.insert(std::lower_bound(list.begin(), list.end(), page), page);
}

bool PageLedger::blame(uint32_t page, bool alone) {
  Entry* entry = find(page);
  if (entry == nullptr || !entry->out) return true;
  entry->out = false;
  entry->suspect = true;
  ++retries_;
  if (alone) ++entry->deaths;
  suspects_.insert(std::lower_bound(suspects_.begin(), suspects_.end(), page), page);
  return entry->deaths < kDeathsForGivingUp;
}

bool PageLedger::finish(uint32_t page, uint8_t status) {
  Entry* entry = find(page);
  if (entry == nullptr || !entry->out) return false;
  entry->out = false;
  entry->done = true;
  entry->status = status;
  ++done_;
  if (status == kPageFailed) insert_sorted(failed_, page);
  if (status == kPageDegraded) insert_sorted(degraded_, page);
  return true;
}

void PageLedger::compact() {
  pages_ = {};
  entries_ = {};
  next_ = 0;
  returned_ = {};
  suspects_ = {};
}

}  // namespace pdf2md::supervisor
