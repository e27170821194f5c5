#include "document/statistics.h"

#include <cmath>
#include <map>

#include "document/characters.h"
#include "document/ocr_notes.h"
#include "document/ocr_text.h"

namespace pdf2md::document {
namespace {

constexpr uint16_t kMeaningful = kBold | kItalic | kMonospaced;

bool is_prose(BlockType type) {
  return type == BlockType::kText || type == BlockType::kListItem || type == BlockType::kReference;
}

struct Tally {
  std::map<int, uint64_t> sizes;  // tenths of a point → bytes of text
  uint64_t bytes = 0, bold = 0, italic = 0, mono = 0;
  uint64_t indented = 0, flush = 0;
  uint64_t french_words = 0, words = 0;
  uint64_t spaced = 0, unspaced = 0;  // ideograph beside Latin

  void add_line(const Line& line);
  void add_paragraph(const Block& block);
  void add_language(const std::string& text);
};

void Tally::add_line(const Line& line) {
  for (const Span& span : line.spans) {
    const uint64_t n = span.text.size();
    const int tenths = static_cast<int>(std::lround(std::min(span.size_pt, 1000.0f) * 10));
    sizes[tenths] += n;
    bytes += n;
    if (span.style & kBold) bold += n;
    if (span.style & kItalic) italic += n;
    if (span.style & kMonospaced) mono += n;
  }
}

void Tally::add_paragraph(const Block& block) {
  if (block.type != BlockType::kText || block.lines.size() < 3 || block.lines[0].rotation != 0)
    return;
  float left = block.lines[1].box.x0;
  for (size_t i = 2; i < block.lines.size(); ++i) left = std::min(left, block.lines[i].box.x0);
  const float indent = block.lines[0].box.x0 - left;
  if (indent > 6 && indent < 60)
    ++indented;
  else if (indent < 2)
    ++flush;
}

void Tally::add_language(const std::string& text) {
  static constexpr std::string_view kFrench[] = {"le",  "la",  "les",  "des", "et",
                                                 "est", "une", "dans", "que", "qui"};
  std::string word;
  char32_t before = 0;
  bool space = false;
  for (char32_t c : code_points(text + " ")) {
    if (is_letter(c)) {
      append_code_point(word, lower_case(c));
    } else if (!word.empty()) {
      ++words;
      for (std::string_view w : kFrench) french_words += word == w;
      word.clear();
    }
    if (is_space(c)) {
      space = true;
      continue;
    }
    const bool ideographs = is_cjk(before) && is_letter(before),
               latin = script_of(c) == Script::kLatin;
    if (ideographs && latin) ++(space ? spaced : unspaced);
    space = false;
    before = c;
  }
}

}  // namespace

Result<Statistics> collect_statistics(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                                      const PageLoader& load) {
  Statistics statistics;
  statistics.levels = HeadingLevels(info);
  Tally tally;
  for (uint32_t page : pages) {
    Result<PageRecord> record = load(page);
    if (!record) return record.error();
    merge_split_headings(*record);
    statistics.heads.see(*record);
    statistics.end_notes.see(*record);
    for (uint32_t i = 0; i < record->blocks.size(); ++i) {
      const Block& block = record->blocks[i];
      if (block.type == BlockType::kNoise) continue;
      bool after_hyphen = false;
      for (const Line& line : block.lines) {
        const std::string text = line.text();
        if (is_prose(block.type)) tally.add_line(line);
        if (is_prose(block.type)) tally.add_language(text);
        statistics.words.add_line(text, after_hyphen);
        after_hyphen = ends_in_hyphen(text);
      }
      if (block.table) {
        for (const Cell& cell : block.table->cells) {
          after_hyphen = false;
          for (const Line& line : cell.lines) {
            statistics.words.add_line(line.text(), after_hyphen);
            after_hyphen = ends_in_hyphen(line.text());
          }
        }
      }
      tally.add_paragraph(block);
      statistics.levels.see(*record, i);
    }
  }
  uint64_t most = 0;
  for (const auto& [tenths, bytes] : tally.sizes) {
    if (bytes <= most) continue;
    most = bytes;
    statistics.body_size_pt = static_cast<float>(tenths) / 10;
  }
  if (tally.bold * 2 > tally.bytes) statistics.body_style |= kBold;
  if (tally.italic * 2 > tally.bytes) statistics.body_style |= kItalic;
  if (tally.mono * 2 > tally.bytes) statistics.body_style |= kMonospaced;
  statistics.body_style &= kMeaningful;
  statistics.indented = tally.indented > tally.flush * 2 && tally.indented >= 3;
  statistics.french = tally.french_words * 12 > tally.words;
  statistics.cjk_latin_spaced = tally.spaced > tally.unspaced;
  statistics.heads.finish(static_cast<uint32_t>(pages.size()));
  statistics.levels.finish(statistics.body_size_pt);
  statistics.end_notes.finish();
  return statistics;
}

void settle_page(PageRecord& record, const Statistics& statistics) {
  for (Block& block : record.blocks) mend_ocr_text(block, statistics.french);
  merge_split_headings(record);
  statistics.end_notes.mark(record);
  std::vector<uint32_t> levels;
  for (uint32_t i = 0; i < record.blocks.size(); ++i)
    levels.push_back(statistics.levels.level(record, i));
  for (uint32_t i = 0; i < record.blocks.size(); ++i) {
    Block& block = record.blocks[i];
    if (block.type == BlockType::kHeading || levels[i] > 0) {
      block.type = levels[i] > 0 ? BlockType::kHeading : BlockType::kText;
      block.level = levels[i];
    }
    if (statistics.levels.repeats_title(record.page, i)) block.type = BlockType::kNoise;
  }
  statistics.heads.separate(record);
  raise_note_marks(record, statistics.body_size_pt);
  mark_footnotes(record, statistics.body_size_pt);
}

}  // namespace pdf2md::document
