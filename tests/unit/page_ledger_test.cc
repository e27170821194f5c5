#include "daemon/supervisor/page_ledger.h"

#include <malloc.h>

#include <catch2/catch.hpp>
#include <numeric>

namespace pdf2md::supervisor {
namespace {

using Pages = std::vector<uint32_t>;

TEST_CASE("page ledger: pages are handed out in order and finished once") {
  PageLedger ledger({2, 3, 5, 9});
  CHECK(ledger.take(3)->pages == Pages{2, 3, 5});
  CHECK(ledger.take(3)->pages == Pages{9});
  CHECK_FALSE(ledger.take(3));
  CHECK(ledger.finish(3, 0));
  CHECK_FALSE(ledger.finish(3, 0));
  CHECK_FALSE(ledger.finish(4, 0));
  CHECK(ledger.finish(2, kPageFailed));
  CHECK(ledger.finish(9, kPageDegraded));
  CHECK_FALSE(ledger.complete());
  CHECK(ledger.finish(5, 0));
  CHECK(ledger.complete());
  CHECK(ledger.failed() == Pages{2});
  CHECK(ledger.degraded() == Pages{9});
}

TEST_CASE("page ledger: a page that is not out cannot be finished") {
  PageLedger ledger({1, 2});
  CHECK_FALSE(ledger.finish(1, 0));
  ledger.take(1);
  ledger.give_back(1);
  CHECK_FALSE(ledger.finish(1, 0));
}

TEST_CASE("page ledger: pages taken away without blame come again first, in order, together") {
  PageLedger ledger({1, 2, 3, 4, 5});
  ledger.take(3);
  ledger.give_back(3);
  ledger.give_back(1);
  ledger.finish(2, 0);
  std::optional<PageLedger::Range> range = ledger.take(3);
  CHECK(range->pages == Pages{1, 3, 4});
  CHECK_FALSE(range->alone);
  CHECK(ledger.retries() == 0);
}

TEST_CASE("page ledger: the ladder of a poisonous page") {
  PageLedger ledger({1, 2});
  ledger.take(2);
  ledger.finish(2, 0);
  CHECK(ledger.blame(1, false));  // with others: a suspect, no more
  for (proto::Effort effort :
       {proto::Effort::kFull, proto::Effort::kFull, proto::Effort::kTextLayerOnly,
        proto::Effort::kPlaceholder, proto::Effort::kPlaceholder}) {
    std::optional<PageLedger::Range> range = ledger.take(8);
    CHECK(range->pages == Pages{1});
    CHECK(range->alone);
    CHECK(range->effort == effort);
    CHECK(ledger.blame(1, true));
  }
  CHECK(ledger.take(8)->effort == proto::Effort::kPlaceholder);
  CHECK_FALSE(ledger.blame(1, true));  // not even that
}

TEST_CASE("page ledger: a suspect given back without blame stays a suspect, with the same record") {
  PageLedger ledger({1});
  ledger.take(1);
  ledger.blame(1, false);
  ledger.take(1);
  ledger.give_back(1);
  std::optional<PageLedger::Range> range = ledger.take(1);
  CHECK(range->alone);
  CHECK(range->effort == proto::Effort::kFull);
}

TEST_CASE("page ledger: suspects come last, and only where they may") {
  PageLedger ledger({1, 2, 3});
  ledger.take(1);
  ledger.blame(1, false);
  CHECK(ledger.take(8)->pages == Pages{2, 3});
  CHECK_FALSE(ledger.has_work(false));
  CHECK_FALSE(ledger.take(8, false));
  CHECK(ledger.take(8, true)->pages == Pages{1});
}

TEST_CASE("page ledger: a long document costs a few bytes a page, whatever happens to it") {
  constexpr size_t kPages = 10'000;
  Pages pages(kPages);
  std::iota(pages.begin(), pages.end(), 1);
  size_t before = ::mallinfo2().uordblks;
  PageLedger ledger(pages);
  while (ledger.has_work(false)) {
    Pages range = ledger.take(8, false)->pages;
    if (range[0] % 3 == 0) {
      for (uint32_t page : range) ledger.blame(page, false);
    } else {
      for (uint32_t page : range) ledger.finish(page, kPageDegraded);
    }
  }
  CHECK(ledger.waiting() > 1000);
  // The sanitizers' allocators tell nothing here.
  size_t after = ::mallinfo2().uordblks;
  CHECK(after < before + 32 * kPages);
}

}  // namespace
}  // namespace pdf2md::supervisor
