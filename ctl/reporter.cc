#include "ctl/reporter.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "ctl/file_output.h"
#include "ctl/text.h"

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

Reporter::Reporter(bool quiet, bool verbose)
    : quiet_(quiet), verbose_(verbose), terminal_(!quiet && is_terminal()) {}

void Reporter::print(const std::string& text) {
  erase();
  (void)write_all(STDERR_FILENO, text + "\n");
  draw();
}

void Reporter::log(const std::string& text) {
  if (!log_.valid()) return;
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::string time = format_time(int64_t{now.tv_sec} * 1000);
  // A log that cannot be written is not worth the work that it is about.
  if (!write_all(log_.get(), time + " " + text + "\n")) log_.reset();
}

void Reporter::keep_log(Fd file) {
  std::lock_guard lock(mutex_);
  log_ = std::move(file);
}

void Reporter::message(const std::string& text) {
  std::lock_guard lock(mutex_);
  log(text);
  print(text);
}

void Reporter::note(const std::string& text) {
  std::lock_guard lock(mutex_);
  log(text);
  if (!quiet_) print(text);
}

void Reporter::detail(const std::string& text) {
  std::lock_guard lock(mutex_);
  log(text);
  if (verbose_) print(text);
}

Status Reporter::output(const std::string& line) {
  std::lock_guard lock(mutex_);
  erase();
  Status written = write_standard_output(line + "\n");
  draw();
  return written;
}

void Reporter::begin(size_t documents, ProgressUnit unit) {
  std::lock_guard lock(mutex_);
  erase();
  progress_ = Progress();
  progress_.documents = documents;
  progress_.unit = unit;
  first_page_ms_ = 0;
}

void Reporter::update(size_t document, const std::string& label, uint64_t done, uint64_t total,
                      const std::string& note) {
  std::lock_guard lock(mutex_);
  if (!terminal_) return;
  progress_.active[document] = {label, done, total, note};
  int64_t now = now_ms();
  // The time before the first page is that of loading, which is not the rate of pages.
  if (first_page_ms_ == 0 && done > 0) {
    first_page_ms_ = now;
    progress_.done_before = done;
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
    progress_.done_finished += entry->second.done;
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
  shown_ = progress_line(progress_, terminal_columns() - 1);
  drawn_ms_ = now_ms();
  (void)write_all(STDERR_FILENO, shown_);
}

}  // namespace pdf2md::ctl
