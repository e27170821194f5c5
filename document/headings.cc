#include "document/headings.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "document/characters.h"
#include "document/hyphenation.h"
#include "document/markers.h"

namespace pdf2md::document {
namespace {

constexpr uint32_t kDeepest = 6;
constexpr size_t kMostBookmarks = 20000;  // of which titles are compared
constexpr size_t kMostStyles = 512;
constexpr size_t kLongestTitle = 300;  // bytes; longer text is no heading by a bookmark

bool is_number_word(std::string_view word) {
  static constexpr std::array<std::string_view, 26> kWords = {
      "chapter", "part",      "section",    "appendix",  "annex",    "book",     "kapitel",
      "teil",    "abschnitt", "anhang",     "buch",      "chapitre", "partie",   "annexe",
      "livre",   "capítulo",  "parte",      "anexo",     "apéndice", "capitolo", "appendice",
      "глава",   "часть",     "приложение", "hoofdstuk", "κεφάλαιο"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_roman(std::u32string_view text) {
  if (text.empty() || text.size() > 7) return false;
  return std::all_of(text.begin(), text.end(), [](char32_t c) {
    return std::u32string_view(U"IVXLC").find(c) != std::u32string_view::npos;
  });
}

// The end of a leading number ("1.2.", "A.3", "IV."), with its depth; 0: none.
struct Number {
  size_t end = 0;
  uint32_t depth = 0;
};
Number leading_number(std::u32string_view text) {
  Number found;
  size_t at = 0;
  uint32_t depth = 0;
  bool digits_seen = false;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end > at) {
      digits_seen = true;
    } else if (depth == 0) {
      while (end < text.size() && is_upper(text[end])) ++end;
      const std::u32string_view letters = text.substr(at, end - at);
      // Letters count only with a dot behind: "A tale" is no numbering.
      const bool dotted = end < text.size() && text[end] == U'.';
      if (!dotted || !(letters.size() == 1 || is_roman(letters))) return found;
    } else {
      break;
    }
    if (end - at > 4) return found;  // a year and more
    ++depth;
    found = {end, depth};
    if (end < text.size() && text[end] == U'.') {
      found.end = end + 1;
      at = end + 1;
    } else {
      break;
    }
  }
  // "12.5 % of ..." and "3D" are not numbering; "1 Intro" and "1. Intro" are.
  if (found.end >= text.size() || !(is_space(text[found.end]) || text[found.end] == U')'))
    return {};
  // "I. A. Author": initials.
  if (!digits_seen && found.end + 2 < text.size() && is_upper(text[found.end + 1]) &&
      text[found.end + 2] == U'.')
    return {};
  return digits_seen || found.depth == 1 ? found : Number{};
}

bool is_east_asian_number(char32_t c) {
  return is_digit(c) ||
         std::u32string_view(U"一二三四五六七八九十百零〇").find(c) != std::u32string_view::npos;
}

// "第3章": chapters are 1, sections (节, 節) 2.
Number east_asian_number(std::u32string_view text) {
  if (text.size() < 3 || text[0] != 0x7B2C) return {};
  size_t at = 1;
  while (at < text.size() && (is_east_asian_number(text[at]) || is_space(text[at]))) ++at;
  if (at == 1 || at >= text.size()) return {};
  const char32_t unit = text[at];
  if (unit == 0x7AE0 || unit == 0x90E8 || unit == 0x7DE8 || unit == 0x7F16) return {at + 1, 1};
  if (unit == 0x8282 || unit == 0x7BC0) return {at + 1, 2};
  return {};
}

Number number_of(std::u32string_view text) {
  const Number east = east_asian_number(text);
  if (east.depth > 0) return east;
  size_t word_end = 0;
  while (word_end < text.size() && !is_space(text[word_end])) ++word_end;
  std::string word;
  for (size_t i = 0; i < word_end; ++i) append_code_point(word, lower_case(text[i]));
  if (is_number_word(word) && word_end + 1 < text.size()) {
    size_t end = word_end + 1;
    while (end < text.size() && (is_upper(text[end]) || is_digit(text[end]))) ++end;
    if (end > word_end + 1) return {end, 1};
  }
  return leading_number(text);
}

// "1 Institute of ...", "* These authors ...": affiliations.
bool begins_with_mark(const Block& block) {
  const std::u32string text = code_points(trimmed(text_of(block)).substr(0, 8));
  return !text.empty() &&
         (is_digit(text.front()) ||
          std::u32string_view(U"*\u2217\u2020\u2021\u00A7\u00B6").find(text.front()) !=
              std::u32string_view::npos);
}

}  // namespace

uint32_t numbering_depth(std::string_view title) {
  return number_of(code_points(trimmed(title))).depth;
}

std::string title_key(std::string_view title) {
  const std::u32string text = code_points(trimmed(title));
  std::string key;
  for (size_t i = number_of(text).end; i < text.size(); ++i)
    if (is_letter(text[i]) || is_digit(text[i])) append_code_point(key, lower_case(text[i]));
  return key;
}

std::string text_of(const Block& block) {
  std::string text;
  for (const Line& line : block.lines) {
    if (!text.empty()) text += ' ';
    text += line.text();
  }
  return text;
}

TextStyle style_of(const Block& block) {
  // Few spans a heading: the size and style of most bytes.
  std::map<int, size_t> sizes;
  size_t all = 0, bold = 0, italic = 0;
  CharacterCounts counts;
  for (const Line& line : block.lines) {
    for (const Span& span : line.spans) {
      const size_t bytes = trimmed(span.text).size();
      sizes[static_cast<int>(std::lround(span.size_pt * 10))] += bytes;
      all += bytes;
      if (span.style & kBold) bold += bytes;
      if (span.style & kItalic) italic += bytes;
      const CharacterCounts c = count_characters(span.text);
      counts.upper += c.upper;
      counts.lower += c.lower;
    }
  }
  TextStyle style;
  size_t most = 0;
  for (const auto& [tenths, bytes] : sizes) {
    if (bytes <= most) continue;
    most = bytes;
    style.size_pt = static_cast<float>(tenths) / 10;
  }
  style.bold = bold * 2 > all;
  style.italic = italic * 2 > all;
  style.capitals = counts.upper >= 3 && counts.upper > 9 * counts.lower;
  return style;
}

void merge_split_headings(PageRecord& record) {
  std::vector<Block> blocks;
  for (Block& block : record.blocks) {
    if (!blocks.empty() && block.type == BlockType::kHeading &&
        blocks.back().type == BlockType::kHeading && !block.lines.empty() &&
        !blocks.back().lines.empty() && block.level == blocks.back().level) {
      Block& above = blocks.back();
      const TextStyle a = style_of(above), b = style_of(block);
      const float gap = block.lines.front().box.y0 - above.lines.back().box.y1;
      const bool same = std::abs(a.size_pt - b.size_pt) < 0.3f && a.bold == b.bold &&
                        a.italic == b.italic && a.capitals == b.capitals;
      const bool below = gap > -0.5f * a.size_pt && gap < 0.45f * a.size_pt &&
                         overlap(above.box.x0, above.box.x1, block.box.x0, block.box.x1) > 0;
      // A line of a heading is broken because it is full; the number of the next heading begins
      // one.
      const bool full = above.lines.back().box.width() > 0.5f * record.width_pt ||
                        above.lines.back().box.width() > block.lines.front().box.width();
      const std::string text = text_of(block);
      if (same && below && full && numbering_depth(text) == 0 && section_depth(text) == 0 &&
          above.lines.size() + block.lines.size() <= 5) {
        above.lines.insert(above.lines.end(), block.lines.begin(), block.lines.end());
        above.box = united(above.box, block.box);
        above.confidence = std::min(above.confidence, block.confidence);
        continue;
      }
    }
    blocks.push_back(std::move(block));
  }
  record.blocks = std::move(blocks);
}

HeadingLevels::HeadingLevels(const DocumentInfo& info) {
  size_t seen = 0;
  for (const Bookmark& bookmark : info.bookmarks) {
    if (++seen > kMostBookmarks) break;
    const std::string key = title_key(bookmark.title);
    if (key.empty()) continue;
    bookmarks_[key].push_back({bookmark.page, std::clamp(bookmark.level, 1u, kDeepest)});
  }
}

HeadingLevels::Key HeadingLevels::key_of(const Block& block) const {
  const TextStyle style = style_of(block);
  Key key;
  // Measured heights of scanned lines scatter: steps of an eighth of the size instead.
  key.size = block.source == Source::kOcr && style.size_pt > 1
                 ? static_cast<int32_t>(std::lround(std::log2(style.size_pt) * 6)) * 4
                 : static_cast<int32_t>(std::lround(style.size_pt * 4));
  key.weight = static_cast<uint8_t>((style.capitals ? 4 : 0) | (style.bold ? 2 : 0) |
                                    (style.italic ? 0 : 1));
  return key;
}

uint32_t HeadingLevels::bookmark_level(uint32_t page, const std::string& text) const {
  if (bookmarks_.empty() || text.size() > kLongestTitle) return 0;
  const std::string key = title_key(text);
  if (key.empty()) return 0;
  const auto found = bookmarks_.find(key);
  if (found == bookmarks_.end()) return 0;
  for (const Target& target : found->second)
    if (target.page == 0 || target.page == page) return target.level;
  return 0;
}

void HeadingLevels::see(const PageRecord& record, uint32_t index) {
  const Block& block = record.blocks[index];
  if (block.type != BlockType::kHeading) return;
  const Key key = key_of(block);
  if (styles_.size() >= kMostStyles && styles_.find(key) == styles_.end()) return;
  Counts& counts = styles_[key];
  if (counts.count == 0) {
    counts.first_page = record.page;
    counts.first_index = index;
    counts.first_text = title_key(text_of(block)).substr(0, kLongestTitle);
  }
  ++counts.count;
  counts.last_page = record.page;
  counts.last_index = index;
  const std::string text = text_of(block);
  const uint32_t depth = std::min(numbering_depth(text), kDeepest);
  ++counts.numbered[depth];
  if (depth > 0) ++numbered_;
  ++counts.bookmarked[bookmark_level(record.page, text)];
  ++counts.tagged[std::min(block.level, kDeepest)];
  if (index + 1 < record.blocks.size()) {
    const Block& next = record.blocks[index + 1];
    const bool running =
        next.type != BlockType::kText || (next.lines.size() >= 3 && !begins_with_mark(next));
    if (running && next.type != BlockType::kHeading) ++counts.leads;
  }
}

namespace {

// The commonest of levels 1…6, where it is known for a good part; 0: unknown.
uint32_t majority(const uint32_t (&votes)[7], uint32_t count) {
  uint32_t best = 0;
  for (uint32_t level = 1; level <= kDeepest; ++level)
    if (votes[level] > 0 && (best == 0 || votes[level] > votes[best])) best = level;
  return best != 0 && votes[best] * 3 >= count ? best : 0;
}

}  // namespace

void HeadingLevels::finish(float body_size_pt) {
  body_size_ = body_size_pt;
  if (styles_.empty()) return;

  // The document's title: the largest type of all headings, used at one place near the beginning.
  uint32_t first_page = UINT32_MAX, total = 0;
  for (const auto& [key, counts] : styles_) {
    first_page = std::min(first_page, counts.first_page);
    total += counts.count;
  }
  const auto& [top_key, top] = *styles_.begin();
  const auto second = std::next(styles_.begin());
  const bool at_one_place =
      top.first_page == top.last_page && top.last_index - top.first_index + 1 == top.count;
  const bool larger = second == styles_.end() || top_key.size >= second->first.size + 2;
  const bool unnumbered = top.numbered[0] == top.count;
  if (at_one_place && larger && total > top.count && unnumbered && top.first_page == first_page &&
      top.first_page <= 3) {
    title_page_ = top.first_page;
    title_first_ = top.first_index;
    title_last_ = top.last_index;
    find_repeated_title();
  }
  const uint32_t below_title = title_page_ != 0 ? 1 : 0;
  if (below_title != 0 && top.bookmarked[0] == top.count) bookmark_shift_ = 1;
  const uint32_t tag_shift = below_title != 0 && top.tagged[0] == top.count ? 1 : 0;

  // A style is as deep as most of its headings are said to be; else one deeper than the style
  // above.
  uint32_t above = 0;
  uint32_t rank = 0;
  for (auto& [key, counts] : styles_) {
    if (++rank == 1 && below_title != 0) {
      counts.level = 1;
      above = 1;
      continue;
    }
    uint32_t level = majority(counts.tagged, counts.count);
    if (level != 0) level += tag_shift;
    if (level == 0 && (level = majority(counts.bookmarked, counts.count)) != 0)
      level += bookmark_shift_;
    if (level == 0 && (level = majority(counts.numbered, counts.count)) != 0) level += below_title;
    counts.byline = below_title != 0 && level == 0 && is_byline(key, counts);
    if (counts.byline ||
        (counts.count == 1 && repeats_title(counts.first_page, counts.first_index)))
      continue;
    if (level == 0) level = above + 1;
    counts.level = std::clamp(level, below_title + 1, kDeepest);
    above = counts.level;
  }
  number_base_ = below_title;
  trust_numbers_ = numbered_ >= 2;
}

// Type that is used only right below the title, before all other headings, and above no running
// text, is the authors'.
bool HeadingLevels::is_byline(const Key& key, const Counts& counts) const {
  if (counts.leads > 0 || counts.first_page != title_page_ || counts.last_page != title_page_ ||
      counts.first_index > title_last_ + 2)
    return false;
  bool others = false;
  for (const auto& [other_key, other] : styles_) {
    if (!(other_key < key) && !(key < other_key)) continue;
    if (other.first_page == title_page_ && other.first_index == title_first_) continue;
    if (other.first_page == title_page_ && other.first_index > title_last_ &&
        other.first_index < counts.last_index)
      return false;
    others = true;
  }
  return others;
}

// A title page, and the title again where the text begins.
void HeadingLevels::find_repeated_title() {
  constexpr uint32_t kNear = 4;  // pages
  const Counts& title = styles_.begin()->second;
  if (title.count != 1 || title.first_text.empty()) return;
  for (auto it = std::next(styles_.begin()); it != styles_.end(); ++it) {
    const Counts& counts = it->second;
    if (counts.count != 1 || counts.first_text != title.first_text) continue;
    if (counts.first_page <= title_page_ || counts.first_page > title_page_ + kNear) continue;
    repeat_page_ = counts.first_page;
    repeat_index_ = counts.first_index;
    return;
  }
}

// Below the title, smaller than the heading that follows, and above no text of its own.
bool HeadingLevels::is_author_line(const PageRecord& record, uint32_t index) const {
  if (title_page_ == 0 || record.page != title_page_ || index <= title_last_ ||
      index > title_last_ + 3)
    return false;
  const Key key = key_of(record.blocks[index]);
  const auto same = [&](const Block& block) {
    const Key other = key_of(block);
    return !(other < key) && !(key < other);
  };
  for (uint32_t i = title_last_ + 1; i < index; ++i) {
    const Block& block = record.blocks[i];
    const bool between = block.type == BlockType::kText && block.lines.size() == 1;
    if (!between && !(block.type == BlockType::kHeading && same(block))) return false;
  }
  for (size_t i = index + 1; i < record.blocks.size(); ++i) {
    const Block& block = record.blocks[i];
    if (block.type == BlockType::kHeading) {
      if (!same(block)) return key_of(block).size > key.size;
    } else if (block.type == BlockType::kText && block.lines.size() >= 3 &&
               !begins_with_mark(block)) {
      return false;
    }
  }
  return false;
}

uint32_t HeadingLevels::level(const PageRecord& record, uint32_t index) const {
  const Block& block = record.blocks[index];
  if (block.type != BlockType::kHeading && block.type != BlockType::kText) return 0;
  if (block.type == BlockType::kText && (bookmarks_.empty() || block.lines.size() > 3)) return 0;
  const std::string text = text_of(block);
  const uint32_t bookmarked = bookmark_level(record.page, text);
  if (block.type == BlockType::kText) {
    // Text in the type of body text that happens to repeat a title (a contents page) is none.
    const TextStyle style = style_of(block);
    if (bookmarked == 0 || !(style.bold || style.capitals || style.size_pt > body_size_ * 1.05f))
      return 0;
  }
  if (is_title(record.page, index)) return 1;
  if (repeats_title(record.page, index)) return 0;
  const uint32_t least = title_page_ != 0 ? 2 : 1;
  if (block.level != 0) return std::clamp(block.level, least, kDeepest);
  if (bookmarked != 0) return std::clamp(bookmarked + bookmark_shift_, least, kDeepest);
  const uint32_t depth = numbering_depth(text);
  if (trust_numbers_ && depth >= 2) return std::clamp(depth + number_base_, least, kDeepest);
  const auto found = styles_.find(key_of(block));
  if (found != styles_.end() && found->second.byline) return 0;
  if (is_author_line(record, index)) return 0;
  return found == styles_.end() ? least : std::clamp(found->second.level, least, kDeepest);
}

uint32_t LevelStack::next(uint32_t level) {
  while (!open_.empty() && open_.back() >= level) open_.pop_back();
  open_.push_back(level);
  return std::min<uint32_t>(static_cast<uint32_t>(open_.size()), kDeepest);
}

}  // namespace pdf2md::document
