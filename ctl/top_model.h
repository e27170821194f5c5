// "pdf2mdctl top" without a terminal: what it shows, and what keys do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/top_counters.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {

// How a piece of a line looks; the screen knows colours.
enum class TopStyle { kPlain, kBold, kDim, kGood, kWarning, kBad, kBar };
struct TopPiece {
  std::string text;  // printable
  TopStyle style = TopStyle::kPlain;
};
struct TopLine {
  std::vector<TopPiece> pieces;
  bool selected = false;  // the whole width
};

enum class TopKey { kUp, kDown, kPageUp, kPageDown, kHome, kEnd, kEscape, kOther };

// What a key asks the daemon, or the program, to do.
struct TopRequest {
  enum class Kind { kQuit, kLook, kCancel, kHold, kRelease, kResize, kDrain, kResume };
  Kind kind = Kind::kLook;
  uint64_t job = 0;
  uint32_t workers = 0;
};

struct TopData {
  proto::HealthReport health;
  std::vector<proto::WorkerInfo> workers;
  std::vector<proto::JobInfo> jobs;
  TopCounters counters;
};

class TopModel {
 public:
  explicit TopModel(std::string place) : place_(std::move(place)) {}

  void update(TopData data, int64_t now_ms, int64_t now_unix_ms);
  // Nothing answers: what was known stays, and this is said.
  void lose(const std::string& why);
  // What became of a request; empty: nothing to say.
  void tell(const std::string& message, bool bad);

  // `letter`: of kOther. Nothing: only the screen changes.
  std::optional<TopRequest> key(TopKey key, char letter);

  // Exactly `height` lines of at most `width` columns.
  std::vector<TopLine> lines(size_t width, size_t height, bool unicode);

 private:
  std::optional<TopRequest> answer(char letter);
  std::optional<TopRequest> request(char letter);
  const proto::JobInfo* selected() const;
  void move(int by);
  TopLine head() const;
  TopLine counts() const;
  TopLine rates(size_t width, bool unicode) const;
  TopLine worker_line(const proto::WorkerInfo& worker, size_t width) const;
  TopLine job_line(const proto::JobInfo& job, size_t width) const;
  TopLine last_line(size_t width) const;
  void add_workers(std::vector<TopLine>& lines, size_t width, size_t most) const;
  void add_jobs(std::vector<TopLine>& lines, size_t width, size_t height);

  std::string place_;  // of the daemon: its socket
  TopData data_;
  TopHistory history_;
  bool any_ = false;
  std::string trouble_;
  int64_t now_unix_ms_ = 0;
  uint64_t selected_ = 0;   // job; 0: the first
  size_t first_shown_ = 0;  // job at the top of the list
  size_t jobs_shown_ = 1;   // how many there was room for
  std::string message_;
  bool message_bad_ = false;
  int message_looks_ = 0;            // since it came
  std::optional<TopRequest> asked_;  // waits for "y"
};

}  // namespace pdf2md::ctl
