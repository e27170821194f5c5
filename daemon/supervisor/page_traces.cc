#include "daemon/supervisor/page_traces.h"

#include <algorithm>

namespace pdf2md::supervisor {
namespace {

constexpr size_t kMostWords = 8;
constexpr size_t kMostBytes = 300;
constexpr size_t kMostDeaths = 8;

// A worker's message may be as long as a frame; what is kept of it is not.
void bound(std::string& text) {
  if (text.size() > kMostBytes) text.resize(kMostBytes);
}

void bound(std::vector<std::string>& words) {
  if (words.size() > kMostWords) words.resize(kMostWords);
  for (std::string& word : words) bound(word);
}

}  // namespace

proto::Explanation& PageTraces::at(uint64_t job, uint32_t page) {
  auto [pages, fresh_job] = jobs_.try_emplace(job);
  if (fresh_job) oldest_.push_back(job);
  auto [entry, fresh] = pages->second.try_emplace(page);
  if (!fresh) return entry->second;
  entry->second.job = job;
  entry->second.page = page;
  ++pages_;
  while (pages_ > most_pages_ && oldest_.front() != job) forget(oldest_.front());
  return entry->second;
}

void PageTraces::death(uint64_t job, uint32_t page, const std::string& how) {
  proto::Explanation& trace = at(job, page);
  if (trace.deaths.size() < kMostDeaths) trace.deaths.push_back(how);
  bound(trace.deaths.back());
}

void PageTraces::done(proto::Explanation trace) {
  bound(trace.note);
  bound(trace.route.text_layer);
  bound(trace.route.reasons);
  bound(trace.route.models);
  proto::Explanation& kept = at(trace.job, trace.page);
  trace.deaths = std::move(kept.deaths);
  trace.known = true;
  kept = std::move(trace);
}

void PageTraces::forget(uint64_t job) {
  auto found = jobs_.find(job);
  if (found != jobs_.end()) {
    pages_ -= found->second.size();
    jobs_.erase(found);
  }
  std::erase(oldest_, job);
}

proto::Explanation PageTraces::find(uint64_t job, uint32_t page) const {
  auto pages = jobs_.find(job);
  if (pages != jobs_.end()) {
    auto trace = pages->second.find(page);
    if (trace != pages->second.end()) return trace->second;
  }
  proto::Explanation nothing;
  nothing.job = job;
  nothing.page = page;
  return nothing;
}

}  // namespace pdf2md::supervisor
