#include "ctl/reporter.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "ctl/text.h"
#include "proto/fd.h"

namespace pdf2md::ctl {
namespace {

constexpr int64_t kRedrawMs = 80;

int64_t now_ms() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

bool is_terminal() {
  const char* kind = std::getenv("TERM");
  bool dumb = kind == nullptr || *kind == 0 || std::strcmp(kind, "dumb") == 0;
  return !dumb && ::isatty(STDERR_FILENO) != 0;
}

size_t terminal_columns() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string progress_line(const Progress& progress) {
  uint64_t done = progress.pages_finished;
  uint64_t left = 0;
  std::string note;
  const Progress::Entry* only = nullptr;
  for (const auto& [number, entry] : progress.active) {
    done += entry.pages_done;
    left += entry.pages_total > entry.pages_done ? entry.pages_total - entry.pages_done : 0;
    if (note.empty()) note = entry.note;
    only = &entry;
  }
  bool timed = progress.seconds > 0 && done > progress.pages_before;
  double rate = timed ? static_cast<double>(done - progress.pages_before) / progress.seconds : 0;
  std::string line;
  if (progress.documents > 1) {
    line = std::to_string(progress.finished) + "/" + count_of(progress.documents, "document") +
           ", " + count_of(done, "page");
  } else if (only != nullptr) {
    line = only->label + ": ";
    if (only->pages_total > 0) {
      line += std::to_string(only->pages_done) + "/" + count_of(only->pages_total, "page");
    }
  }
  if (rate > 0) line += ", " + format_decimal(rate) + " pages/s";
  bool one = progress.documents == 1;
  if (rate > 0 && one && left > 0) {
    line += ", " +
            format_duration_ms(static_cast<uint64_t>(static_cast<double>(left) / rate * 1000)) +
            " left";
  }
  if (!note.empty()) line += (line.empty() || line.back() == ' ' ? "" : ", ") + note;
  return line;
}

Reporter::Reporter(bool quiet, bool verbose)
    : quiet_(quiet), verbose_(verbose), terminal_(!quiet && is_terminal()) {}

void Reporter::print(const std::string& text) {
  erase();
  (void)write_all(STDERR_FILENO, text + "\n");
  draw();
}

void Reporter::message(const std::string& text) {
  std::lock_guard lock(mutex_);
  print(text);
}

void Reporter::note(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (!quiet_) print(text);
}

void Reporter::detail(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (verbose_) print(text);
}

void Reporter::begin(size_t documents) {
  std::lock_guard lock(mutex_);
  progress_ = Progress();
  progress_.documents = documents;
  shown_.clear();
}

void Reporter::update(size_t document, const std::string& label, uint32_t pages_done,
                      uint32_t pages_total, const std::string& note) {
  std::lock_guard lock(mutex_);
  if (!terminal_) return;
  progress_.active[document] = {label, pages_done, pages_total, note};
  int64_t now = now_ms();
  // The time before the first page is that of loading, which is not the rate of pages.
  if (first_page_ms_ == 0 && pages_done > 0) {
    first_page_ms_ = now;
    progress_.pages_before = pages_done;
  }
  if (first_page_ms_ != 0) progress_.seconds = static_cast<double>(now - first_page_ms_) / 1000;
  if (now - drawn_ms_ < kRedrawMs && !shown_.empty()) return;
  erase();
  draw();
}

void Reporter::finish(size_t document) {
  std::lock_guard lock(mutex_);
  auto entry = progress_.active.find(document);
  if (entry != progress_.active.end()) {
    progress_.pages_finished += entry->second.pages_done;
    progress_.active.erase(entry);
  }
  ++progress_.finished;
  erase();
  if (progress_.finished < progress_.documents) draw();
}

void Reporter::status(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (!terminal_) return;
  erase();
  shown_ = cut_to_width(text, terminal_columns() - 1);
  (void)write_all(STDERR_FILENO, shown_);
}

void Reporter::clear() {
  std::lock_guard lock(mutex_);
  progress_.active.clear();
  progress_.documents = 0;
  erase();
}

void Reporter::erase() {
  if (shown_.empty()) return;
  (void)write_all(STDERR_FILENO, "\r\x1b[K");
  shown_.clear();
}

void Reporter::draw() {
  if (!terminal_ || progress_.active.empty()) return;
  shown_ = cut_to_width(progress_line(progress_), terminal_columns() - 1);
  drawn_ms_ = now_ms();
  (void)write_all(STDERR_FILENO, shown_);
}

}  // namespace pdf2md::ctl
