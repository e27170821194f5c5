#include "ctl/log_lines.h"

#include "ctl/text.h"

namespace pdf2md::ctl {

bool is_about_job(std::string_view line, uint64_t job) {
  std::string number = std::to_string(job);
  std::string text = " job=" + number;
  for (size_t at = line.find(text); at != std::string_view::npos; at = line.find(text, at + 1)) {
    size_t end = at + text.size();
    if (end == line.size() || line[end] == ' ') return true;
  }
  return line.find("\"job\":\"" + number + "\"") != std::string_view::npos;
}

void LogLines::add(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    part_ += text.substr(0, end);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
    if (!job_ || is_about_job(part_, *job_)) lines_.push_back(printable(part_) + "\n");
    if (last_ && lines_.size() > *last_) lines_.pop_front();
    part_.clear();
  }
}

std::string LogLines::take() {
  std::string text;
  for (const std::string& line : lines_) text += line;
  lines_.clear();
  return text;
}

}  // namespace pdf2md::ctl
