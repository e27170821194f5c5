// What is remembered of how pages were done: by whom, how long it took, after which deaths. In memory
// only, of the last pages. Pure.
#pragma once

#include <deque>
#include <map>

#include "proto/spool_messages.h"

namespace pdf2md::supervisor {

class PageTraces {
 public:
  explicit PageTraces(size_t most_pages = 100'000) : most_pages_(most_pages) {}

  // A page was under way when its worker died.
  void death(uint64_t job, uint32_t page, const std::string& how);
  // `trace` but for what death() told of the page.
  void done(proto::Explanation trace);
  void forget(uint64_t job);

  // `known` is false where nothing is.
  proto::Explanation find(uint64_t job, uint32_t page) const;

 private:
  using Pages = std::map<uint32_t, proto::Explanation>;
  proto::Explanation& at(uint64_t job, uint32_t page);

  size_t most_pages_;
  size_t pages_ = 0;
  std::map<uint64_t, Pages> jobs_;
  std::deque<uint64_t> oldest_;  // jobs, as they came; also some that are forgotten
};

}  // namespace pdf2md::supervisor
