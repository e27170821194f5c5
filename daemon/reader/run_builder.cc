#include "daemon/reader/run_builder.h"

#include <algorithm>
#include <utility>

namespace pdf2md::reader {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0", kSoftHyphen = "\xC2\xAD",
                           kZeroWidthSpace = "\xE2\x80\x8B", kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

}  // namespace

document::Run& RunBuilder::run_of(const TextKind& kind) {
  const bool same = !runs_.empty() && !runs_.back().line_break && runs_.back().note == 0 &&
                    (runs_.back().style & document::kMath) == 0 &&
                    runs_.back().style == kind.style && runs_.back().uri == kind.uri;
  if (!same) {
    document::Run run;
    run.style = kind.style;
    run.uri = kind.uri;
    runs_.push_back(std::move(run));
  }
  return runs_.back();
}

// A space between two kinds belongs to the one with less to say.
void RunBuilder::settle_space(const TextKind& kind) {
  const bool due = space_ && !runs_.empty() && !runs_.back().line_break;
  space_ = false;
  if (!due) return;
  ++bytes_;
  document::Run& last = runs_.back();
  const bool plain = last.note == 0 && last.style == 0 && last.uri.empty();
  if (plain)
    last.text += ' ';
  else if (last.style == kind.style && last.uri == kind.uri)
    run_of(kind).text += ' ';
  else
    run_of({}).text += ' ';
}

void RunBuilder::text(std::string_view utf8, const TextKind& kind) {
  while (!utf8.empty()) {
    const bool space = is_blank(utf8[0]);
    if (space || utf8.starts_with(kNoBreakSpace)) {
      space_ = true;
      utf8.remove_prefix(space ? 1 : kNoBreakSpace.size());
      continue;
    }
    if (utf8.starts_with(kSoftHyphen) || utf8.starts_with(kZeroWidthSpace) ||
        utf8.starts_with(kByteOrderMark)) {
      utf8.remove_prefix(utf8.starts_with(kSoftHyphen) ? 2 : 3);
      continue;
    }
    settle_space(kind);
    const size_t end = std::min(utf8.find_first_of(" \t\n\r\f\xC2\xE2\xEF", 1), utf8.size());
    run_of(kind).text += utf8.substr(0, end);
    bytes_ += end;
    utf8.remove_prefix(end);
  }
}

void RunBuilder::verbatim(std::string text, uint16_t style) {
  if (text.empty()) return;
  settle_space({style, ""});
  bytes_ += text.size();
  document::Run run;
  run.text = std::move(text);
  run.style = style;
  runs_.push_back(std::move(run));
}

void RunBuilder::line_break() {
  space_ = false;
  if (runs_.empty()) return;
  document::Run run;
  run.line_break = true;
  runs_.push_back(std::move(run));
}

void RunBuilder::note(uint32_t number, std::string mark) {
  settle_space({});
  bytes_ += mark.size();
  document::Run run;
  run.text = std::move(mark);
  run.note = number;
  run.style = document::kSuperscript;
  runs_.push_back(std::move(run));
}

document::Runs RunBuilder::take() {
  while (!runs_.empty() && runs_.back().line_break) runs_.pop_back();
  space_ = false;
  return std::exchange(runs_, {});
}

}  // namespace pdf2md::reader
