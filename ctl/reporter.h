// What goes to standard error: messages, and one line of progress where that is a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace pdf2md::ctl {

// The text of the progress line is a pure function of this.
struct Progress {
  struct Entry {
    std::string label;
    uint32_t pages_done = 0;
    uint32_t pages_total = 0;  // 0: not known yet
    std::string note;          // "waiting: 3 jobs ahead"; empty: nothing to say
  };
  size_t documents = 1;
  size_t finished = 0;
  uint64_t pages_finished = 0;     // of documents that are through
  std::map<size_t, Entry> active;  // by the document's number
  double seconds = 0;              // since the first page came in; 0: none came
  uint64_t pages_before = 0;       // pages that were there at that moment
};
std::string progress_line(const Progress& progress);

// Safe to use from several threads.
class Reporter {
 public:
  Reporter(bool quiet, bool verbose);
  ~Reporter() { clear(); }
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  bool verbose() const { return verbose_; }
  bool shows_progress() const { return terminal_; }

  void message(const std::string& text);  // always shown: what failed
  void note(const std::string& text);     // not with -q
  void detail(const std::string& text);   // with -v

  void begin(size_t documents);
  void update(size_t document, const std::string& label, uint32_t pages_done, uint32_t pages_total,
              const std::string& note);
  void finish(size_t document);
  void status(const std::string& text);  // a line of progress before any document is under way
  void clear();

 private:
  void print(const std::string& text);
  void draw();
  void erase();

  bool quiet_;
  bool verbose_;
  bool terminal_;
  std::mutex mutex_;
  Progress progress_;
  int64_t first_page_ms_ = 0;
  int64_t drawn_ms_ = 0;
  std::string shown_;
};

}  // namespace pdf2md::ctl
