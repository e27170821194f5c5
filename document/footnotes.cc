#include "document/footnotes.h"

#include <algorithm>
#include <cmath>
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
  if (!block.marker
           .empty()) {  // an end note, of which the page stage may have taken the number off
    Block without = block;
    without.marker.clear();
    const NoteMark own = note_mark(without);
    return {block.marker, own.mark == block.marker ? own.bytes : 0};
  }
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

namespace {

constexpr size_t kMostEndNotes = 5000;
constexpr size_t kMostPageNotes = 500;

bool may_be_note(const Block& block) {
  return block.type == BlockType::kText || block.type == BlockType::kFootnote;
}

// The mark with which a line begins, where it is raised; empty: none.
std::string raised_mark(const Line& line) {
  for (const Span& span : line.spans) {
    if (trimmed(span.text).empty()) continue;
    return (span.style & kSuperscript) ? bare_mark(span.text) : std::string();
  }
  return {};
}

uint32_t number_in(const std::string& mark) {
  if (mark.empty() || mark.size() > 4 || mark.find_first_not_of("0123456789") != mark.npos)
    return 0;
  uint32_t value = 0;
  for (char c : mark) value = value * 10 + static_cast<uint32_t>(c - '0');
  return value;
}

float size_of(const Block& block) {
  float most = 0, size = 0;
  for (const Line& line : block.lines)
    for (const Span& span : line.spans)
      if (span.box.width() > most) most = span.box.width(), size = span.size_pt;
  return size;
}

Block part_of(const Block& block, size_t first, size_t last) {
  Block part = block;
  part.lines.assign(block.lines.begin() + static_cast<ptrdiff_t>(first),
                    block.lines.begin() + static_cast<ptrdiff_t>(last));
  part.box = {};
  for (const Line& line : part.lines) part.box = united(part.box, line.box);
  return part;
}

}  // namespace

void mark_footnotes(PageRecord& record, float body_size_pt) {
  // Marks in running text: not those that lines begin with.
  std::set<std::string> referred;
  bool any = false;
  for (const Block& block : record.blocks) {
    if (block.type == BlockType::kNoise) continue;
    for (const Line& line : block.lines) {
      const std::string own = raised_mark(line);
      any = any || !own.empty();
      bool first = !own.empty();
      for (const Span& span : line.spans) {
        if (!(span.style & kSuperscript)) continue;
        if (!first) referred.insert(bare_mark(span.text));
        first = false;
      }
    }
    if (block.table)
      for (const Cell& cell : block.table->cells) collect_marks(cell.lines, referred);
  }
  if (!any) return;
  std::vector<Block> blocks;
  for (Block& block : record.blocks) {
    if (!may_be_note(block) || block.lines.empty()) {
      blocks.push_back(std::move(block));
      continue;
    }
    const float size = size_of(block);
    const bool small = size < 0.93f * body_size_pt;
    size_t first = 0;
    for (size_t i = 0; i <= block.lines.size(); ++i) {
      const std::string mark = i < block.lines.size() ? raised_mark(block.lines[i]) : std::string();
      const bool begins = !mark.empty() && referred.count(mark) > 0 &&
                          (small || block.box.y0 > 0.4f * record.height_pt);
      if (i < block.lines.size() && !begins) continue;
      if (i > first) {
        Block part = part_of(block, first, i);
        const std::string own = raised_mark(part.lines.front());
        const bool note = !own.empty() && referred.count(own) > 0 && size < 1.02f * body_size_pt &&
                          (small || part.box.y0 > 0.4f * record.height_pt);
        // Small text right below a note goes on with it.
        const bool goes_on =
            own.empty() && small && !blocks.empty() && blocks.back().type == BlockType::kFootnote &&
            part.box.y0 >= blocks.back().box.y0 && part.box.y0 - blocks.back().box.y1 < size;
        if (note || goes_on) part.type = BlockType::kFootnote;
        blocks.push_back(std::move(part));
      }
      first = i;
    }
  }
  // A note that began on the page before goes on above the first of this page.
  for (size_t i = 1; i < blocks.size(); ++i) {
    Block& above = blocks[i - 1];
    if (blocks[i].type != BlockType::kFootnote || above.type != BlockType::kText ||
        above.lines.empty())
      continue;
    const float size = size_of(above);
    if (size < 0.93f * body_size_pt && std::abs(size - size_of(blocks[i])) < 0.3f &&
        above.box.y1 <= blocks[i].box.y0 + 1 && blocks[i].box.y0 - above.box.y1 < size &&
        above.box.y0 > 0.4f * record.height_pt)
      above.type = BlockType::kFootnote;
    break;
  }
  record.blocks = std::move(blocks);
}

void EndNotes::see(const PageRecord& record) {
  for (uint32_t i = 0; i < record.blocks.size(); ++i) {
    const Block& block = record.blocks[i];
    if (block.type == BlockType::kNoise || block.type == BlockType::kFormula) continue;
    uint32_t number = 0;
    if (block.type == BlockType::kListItem)
      number = number_in(bare_mark(block.marker));
    else if (may_be_note(block) && !block.lines.empty())
      number = number_in(raised_mark(block.lines.front()));
    if (number != 0 && number == run_.size() + 1 && run_.size() < kMostEndNotes) {
      run_.push_back({record.page, i});
    } else if (number == 1) {
      run_.assign(1, {record.page, i});
    }
    for (const Line& line : block.lines) {
      bool first = true;
      for (const Span& span : line.spans) {
        const bool at_start = first && !trimmed(span.text).empty();
        if (at_start) first = false;
        if (!(span.style & kSuperscript) || at_start) continue;
        const uint32_t mark = number_in(bare_mark(span.text));
        if (mark != 0 && references_.size() < kMostEndNotes) references_[mark] = record.page;
      }
    }
  }
}

void EndNotes::finish() {
  if (run_.size() < 2) return;
  size_t found = 0, beyond = 0;
  for (const auto& [number, page] : references_) {
    if (number <= run_.size())
      found += page <= run_[number - 1].first;
    else
      ++beyond;
  }
  if (found * 5 < run_.size() * 4 || beyond * 5 > found) return;
  for (uint32_t i = 0; i < run_.size(); ++i) notes_[run_[i]] = i + 1;
  count_ = static_cast<uint32_t>(run_.size());
}

bool EndNotes::has(std::string_view mark) const {
  const uint32_t number = number_in(bare_mark(mark));
  return number != 0 && number <= count_;
}

void EndNotes::mark(PageRecord& record) const {
  for (uint32_t i = 0; i < record.blocks.size(); ++i) {
    const auto found = notes_.find({record.page, i});
    if (found == notes_.end()) continue;
    record.blocks[i].type = BlockType::kFootnote;
    record.blocks[i].marker = std::to_string(found->second);
  }
}

PageNotes::PageNotes(const PageRecord& record, const EndNotes& end_notes, uint32_t& next)
    : end_notes_(end_notes) {
  std::set<std::string> referred;
  for (const Block& block : record.blocks) {
    if (block.type == BlockType::kFootnote || block.type == BlockType::kNoise) continue;
    collect_marks(block.lines, referred);
    if (block.table)
      for (const Cell& cell : block.table->cells) collect_marks(cell.lines, referred);
  }
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    if (record.blocks[i].type != BlockType::kFootnote) continue;
    if (notes_.size() >= kMostPageNotes) break;
    Note note{note_mark(record.blocks[i]).mark, i, 0};
    const std::string& end_note = record.blocks[i].marker;
    if (!end_note.empty()) {
      notes_.push_back({"", i, number_in(end_note)});
      continue;
    }
    if (note.mark.empty() || is_defined(note.mark)) continue;
    if (referred.count(note.mark) > 0) note.number = next++;
    notes_.push_back(std::move(note));
  }
}

bool PageNotes::is_defined(std::string_view mark) const {
  return std::any_of(notes_.begin(), notes_.end(),
                     [&](const Note& note) { return note.mark == mark; });
}

uint32_t PageNotes::number(std::string_view mark) const {
  const std::string bare = bare_mark(mark);
  if (bare.empty()) return 0;
  for (const Note& note : notes_)
    if (note.mark == bare) return note.number;
  return end_notes_.has(bare) ? number_in(bare) : 0;
}

uint32_t PageNotes::number_of_block(size_t index) const {
  for (const Note& note : notes_)
    if (note.block == index) return note.number;
  return 0;
}

}  // namespace pdf2md::document
