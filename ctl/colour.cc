#include "ctl/colour.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace pdf2md::ctl {

bool wants_colours(int fd) {
  const char* no = std::getenv("NO_COLOR");
  const char* type = std::getenv("TERM");
  const bool dumb = type == nullptr || *type == 0 || std::strcmp(type, "dumb") == 0;
  return (no == nullptr || *no == 0) && !dumb && ::isatty(fd) != 0;
}

Colour colour_of(const proto::JobInfo& job) {
  switch (job.state) {
    case proto::JobState::kFailed:
      return Colour::kRed;
    case proto::JobState::kCancelled:
      return Colour::kFaint;
    case proto::JobState::kRunning:
      return job.held ? Colour::kYellow : Colour::kGreen;
    case proto::JobState::kQueued:
      return job.held ? Colour::kYellow : Colour::kNone;
    case proto::JobState::kDone:
      break;
  }
  return job.pages_failed.empty() && job.pages_degraded.empty() ? Colour::kNone : Colour::kYellow;
}

std::string painted(const std::string& text, Colour colour) {
  const char* code = colour == Colour::kRed      ? "\x1b[31m"
                     : colour == Colour::kYellow ? "\x1b[33m"
                     : colour == Colour::kGreen  ? "\x1b[32m"
                     : colour == Colour::kFaint  ? "\x1b[2m"
                                                 : nullptr;
  return code == nullptr ? text : code + text + "\x1b[0m";
}

std::string paint_rows(const std::string& table, const std::vector<Colour>& colours) {
  std::string out;
  size_t row = 0;
  for (size_t start = 0; start < table.size();) {
    const size_t end = std::min(table.find('\n', start), table.size());
    const bool body = row > 0 && row <= colours.size();
    out += painted(table.substr(start, end - start), body ? colours[row - 1] : Colour::kNone);
    out += '\n';
    start = end + 1;
    ++row;
  }
  return out;
}

}  // namespace pdf2md::ctl
