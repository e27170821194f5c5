#include "document/inline_text.h"

#include <algorithm>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr uint16_t kWritten =
    kBold | kItalic | kMonospaced | kSuperscript | kSubscript | kStruck | kMath;

bool mergeable(const Run& a, const Run& b) {
  return a.style == b.style && a.uri == b.uri && a.note == 0 && b.note == 0 && !a.line_break &&
         !b.line_break;
}

void append(Runs& runs, Run run) {
  if (!run.line_break && run.text.empty() && run.note == 0) return;
  if (!runs.empty() && mergeable(runs.back(), run))
    runs.back().text += run.text;
  else
    runs.push_back(std::move(run));
}

// The last white-space separated word of the text, and the first.
std::string_view last_token(std::string_view text) {
  const size_t space = text.find_last_of(' ');
  return space == text.npos ? text : text.substr(space + 1);
}
std::string_view first_token(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// An address broken at a line's end: the link itself says that the parts belong together.
bool broken_address(const Run& before, const Run& after) {
  if (before.uri.empty() || before.uri != after.uri) return false;
  std::string both(last_token(before.text));
  both += first_token(after.text);
  return both.size() > 4 && before.uri.find(both) != before.uri.npos;
}

// What decides how lines join: a few words on either side, whatever the length of the paragraph.
constexpr size_t kBorderBytes = 200;

std::string text_at_end(const Runs& runs) {
  std::string text;
  for (size_t i = runs.size(); i-- > 0 && text.size() < kBorderBytes;) {
    if (runs[i].note != 0 || runs[i].line_break) break;
    const std::string& part = runs[i].text;
    size_t from = part.size() > kBorderBytes ? part.size() - kBorderBytes : 0;
    while (from < part.size() && (part[from] & 0xC0) == 0x80) ++from;
    text.insert(0, part, from, part.npos);
    if (from > 0) break;
  }
  return text;
}

std::string text_at_start(const Runs& runs) {
  std::string text;
  for (const Run& run : runs) {
    if (run.note != 0 || run.line_break || text.size() >= kBorderBytes) break;
    text += run.text;
  }
  return text;
}

void drop_last_character(std::string& text) {
  while (!text.empty() && (text.back() & 0xC0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

std::string without_soft_hyphens(std::string_view text, bool last) {
  std::string out;
  const std::u32string all = code_points(text);
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i] != 0xAD || (last && i + 1 == all.size())) append_code_point(out, all[i]);
  return out;
}

Runs runs_of_line(const Line& line, const InlineContext& context) {
  Runs runs;
  for (size_t i = 0; i < line.spans.size(); ++i) {
    const Span& span = line.spans[i];
    Run run;
    run.text = without_soft_hyphens(span.text, i + 1 == line.spans.size());
    run.style = span.style & kWritten & static_cast<uint16_t>(~context.plain_styles);
    if (context.links != nullptr && span.link >= 0 &&
        static_cast<size_t>(span.link) < context.links->size())
      run.uri = (*context.links)[static_cast<size_t>(span.link)].uri;
    if ((run.style & kSuperscript) && context.note_of) {
      const std::string mark(trimmed(run.text));
      const uint32_t note = context.note_of(mark);
      if (note != 0) {
        // The mark hugs the word before it, whatever the gap looked like.
        if (!runs.empty())
          while (!runs.back().text.empty() && runs.back().text.back() == ' ')
            runs.back().text.pop_back();
        const bool space_after = !run.text.empty() && run.text.back() == ' ';
        run.text = mark;
        run.note = note;
        run.style = 0;
        run.uri.clear();
        append(runs, run);
        if (space_after) append(runs, Run{" ", 0, "", 0, false});
        continue;
      }
    }
    append(runs, std::move(run));
  }
  return runs;
}

}  // namespace

std::string plain_text(const Runs& runs) {
  std::string text;
  for (const Run& run : runs) {
    if (run.line_break)
      text += ' ';
    else if (run.note == 0)
      text += run.text;
  }
  return text;
}

void trim_runs(Runs& runs) {
  auto is_blank = [](const Run& run) {
    return run.note == 0 && (run.line_break || trimmed(run.text).empty());
  };
  while (!runs.empty() && is_blank(runs.back())) runs.pop_back();
  while (!runs.empty() && is_blank(runs.front())) runs.erase(runs.begin());
  if (runs.empty()) return;
  std::string& first = runs.front().text;
  first.erase(0, first.size() - std::string_view(first)
                                    .substr(std::min(first.find_first_not_of(' '), first.size()))
                                    .size());
  std::string& last = runs.back().text;
  while (!last.empty() && last.back() == ' ') last.pop_back();
}

void drop_prefix(Runs& runs, size_t bytes) {
  while (bytes > 0 && !runs.empty()) {
    std::string& text = runs.front().text;
    const size_t n = std::min(bytes, text.size());
    text.erase(0, n);
    bytes -= n;
    if (!text.empty()) break;
    runs.erase(runs.begin());
  }
}

void clear_style(Runs& runs, uint16_t styles) {
  Runs merged;
  for (Run& run : runs) {
    run.style &= static_cast<uint16_t>(~styles);
    append(merged, std::move(run));
  }
  runs = std::move(merged);
}

uint16_t common_style(const Runs& runs) {
  uint16_t common = 0xFFFF;
  bool any = false;
  for (const Run& run : runs) {
    if (run.note != 0 || run.line_break || trimmed(run.text).empty()) continue;
    if (run.style & kMath) continue;
    common &= run.style;
    any = true;
  }
  return any ? common : 0;
}

void join_runs(Runs& runs, Runs more, const JoinEvidence& evidence) {
  if (runs.empty()) {
    runs = std::move(more);
    return;
  }
  if (more.empty()) return;
  Run& last = runs.back();
  while (!last.text.empty() && last.text.back() == ' ') last.text.pop_back();
  std::string& next = more.front().text;
  next.erase(0, std::min(next.find_first_not_of(' '), next.size()));
  LineJoin join = LineJoin::kSpace;
  if (broken_address(last, more.front()) || more.front().note != 0) {
    join = LineJoin::kNothing;
  } else if (last.note != 0) {
    const std::u32string after = code_points(next);
    if (!after.empty() && is_cjk(after.front())) join = LineJoin::kNothing;
  } else {
    // The words at the border may be of several styles: look at them whole.
    join = join_lines(text_at_end(runs), text_at_start(more), evidence);
  }
  if (join == LineJoin::kDropHyphen) drop_last_character(last.text);
  if (join == LineJoin::kSpace) {
    // Between two runs of one kind the space is of that kind; else it is plain.
    const bool alike =
        last.style == more.front().style && last.uri == more.front().uri && last.note == 0;
    if (alike || mergeable(last, more.front()))
      last.text += ' ';
    else
      append(runs, Run{" ", static_cast<uint16_t>(last.style & more.front().style), "", 0, false});
  }
  if (!runs.empty() && runs.back().text.empty() && runs.back().note == 0 && !runs.back().line_break)
    runs.pop_back();
  for (Run& run : more) append(runs, std::move(run));
}

Runs runs_of(const std::vector<Line>& lines, const InlineContext& context) {
  Runs all;
  for (const Line& line : lines) {
    Runs next = runs_of_line(line, context);
    trim_runs(next);
    if (!next.empty()) join_runs(all, std::move(next), context.join);
  }
  trim_runs(all);
  return all;
}

}  // namespace pdf2md::document
