// Group commit of the journal, off the loop: while one batch is being written in the background,
// changes gather for the next, so that the loop never waits for a disk and a busy time costs few
// fsyncs.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "daemon/supervisor/event_loop.h"
#include "daemon/supervisor/journal_file.h"

namespace pdf2md::supervisor {

class Journal {
 public:
  Journal(EventLoop& loop, std::unique_ptr<JournalFile> file);
  ~Journal();

  // What happened already, and has to be remembered: tried again until it is written. `written` is
  // called then, `tried` after the first try, whatever came of it. Both may be empty.
  void record(JournalBatch batch, std::function<void()> written = {},
              std::function<void()> tried = {});
  // What may happen only if it is remembered: tried once, and `answered` is told how it went.
  void require(JournalBatch batch, std::function<void(const Status&)> answered);

  // Why nothing can be written at present (ok: it can).
  const Status& state() const { return state_; }
  bool idle() const { return !busy_ && waiting_.empty(); }

 private:
  struct Item {
    JournalBatch batch;
    std::function<void()> written;
    std::function<void()> tried;
    std::function<void(const Status&)> answered;
  };
  struct Flush;
  void add(Item item);
  void flush();
  void flushed(std::vector<Item> items, const Status& result);

  EventLoop& loop_;
  std::shared_ptr<JournalFile> file_;
  std::vector<Item> waiting_;
  Timer retry_;
  bool busy_ = false;
  Status state_ = Ok{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pdf2md::supervisor
