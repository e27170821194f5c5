#include "document/running_heads.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "document/characters.h"
#include "document/hyphenation.h"

namespace pdf2md::document {
namespace {

constexpr float kZone = 0.14f;      // share of the page's height at either edge
constexpr float kSameRow = 0.004f;  // of the page's height: lines that stand on one baseline
constexpr size_t kLinesAtAnEdge = 4;
constexpr size_t kMostTexts = 8192;    // remembered; rare ones are forgotten first
constexpr size_t kLongestText = 160;   // bytes; longer lines are running text
constexpr float kSameHeight = 0.012f;  // of the page's height
constexpr uint32_t kSlotPages = 4;
constexpr float kApart = 2;  // sizes between a running head and the page's number

std::string key_of(const std::string& text) {
  std::string key;
  bool digit = false, space = false;
  for (char32_t c : code_points(trimmed(text))) {
    if (is_space(c)) {
      space = true;
      continue;
    }
    const bool now_digit = is_digit(c);
    if (now_digit && digit && !space) continue;
    if (space && !key.empty()) key += ' ';
    space = false;
    digit = now_digit;
    append_code_point(key, now_digit ? U'#' : lower_case(c));
  }
  return key;
}

uint32_t roman_value(std::string_view text) {
  uint32_t value = 0, last = 0;
  for (size_t i = text.size(); i-- > 0;) {
    uint32_t digit = 0;
    switch (text[i]) {
      case 'i':
        digit = 1;
        break;
      case 'v':
        digit = 5;
        break;
      case 'x':
        digit = 10;
        break;
      case 'l':
        digit = 50;
        break;
      case 'c':
        digit = 100;
        break;
      default:
        return 0;
    }
    if (digit < last) {
      value = value > digit ? value - digit : 0;
    } else {
      value += digit;
      last = digit;
    }
  }
  return text.size() <= 8 ? value : 0;
}

bool is_flow(BlockType type) {
  return type == BlockType::kText || type == BlockType::kHeading || type == BlockType::kListItem ||
         type == BlockType::kCaption || type == BlockType::kFootnote ||
         type == BlockType::kReference;
}

bool is_furniture(BlockType type) {
  return type == BlockType::kHeader || type == BlockType::kFooter || type == BlockType::kPageNumber;
}

float size_of(const Line& line) {
  float size = 0;
  for (const Span& span : line.spans) size = std::max(size, span.size_pt);
  return size;
}

}  // namespace

uint32_t page_number_in(const std::string& text) {
  static constexpr std::string_view kWords[] = {"page", "seite", "página",   "pagina", "p",
                                                "s",    "стр",   "страница", "of",     "von",
                                                "de",   "из",    "sur"};
  std::vector<std::string> words;
  std::string word;
  auto finish = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (char32_t c : code_points(text)) {
    if (is_letter(c) || is_digit(c)) {
      if (!word.empty() && is_digit(c) != is_digit(code_points(word).back())) finish();
      append_code_point(word, lower_case(c));
    } else {
      finish();
    }
  }
  finish();
  if (words.empty() || words.size() > 4) return 0;
  uint32_t number = 0;
  for (const std::string& w : words) {
    const bool digits = w.find_first_not_of("0123456789") == w.npos;
    if (digits) {
      if (w.size() > 5) return 0;
      if (number == 0) number = static_cast<uint32_t>(std::stoul(w));
    } else if (std::find(std::begin(kWords), std::end(kWords), w) == std::end(kWords)) {
      number = words.size() == 1 ? roman_value(w) : 0;
      if (number == 0) return 0;
    }
  }
  return number;
}

uint32_t RunningHeads::outer_number(const EdgeRow& row) {
  std::vector<const Span*> spans;
  for (const Line* line : row.lines)
    for (const Span& span : line->spans)
      if (!trimmed(span.text).empty()) spans.push_back(&span);
  if (spans.size() < 2) return 0;
  const auto apart = [&](const Span* left, const Span* right) {
    return right->box.x0 - left->box.x1 > kApart * row.size;
  };
  if (apart(spans[0], spans[1]))
    if (const uint32_t number = page_number_in(spans[0]->text)) return number;
  return apart(spans[spans.size() - 2], spans.back()) ? page_number_in(spans.back()->text) : 0;
}

std::vector<RunningHeads::EdgeRow> RunningHeads::edge_rows(const PageRecord& record) {
  struct Found {
    const Line* line;
    BlockType type;
    float y;
  };
  std::vector<Found> found;
  if (record.height_pt <= 0) return {};
  for (const Block& block : record.blocks) {
    if (!is_flow(block.type) && !is_furniture(block.type)) continue;
    for (const Line& line : block.lines) {
      if (line.rotation != 0 || line.spans.empty()) continue;
      const float y = line.box.center_y() / record.height_pt;
      if (y < kZone || y > 1 - kZone) found.push_back({&line, block.type, y});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.y < b.y; });
  std::vector<EdgeRow> rows;
  float last_y = -1;
  for (const Found& f : found) {
    if (rows.empty() || f.y - last_y > kSameRow || (rows.back().y < 0.5f) != (f.y < 0.5f)) {
      rows.emplace_back();
      rows.back().top = f.y < 0.5f;
      rows.back().y = f.y;
      rows.back().furniture = true;
    }
    last_y = f.y;
    EdgeRow& row = rows.back();
    row.lines.push_back(f.line);
    if (f.type == BlockType::kHeading) row.type = BlockType::kHeading;
    row.furniture = row.furniture && is_furniture(f.type);
    row.size = std::max(row.size, size_of(*f.line));
  }
  for (EdgeRow& row : rows) {
    std::stable_sort(row.lines.begin(), row.lines.end(),
                     [](const Line* a, const Line* b) { return a->box.x0 < b->box.x0; });
    for (const Line* line : row.lines) {
      if (!row.text.empty()) row.text += ' ';
      row.text += trimmed(line->text());
    }
    row.number = outer_number(row);
  }
  // The outermost ones of either edge.
  std::vector<EdgeRow> outer;
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t place = rows[i].top ? i : rows.size() - 1 - i;
    if (place < kLinesAtAnEdge) outer.push_back(std::move(rows[i]));
  }
  return outer;
}

void RunningHeads::see(const PageRecord& record) {
  ++pages_seen_;
  for (const EdgeRow& edge : edge_rows(record)) {
    const std::string& text = edge.text;
    if (text.empty() || text.size() > kLongestText) continue;
    const uint32_t number = page_number_in(text);
    if (number != 0) ++offsets_[static_cast<int64_t>(number) - record.page];
    const int64_t offset = static_cast<int64_t>(edge.number) - record.page;
    std::vector<Sighting>& sightings = seen_[(edge.top ? "t" : "b") + key_of(text)];
    auto same_place = std::find_if(sightings.begin(), sightings.end(), [&](const Sighting& s) {
      return std::abs(s.y - edge.y) < kSameHeight;
    });
    if (same_place == sightings.end()) {
      if (sightings.size() >= 8) continue;
      sightings.push_back({edge.y, edge.size, 1, record.page, record.page, true, edge.number != 0,
                           offset, text, false});
    } else if (same_place->last != record.page) {
      same_place->numbered =
          same_place->numbered && edge.number != 0 && same_place->offset == offset;
      ++same_place->pages;
      same_place->last = record.page;
      same_place->exact = same_place->exact && same_place->text == text;
    }
  }
  if (offsets_.size() > kMostTexts)
    std::erase_if(offsets_, [](const auto& o) { return o.second < 2; });
  if (seen_.size() > kMostTexts) {
    std::erase_if(seen_, [&](const auto& entry) {
      return std::all_of(entry.second.begin(), entry.second.end(), [&](const Sighting& s) {
        return s.pages < 2 && s.last + 16 < record.page;
      });
    });
    // Texts that all repeat, or come too fast: keep what is there.
    while (seen_.size() > kMostTexts) seen_.erase(std::prev(seen_.end()));
  }
}

void RunningHeads::finish(uint32_t pages) {
  for (auto& [key, sightings] : seen_) {
    for (Sighting& s : sightings) {
      const uint32_t span = s.last - s.first + 1;
      if (s.exact) {
        const bool pair = s.pages == 2 && (pages <= 4 || span <= 3) && key.size() > 4;
        s.running = pair || (s.pages >= 3 && s.pages * 8 >= span);
      } else {
        // Digits that differ: "Table 1" and "Table 2" may both stand on top of a page.
        s.running = (s.pages >= 3 && s.pages * 5 >= span * 2) ||
                    (s.pages == 2 && pages == 2 && key.size() > 8) || (s.numbered && s.pages >= 2);
      }
      if (!s.running) continue;
      auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
        return std::abs(slot.y - s.y) < kSameHeight / 4 && std::abs(slot.size - s.size) < 0.3f;
      });
      if (slot == slots_.end())
        slots_.push_back({s.y, s.size, s.pages});
      else
        slot->pages += s.pages;
    }
  }
  std::erase_if(slots_, [&](const Slot& slot) {
    return slot.pages < kSlotPages || slot.pages * 5 < pages * 2;
  });
}

bool RunningHeads::is_page_number(const PageRecord& record, const std::string& text) const {
  const uint32_t number = page_number_in(text);
  if (number == 0) return false;
  const auto found = offsets_.find(static_cast<int64_t>(number) - record.page);
  return found != offsets_.end() && found->second >= 2;
}

bool RunningHeads::is_running(const PageRecord& record, const EdgeRow& edge) const {
  const std::string& text = edge.text;
  if (text.size() > kLongestText) return false;
  if (is_page_number(record, text)) return true;
  const auto found = seen_.find((edge.top ? "t" : "b") + key_of(text));
  if (found != seen_.end()) {
    for (const Sighting& s : found->second) {
      if (!s.running || std::abs(s.y - edge.y) >= kSameHeight) continue;
      // A heading that opens a page ("Chapter 3") repeats but for its digits: that is no running
      // head, unless they count the pages.
      if (edge.type == BlockType::kHeading && !s.exact && !s.numbered) continue;
      return true;
    }
  }
  if (edge.type == BlockType::kHeading) return false;
  return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return std::abs(slot.y - edge.y) < kSameHeight / 4 && std::abs(slot.size - edge.size) < 0.3f;
  });
}

void RunningHeads::separate(PageRecord& record) const {
  std::set<const Line*> running;  // asked for membership only
  for (const EdgeRow& edge : edge_rows(record))
    if (!edge.furniture && is_running(record, edge))
      running.insert(edge.lines.begin(), edge.lines.end());
  if (running.empty()) return;
  std::vector<Block> blocks;
  for (Block& block : record.blocks) {
    if (is_furniture(block.type)) {
      blocks.push_back(std::move(block));
      continue;
    }
    std::vector<Line> kept;
    std::vector<Block> taken;
    for (Line& line : block.lines) {
      if (running.count(&line) == 0) {
        kept.push_back(std::move(line));
        continue;
      }
      Block head;
      const bool top = line.box.center_y() < record.height_pt / 2;
      head.type = page_number_in(line.text()) != 0 ? BlockType::kPageNumber
                  : top                            ? BlockType::kHeader
                                                   : BlockType::kFooter;
      head.box = line.box;
      head.source = line.source;
      head.confidence = line.confidence;
      head.lines.push_back(std::move(line));
      taken.push_back(std::move(head));
    }
    if (taken.empty()) {
      block.lines = std::move(kept);
      blocks.push_back(std::move(block));
      continue;
    }
    const bool above = taken.front().box.center_y() < record.height_pt / 2;
    const bool whole = kept.empty();
    if (!whole) {
      block.box = {};
      for (const Line& line : kept) block.box = united(block.box, line.box);
      block.lines = std::move(kept);
      taken.insert(above ? taken.end() : taken.begin(), std::move(block));
    }
    for (Block& part : taken) blocks.push_back(std::move(part));
  }
  record.blocks = std::move(blocks);
}

}  // namespace pdf2md::document
