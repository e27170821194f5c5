#include "daemon/supervisor/journal.h"

#include <iterator>
#include <utility>

#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

constexpr int64_t kRetryMs = 1000;

}  // namespace

// One batch on its way through the background.
struct Journal::Flush {
  std::vector<Item> items;
  JournalBatch batch;
  Status result = Ok{};
};

Journal::Journal(EventLoop& loop, std::unique_ptr<JournalFile> file)
    : loop_(loop), file_(std::move(file)), retry_(loop) {}

Journal::~Journal() {
  *alive_ = false;
}

void Journal::record(JournalBatch batch, std::function<void()> written,
                     std::function<void()> tried) {
  if (batch.empty() && !written && !tried) return;
  add(Item{std::move(batch), std::move(written), std::move(tried), {}});
}

void Journal::require(JournalBatch batch, std::function<void(const Status&)> answered) {
  add(Item{std::move(batch), {}, {}, std::move(answered)});
}

void Journal::add(Item item) {
  waiting_.push_back(std::move(item));
  flush();
}

void Journal::flush() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  retry_.stop();
  auto flush = std::make_shared<Flush>();
  flush->items.swap(waiting_);
  for (const Item& item : flush->items) flush->batch.append(JournalBatch(item.batch));
  loop_.in_background([flush, file = file_] { flush->result = file->write(flush->batch); },
                      [this, flush, alive = alive_] {
                        if (*alive) flushed(std::move(flush->items), flush->result);
                      });
}

void Journal::flushed(std::vector<Item> items, const Status& result) {
  busy_ = false;
  if (!result && state_) log(LogLevel::kError, to_string(result.error()));
  if (result && !state_) log(LogLevel::kInfo, "the journal can be written again");
  state_ = result;
  std::vector<Item> again;
  std::vector<std::function<void()>> calls;
  for (Item& item : items) {
    if (item.tried) calls.push_back(std::exchange(item.tried, {}));
    if (item.answered)
      calls.push_back([call = std::move(item.answered), result] { call(result); });
    else if (!result)
      again.push_back(std::move(item));
    else if (item.written)
      calls.push_back(std::move(item.written));
  }
  // What failed comes before what was added meanwhile.
  waiting_.insert(waiting_.begin(), std::move_iterator(again.begin()),
                  std::move_iterator(again.end()));
  if (result)
    flush();
  else if (!waiting_.empty())
    retry_.once(kRetryMs, [this] { flush(); });
  for (std::function<void()>& call : calls) call();
}

}  // namespace pdf2md::supervisor
