// One column, top to bottom: where paragraphs begin, and what each is.
#include <algorithm>
#include <cmath>

#include "document/flow_row.h"

namespace pdf2md::document {
namespace {

bool ends_sentence(std::string_view text) {
  const std::u32string all = code_points(trimmed(text));
  if (all.empty()) return false;
  size_t at = all.size();
  while (at > 1 && (all[at - 1] == ')' || all[at - 1] == '"' || all[at - 1] == 0x201D ||
                    all[at - 1] == 0x2019 || all[at - 1] == ']' || all[at - 1] == 0xBB ||
                    all[at - 1] == 0x300D))
    --at;
  const char32_t c = all[at - 1];
  return c == '.' || c == '!' || c == '?' || c == ':' || c == ';' || c == 0x3002 || c == 0xFF01 ||
         c == 0xFF1F || c == 0xFF1A || c == 0x2026 || c == 0x61F || c == 0x6D4;
}

bool starts_lower(std::string_view text) {
  for (char32_t c : code_points(trimmed(text).substr(0, 16))) {
    if (is_lower(c)) return true;
    if (is_letter(c) || is_digit(c)) return false;
  }
  return false;
}

float first_word_width(const FlowRow& row) {
  const std::u32string all = code_points(row.text);
  size_t end = 0;
  while (end < all.size() && !is_space(all[end]) && !(end > 0 && is_cjk(all[end]))) ++end;
  return all.empty() ? 0
                     : (row.x1 - row.x0) * static_cast<float>(end) / static_cast<float>(all.size());
}

class Flow {
 public:
  Flow(Sheet& sheet, const std::vector<Piece>& column, std::vector<Block>& out)
      : sheet_(sheet), out_(out) {
    rows_ = flow_rows(sheet, column, shape_);
    mark_contents(rows_, sheet);
    confirm_markers(rows_, shape_, sheet);
    code_page_ = sheet.body_mono > 0.7f;
  }

  void run() {
    for (size_t i = 0; i < rows_.size();) {
      if (rows_[i].block >= 0) {
        out_.push_back(sheet_.blocks[static_cast<size_t>(rows_[i].block)]);
        ++i;
        continue;
      }
      size_t end = i + 1;
      if (is_code_row(i)) {
        while (end < rows_.size() && is_code_row(end) &&
               rows_[end].after < 3.2f * std::max(rows_[end].size, rows_[end - 1].size))
          ++end;
        if (end - i > 1 || is_lone_code(i)) {
          emit_code(i, end);
          i = end;
          continue;
        }
        end = i + 1;
      }
      while (end < rows_.size() && rows_[end].block < 0 && !starts_new(i, end)) ++end;
      emit(i, end);
      i = end;
    }
  }

 private:
  // --- code
  bool is_code_row(size_t i) const {
    const FlowRow& row = rows_[i];
    if (row.block >= 0 || !row.mono) return false;
    return !code_page_ || row.x0 - shape_.x0 > 1.5f * row.size ||
           row.text.find_first_of("{};=<>$#|") != std::string::npos;
  }
  // One monospaced row is code only where it stands apart; a long name in a paragraph may fill a
  // row.
  bool is_lone_code(size_t i) const {
    const bool before = i == 0 || rows_[i].after == 0 ||
                        rows_[i].after > 1.3f * shape_.leading * rows_[i].size ||
                        ends_sentence(rows_[i - 1].text);
    const bool after = i + 1 >= rows_.size() || rows_[i + 1].after == 0 ||
                       rows_[i + 1].after > 1.3f * shape_.leading * rows_[i].size;
    return before && after && rows_[i].counts.all > 2 && !(rows_[i].style & kBold);
  }
  void emit_code(size_t first, size_t last) {
    Block block;
    block.type = BlockType::kCode;
    float left = 1e9f, cell = 0, smallest_step = 1e9f;
    for (size_t i = first; i < last; ++i) {
      left = std::min(left, rows_[i].x0);
      const size_t n = code_points(trimmed(rows_[i].text)).size();
      if (n >= 8 && rows_[i].row.fragments.size() == 1)
        cell = std::max(cell, (rows_[i].x1 - rows_[i].x0) / static_cast<float>(n));
      if (i > first && rows_[i].after > 0.5f * rows_[i].size)
        smallest_step = std::min(smallest_step, rows_[i].after);
    }
    const float size = rows_[first].size;
    if (cell < 0.3f * size || cell > 0.8f * size) cell = 0.6f * size;
    for (size_t i = first; i < last; ++i) {
      const FlowRow& row = rows_[i];
      if (i > first) {
        const int blank = static_cast<int>(std::lround(row.after / smallest_step)) - 1;
        for (int k = 0; k < std::clamp(blank, 0, 2); ++k) {
          Line empty = row.line;
          empty.spans.resize(1);
          empty.spans[0].text.clear();
          block.lines.push_back(std::move(empty));
        }
      }
      // Columns from geometry: spaces to where each fragment begins.
      Line line;
      size_t column = 0;
      for (uint32_t index : row.row.fragments) {
        const Fragment& f = sheet_.fragments[index];
        const long at = std::lround((f.box.x0 - left) / cell);
        const size_t wanted = static_cast<size_t>(std::clamp(at, 0L, 400L));
        Line part = f.line;
        const size_t pad = wanted > column ? wanted - column : (column > 0 ? 1 : 0);
        if (!part.spans.empty()) part.spans.front().text.insert(0, pad, ' ');
        column += pad + code_points(f.text).size();
        if (line.spans.empty())
          line = std::move(part);
        else {
          line.box = united(line.box, part.box);
          line.spans.insert(line.spans.end(), part.spans.begin(), part.spans.end());
        }
      }
      block.lines.push_back(std::move(line));
      block.box = united(block.box, row.box);
    }
    finish(block, first);
  }

  // --- paragraphs
  float leading_of(size_t i) const { return shape_.leading * rows_[i].size; }

  // The right edge that rows near here reach.
  float right_edge(size_t i) const {
    float right = 0;
    const size_t from = i > 6 ? i - 6 : 0;
    for (size_t k = from; k < std::min(rows_.size(), i + 7); ++k)
      if (rows_[k].block < 0) right = std::max(right, rows_[k].x1);
    return right;
  }

  // Does row `i` begin a new paragraph, given that one begins at `first`?
  bool starts_new(size_t first, size_t i) const {
    const FlowRow& start = rows_[first];
    const FlowRow& prev = rows_[i - 1];
    const FlowRow& cur = rows_[i];
    const float size = std::max(prev.size, cur.size);
    if (cur.marker || cur.contents || prev.contents) return true;
    if (cur.after <= 0) return true;
    if (is_set_apart(i) || is_set_apart(i - 1)) return true;
    if (is_code_row(i) && !prev.mono && i + 1 < rows_.size() && is_code_row(i + 1)) return true;
    // A paragraph of another size.
    if (std::abs(prev.size - cur.size) > std::max(0.6f, 0.07f * size) && cur.counts.letters > 0)
      return true;
    if (cur.after > leading_of(i) * 1.22f + 0.5f && cur.after > 1.12f * previous_step(first, i))
      return true;
    const float right = right_edge(i);
    const bool prev_short = prev.x1 < right - 2 * size;
    const bool bold_change = ((prev.style ^ cur.style) & kBold) != 0 && prev.counts.letters > 1 &&
                             cur.counts.letters > 1;
    if (bold_change && (prev_short || cur.after > 1.08f * leading_of(i))) return true;
    if (section_depth(prev.text) > 0 && prev.counts.letters > 1 && in_small_caps_font(prev) &&
        !in_small_caps_font(cur))
      return true;
    const bool heading_size = prev.size > 1.12f * sheet_.body_size;
    if (heading_size) {
      if (colour_of(prev) != colour_of(cur)) return true;
      return section_depth(cur.text) > 0 && (prev_short || section_depth(start.text) > 0) &&
             cur.x0 < start.x0 + 0.5f * size;
    }
    if (is_caption(cur.text) && (prev_short || ends_sentence(prev.text)) && cur.counts.all > 6 &&
        !is_caption(start.text) && is_label_styled(cur))
      return true;
    // The first word of this row would have fitted into the one before.
    const bool fits = prev.x1 + 0.35f * size + first_word_width(cur) < right - 0.6f * size;
    if (fits && !(starts_lower(cur.text) && !ends_sentence(prev.text))) {
      if (ends_sentence(prev.text) || !starts_lower(cur.text)) {
        if (!(centred(prev) && centred(cur) && prev.size > 1.05f * sheet_.body_size)) return true;
      }
    }
    return indent_says_new(first, i, size);
  }

  static uint32_t colour_of(const FlowRow& row) {
    return row.line.spans.empty() ? 0 : row.line.spans.front().rgb;
  }

  float previous_step(size_t first, size_t i) const {
    return i >= first + 2 ? rows_[i - 1].after : leading_of(i);
  }

  bool is_label_styled(const FlowRow& row) const {
    if (row.size < 0.97f * sheet_.body_size || row.line.spans.empty()) return true;
    return (row.line.spans.front().style & (kBold | kItalic | kSmallCaps)) != 0;
  }

  bool centred(const FlowRow& row) const {
    const float left = row.x0 - shape_.x0, right = shape_.x1 - row.x1;
    return left > 1.5f * row.size && std::abs(left - right) < 1.2f * row.size;
  }

  bool indent_says_new(size_t first, size_t i, float size) const {
    const FlowRow& start = rows_[first];
    const FlowRow& prev = rows_[i - 1];
    const FlowRow& cur = rows_[i];
    const float shift = cur.x0 - prev.x0;
    const float little = 0.6f * size;
    if (start.marker) {
      // In a list item: back to the margin means that the item has ended.
      return cur.x0 < start.x0 + 0.3f * size && start.text_x > start.x0 + 0.7f * size &&
             (i - 1 > first ? prev.x0 > start.x0 + 0.5f * size : true) &&
             (ends_sentence(prev.text) || !starts_lower(cur.text));
    }
    if (shift > little) {
      if (shift > 6 * size && !centred(cur)) return ends_sentence(prev.text);
      // Hanging indent: what follows stays in; a first-line indent comes back.
      const bool stays = i + 1 < rows_.size() && rows_[i + 1].block < 0 && rows_[i + 1].after > 0 &&
                         std::abs(rows_[i + 1].x0 - cur.x0) < 0.4f * size && !rows_[i + 1].marker;
      if (i - 1 == first) return !stays && ends_sentence(prev.text);
      return true;
    }
    if (shift < -little) {
      if (i - 1 == first) return -shift > 5 * size && ends_sentence(prev.text);
      return true;  // the end of a hanging or quoted paragraph
    }
    return false;
  }

  // --- what a paragraph is
  bool is_heading(size_t first, size_t last) const {
    const FlowRow& row = rows_[first];
    CharacterCounts counts;
    bool bold = true, italic = true;
    std::string text;
    for (size_t i = first; i < last; ++i) {
      counts.letters += rows_[i].counts.letters;
      counts.all += rows_[i].counts.all;
      counts.upper += rows_[i].counts.upper;
      counts.lower += rows_[i].counts.lower;
      if (rows_[i].counts.letters > 0) {
        bold = bold && (rows_[i].style & kBold);
        italic = italic && (rows_[i].style & kItalic);
      }
      text += rows_[i].text + " ";
    }
    if (counts.letters < 2 || counts.all > 220 || row.mono || is_mostly_formula(row)) return false;
    const float ratio =
        (row.style & kBold) == 0 && is_common_size(row.size) ? 1 : row.size / sheet_.body_size;
    const size_t rows = last - first;
    const bool sentence = ends_sentence(text);
    const int depth = section_depth(text);
    const bool apart_before =
        first == 0 || rows_[first].after == 0 || rows_[first].after > 1.25f * leading_of(first);
    if (is_caption(text) && ratio < 1.15f) return false;
    if (row.marker && depth == 0) return false;
    // The middle of a sentence is no heading, and a size measured from a scan may be some percent off.
    const bool measured = row.line.source == Source::kOcr;
    const bool far_larger = ratio > 1.25f && apart_before && rows <= 2;
    if (measured && (far_larger ? ends_in_middle(text) : goes_on(text))) return false;
    if (measured && ratio > 0.93f && ratio <= 1.2f) {
      const bool numeral = counts.lower == 0 && counts.all <= 6;  // "IV."
      if (rows > 2 || (sentence && !numeral) || !apart_before) return false;
      const bool larger = ratio > 1.1f && counts.all <= 100 && last < rows_.size();
      // Of ideographs the recogniser's weight and size say little.
      const bool by_region = ratio > 1.04f || depth > 0 || is_cjk(code_points(text).front());
      return bold || larger || (by_region && title_region(row)) ||
             (counts.upper >= 4 && counts.lower == 0 && rows == 1);
    }
    if (ratio > 1.3f) return rows <= 4;
    if (ratio > 1.12f) return rows <= 3 && (!sentence || depth > 0 || counts.all < 60);
    if (rows > (bold && apart_before ? 4 : 2) || ratio < 0.93f) return false;
    const bool small_caps = has_small_caps(row);
    const bool capitals = counts.upper >= 4 && counts.lower == 0;
    if (bold && counts.all <= (rows > 2 ? 200 : 140) && (!sentence || depth > 0))
      return apart_before || depth > 0;
    if (depth > 0 && counts.all <= 120 && (bold || italic || small_caps || capitals)) return true;
    if (ratio > 1.04f && apart_before && !sentence && counts.all <= 100 && last < rows_.size())
      return true;
    if (all_links(row)) return false;
    if (!sentence && apart_before && counts.all <= 120 && is_coloured(first, last)) return true;
    return (capitals || small_caps) && rows == 1 && !sentence && apart_before && counts.all <= 80 &&
           counts.letters >= 4 && counts.letters * 10 >= counts.all * 8;
  }

  static bool all_links(const FlowRow& row) {
    return std::all_of(row.line.spans.begin(), row.line.spans.end(), [](const Span& span) {
      return span.link >= 0 || trimmed(span.text).empty();
    });
  }

  // All of it in one colour that the page's text does not have; greys say nothing.
  bool is_coloured(size_t first, size_t last) const {
    const uint32_t rgb = colour_of(rows_[first]);
    const uint32_t red = rgb >> 16 & 0xFF, green = rgb >> 8 & 0xFF, blue = rgb & 0xFF;
    if (rgb == sheet_.body_rgb ||
        std::max({red, green, blue}) - std::min({red, green, blue}) < 0x30)
      return false;
    for (size_t i = first; i < last; ++i)
      for (const Span& span : rows_[i].line.spans)
        if (span.rgb != rgb && !trimmed(span.text).empty()) return false;
    return true;
  }

  // Much of the page is set in it: addresses above small print are no headings.
  bool is_common_size(float size) const {
    const auto use = sheet_.sizes.find(Sheet::size_key(size));
    return use != sheet_.sizes.end() && use->second.plain_lines >= 6 &&
           use->second.characters * 8 > sheet_.characters;
  }

  // Asked of scans only: elsewhere type says more than the model does.
  bool title_region(const FlowRow& row) const {
    return std::any_of(sheet_.regions.begin(), sheet_.regions.end(), [&](const Region& region) {
      return region.type == RegionType::kTitle && region.score > 0.6f &&
             region.box.contains(row.box.center_x(), row.box.center_y());
    });
  }

  // Within a word or a list of them.
  static bool ends_in_middle(std::string_view text) {
    text = trimmed(text);
    return text.ends_with('-') || text.ends_with(',');
  }
  static bool goes_on(std::string_view text) {
    const std::string_view start = trimmed(text).substr(0, 1);
    return (start >= "a" && start <= "z") || ends_in_middle(text);
  }

  // A row of nothing but a formula, and its number perhaps.
  bool is_display(size_t i) const {
    const FlowRow& row = rows_[i];
    size_t formulas = 0, letters = 0;
    for (const Span& span : row.line.spans) {
      formulas += (span.style & kMath) != 0;
      if ((span.style & kMath) == 0) letters += count_characters(span.text).letters;
    }
    return formulas > 0 && letters == 0;
  }

  static bool is_mostly_formula(const FlowRow& row) {
    size_t formulas = 0, all = 0;
    for (const Span& span : row.line.spans) {
      all += span.text.size();
      if (span.style & kMath) formulas += span.text.size();
    }
    return formulas * 2 > all;
  }

  // A display, and not merely the last line of a paragraph that ends in a formula.
  bool is_set_apart(size_t i) const {
    if (rows_[i].block >= 0 || rows_[i].marker || !is_display(i)) return false;
    const FlowRow& row = rows_[i];
    const bool inset = row.x0 > shape_.x0 + 1.5f * row.size;
    const bool below = i > 0 && row.after > 0 && row.after < 1.1f * leading_of(i) &&
                       std::abs(row.x0 - rows_[i - 1].x0) < 0.3f * row.size;
    return (inset && !below) || row.after > 1.3f * leading_of(i);
  }

  bool is_formula(size_t first, size_t last) const {
    size_t math = 0, all = 0;
    for (size_t i = first; i < last; ++i)
      for (const Span& span : rows_[i].line.spans) {
        const size_t n = code_points(trimmed(span.text)).size();
        all += n;
        const std::string& font = span.font;
        const bool maths = font.starts_with("CMMI") || font.starts_with("CMSY") ||
                           font.starts_with("CMEX") || font.starts_with("LMMathI") ||
                           font.starts_with("LMMathS") || font.starts_with("LMMathE") ||
                           font.starts_with("MSBM") || font.starts_with("rtxmi") ||
                           font.find("Math") != std::string::npos;
        if (maths) math += n;
      }
    const bool inset = rows_[first].x0 > shape_.x0 + 1.5f * rows_[first].size;
    return all >= 3 && math * 10 >= all * 4 && inset;
  }

  // "1.1.2 The Method: We ..." in bold or italic up to the colon: the heading is a block of its own,
  // and the paragraph begins after it.
  void split_run_in(size_t first) {
    FlowRow& row = rows_[first];
    std::vector<Span>& spans = row.line.spans;
    const uint16_t style = spans.front().style & (kBold | kItalic);
    if (style == 0 || row.marker) return;
    size_t end = 0;
    std::string title;
    while (end < spans.size() &&
           ((spans[end].style & style) == style || trimmed(spans[end].text).empty()))
      title += spans[end++].text;
    if (end == spans.size() || section_depth(title) < 2 || title.size() > 100) return;
    const std::string_view text = trimmed(title);
    if (text.back() != ':' && text.back() != '.') return;
    Block heading;
    heading.type = BlockType::kHeading;
    Line line = row.line;
    line.spans.resize(end);
    std::string& last = line.spans.back().text;
    while (!last.empty() && (last.back() == ' ' || last.back() == ':' || last.back() == '.'))
      last.pop_back();
    heading.box = row.box;
    heading.lines.push_back(std::move(line));
    items_.clear();
    finish(heading, first);
    spans.erase(spans.begin(), spans.begin() + static_cast<ptrdiff_t>(end));
    row.text = row.line.text();
    row.style = 0;
  }

  void emit(size_t first, size_t last) {
    if (last - first > 1) split_run_in(first);
    Block block;
    block.type = BlockType::kText;
    FlowRow& row = rows_[first];
    for (size_t i = first; i < last; ++i) {
      block.lines.push_back(rows_[i].line);
      block.box = united(block.box, rows_[i].box);
    }
    if (row.contents) {
      emit_contents(block, row);
    } else if (last - first == 1 && is_set_apart(first)) {
      block.type = BlockType::kFormula;
    } else if (is_heading(first, last)) {
      block.type = BlockType::kHeading;
      items_.clear();
    } else if (row.marker) {
      block.type = BlockType::kListItem;
      block.marker = row.marker.text;
      drop_prefix(block.lines.front(), row.marker.bytes);
      block.level = level_of(row);
    } else if (is_caption(row.text) && (near_float(first, last) || is_label_styled(row))) {
      block.type = BlockType::kCaption;
    } else if (is_formula(first, last)) {
      block.type = BlockType::kFormula;
    } else {
      // Text that stands in at an item's text belongs to the list; text at the margin ends it.
      while (!items_.empty() && block.box.x0 < items_.back() + 0.5f * row.size) items_.pop_back();
    }
    finish(block, first);
  }

  // One entry, as a list item below those it stands in from.
  void emit_contents(Block& block, const FlowRow& row) {
    block.type = BlockType::kListItem;
    block.marker = "-";
    block.level = level_of(row);
    Line& line = block.lines.front();
    for (Span& span : line.spans) span.text = without_leaders(span.text);
  }

  bool near_float(size_t first, size_t last) const {
    const auto is_float = [&](size_t i) {
      if (i >= rows_.size() || rows_[i].block < 0) return false;
      const BlockType type = sheet_.blocks[static_cast<size_t>(rows_[i].block)].type;
      return type == BlockType::kTable || type == BlockType::kFigure;
    };
    return (first > 0 && is_float(first - 1)) || is_float(last);
  }

  uint32_t level_of(const FlowRow& row) {
    const float slack = 0.4f * row.size;
    while (!items_.empty() && row.x0 < items_.back() - slack) items_.pop_back();
    if (items_.empty() || row.x0 > items_.back() + slack) items_.push_back(row.x0);
    return static_cast<uint32_t>(std::min<size_t>(items_.size() - 1, 8));
  }

  void finish(Block& block, size_t first) {
    block.source = rows_[first].line.source;
    float sum = 0;
    for (const Line& line : block.lines) sum += line.confidence;
    block.confidence =
        std::round(1000 * sum / static_cast<float>(std::max<size_t>(1, block.lines.size()))) / 1000;
    out_.push_back(std::move(block));
  }

  Sheet& sheet_;
  std::vector<Block>& out_;
  std::vector<FlowRow> rows_;
  ColumnShape shape_;
  std::vector<float> items_;  // left edges of the open list items
  bool code_page_ = false;
};

}  // namespace

void flow_column(Sheet& sheet, const std::vector<Piece>& column, std::vector<Block>& out) {
  Flow(sheet, column, out).run();
}

}  // namespace pdf2md::document
