#include "document/page_mark.h"

namespace pdf2md::document {

std::string page_mark(const std::string& separator, uint32_t page) {
  const std::string number = std::to_string(page);
  std::string mark = separator;
  for (size_t at = mark.find("{page}"); at != mark.npos;
       at = mark.find("{page}", at + number.size()))
    mark.replace(at, 6, number);
  return mark;
}

std::string problem_of(const PageStart& start) {
  const bool failed = start.status == PageStatus::kFailed;
  if (!failed && start.status != PageStatus::kDegraded) return "";
  std::string text = "page " + std::to_string(start.page) +
                     (failed ? " could not be converted: " : " is incomplete: ") + start.problem;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

}  // namespace pdf2md::document
