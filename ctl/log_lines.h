// The daemon's log as text: which of its lines are wanted. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace pdf2md::ctl {

// The line has the field job=N, in one of the forms that the daemon writes.
bool is_about_job(std::string_view line, uint64_t job);

// Takes text piece by piece, and gives the whole lines that are wanted.
class LogLines {
 public:
  LogLines(std::optional<uint64_t> job, std::optional<uint32_t> last) : job_(job), last_(last) {}

  void add(std::string_view text);
  // Those that have come since the last call, with their ends; at most `last`.
  std::string take();

 private:
  std::optional<uint64_t> job_;
  std::optional<uint32_t> last_;
  std::string part_;
  std::deque<std::string> lines_;
};

}  // namespace pdf2md::ctl
