#include "document/footnotes.h"

#include <algorithm>
#include <set>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr std::u32string_view kSigns = U"*†‡§¶‖#∗⁎";

char32_t plain_digit(char32_t c) {
  if (c == 0xB9) return U'1';
  if (c == 0xB2) return U'2';
  if (c == 0xB3) return U'3';
  if (c >= 0x2070 && c <= 0x2079) return U'0' + (c - 0x2070);
  return c;
}

void collect_marks(const std::vector<Line>& lines, std::set<std::string>& marks) {
  for (const Line& line : lines) {
    for (const Span& span : line.spans) {
      if (!(span.style & kSuperscript)) continue;
      const std::string mark = bare_mark(span.text);
      if (!mark.empty()) marks.insert(mark);
    }
  }
}

}  // namespace

std::string bare_mark(std::string_view text) {
  const std::u32string all = code_points(trimmed(text));
  if (all.empty() || all.size() > 6) return {};
  std::string mark;
  bool digits = false, sign = false, letter = false;
  for (char32_t c : all) {
    if (std::u32string_view(U"()[].,").find(c) != std::u32string_view::npos) continue;
    c = plain_digit(c);
    if (c == 0x2217 || c == 0x204E) c = U'*';
    if (is_digit(c))
      digits = true;
    else if (kSigns.find(c) != kSigns.npos)
      sign = true;
    else if (is_lower(c) && !letter)
      letter = true;
    else
      return {};
    append_code_point(mark, c);
  }
  // "1a" and "2*" are not marks of notes; neither is a year.
  if (digits + sign + letter != 1 || mark.size() > 9 || (digits && mark.size() > 3)) return {};
  return mark;
}

NoteMark note_mark(const Block& block) {
  if (block.lines.empty() || block.lines.front().spans.empty()) return {};
  const Line& line = block.lines.front();
  // Spans that are only space may come first.
  size_t before = 0, at = 0;
  while (at < line.spans.size() && trimmed(line.spans[at].text).empty())
    before += line.spans[at++].text.size();
  if (at == line.spans.size()) return {};
  const std::string text = line.text();
  auto with_space_after = [&](size_t bytes) {
    while (bytes < text.size() && text[bytes] == ' ') ++bytes;
    return bytes;
  };
  if (line.spans[at].style & kSuperscript) {
    const std::string mark = bare_mark(line.spans[at].text);
    if (!mark.empty()) return {mark, with_space_after(before + line.spans[at].text.size())};
  }
  const size_t space = text.find(' ', before);
  if (space != text.npos && space > before) {
    const std::string token = text.substr(before, space - before);
    const std::string mark = bare_mark(token);
    const bool letter = !mark.empty() && mark[0] >= 'a' && mark[0] <= 'z';
    if (!mark.empty() && (!letter || token != mark)) return {mark, with_space_after(space)};
  }
  // A sign or a raised digit may touch the text.
  const std::u32string all = code_points(std::string_view(text).substr(before, 32));
  size_t signs = 0;
  while (signs < all.size() &&
         (kSigns.find(all[signs]) != kSigns.npos || plain_digit(all[signs]) != all[signs]))
    ++signs;
  if (signs == 0) return {};
  std::string mark;
  for (size_t i = 0; i < signs; ++i) append_code_point(mark, all[i]);
  return {bare_mark(mark), with_space_after(before + mark.size())};
}

PageNotes::PageNotes(const PageRecord& record, uint32_t& next) {
  std::set<std::string> referred;
  for (const Block& block : record.blocks) {
    if (block.type == BlockType::kFootnote || block.type == BlockType::kNoise) continue;
    collect_marks(block.lines, referred);
    if (block.table)
      for (const Cell& cell : block.table->cells) collect_marks(cell.lines, referred);
  }
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    if (record.blocks[i].type != BlockType::kFootnote) continue;
    Note note{note_mark(record.blocks[i]).mark, i, 0};
    if (note.mark.empty() || number(note.mark) != 0) continue;
    if (referred.count(note.mark) > 0) note.number = next++;
    notes_.push_back(std::move(note));
  }
}

uint32_t PageNotes::number(std::string_view mark) const {
  const std::string bare = bare_mark(mark);
  if (bare.empty()) return 0;
  for (const Note& note : notes_)
    if (note.mark == bare) return note.number;
  return 0;
}

uint32_t PageNotes::number_of_block(size_t index) const {
  for (const Note& note : notes_)
    if (note.block == index) return note.number;
  return 0;
}

}  // namespace pdf2md::document
