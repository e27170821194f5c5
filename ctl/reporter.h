// What goes to standard error: messages, and one line of progress where that is a terminal.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "ctl/progress.h"
#include "proto/fd.h"

namespace pdf2md::ctl {

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

  // From here on all three go to this file as well, with the time, whatever is shown.
  void keep_log(Fd file);

  // A line on standard output, which may be the same terminal. Errors: those of
  // write_standard_output.
  Status output(const std::string& line);

  void begin(size_t documents, ProgressUnit unit = ProgressUnit::kPages);
  void update(size_t document, const std::string& label, uint64_t done, uint64_t total,
              const std::string& note);
  void finish(size_t document);
  void status(const std::string& text);  // a line of progress before any document is under way
  void clear();

 private:
  void print(const std::string& text);
  void log(const std::string& text);
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
  Fd log_;
};

}  // namespace pdf2md::ctl
