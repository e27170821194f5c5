#include "document/ocr_notes.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr float kSmall = 0.93f;  // of the body size
constexpr float kUpper = 0.3f;   // of the page's height: no note begins above
constexpr size_t kMostDigits = 3;

bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits at `at`, at most kMostDigits; more: none.
std::string_view digits_at(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_ascii_digit(text[end])) ++end;
  return end - at > kMostDigits ? std::string_view() : text.substr(at, end - at);
}

uint32_t value_of(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool is_read_line(const Line& line) {
  return line.source == Source::kOcr && line.spans.size() == 1;
}

// A number that hugs the word or the punctuation before it.
struct Reference {
  Line* line = nullptr;
  size_t at = 0, bytes = 0;
  uint32_t number = 0;
};

void collect_references(Line& line, std::vector<Reference>& out) {
  const std::string& text = line.spans[0].text;
  for (size_t i = 1; i < text.size(); ++i) {
    if (!is_ascii_digit(text[i]) || is_ascii_digit(text[i - 1])) continue;
    const std::string_view digits = digits_at(text, i);
    if (digits.empty() || digits.front() == '0') continue;
    const char before = text[i - 1];
    const bool hugs = static_cast<unsigned char>(before) >= 0x80 ||
                      (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                      std::string_view(".,;:!?\"')]").find(before) != std::string_view::npos;
    // "3.5", "1,200" and "12:30" are numbers.
    const bool inside_number = i >= 2 && is_ascii_digit(text[i - 2]);
    if (hugs && !inside_number) out.push_back({&line, i, digits.size(), value_of(digits)});
  }
}

// Parts the line's first span, so that [at, at + bytes) of it is raised.
void raise(Line& line, size_t at, size_t bytes) {
  const Span whole = line.spans.front();
  const float share = whole.box.width() / static_cast<float>(whole.text.size());
  std::vector<Span> parts;
  const auto add = [&](size_t from, size_t length, uint16_t style) {
    if (length == 0) return;
    Span part = whole;
    part.text = whole.text.substr(from, length);
    part.style |= style;
    part.box.x0 = whole.box.x0 + share * static_cast<float>(from);
    part.box.x1 = part.box.x0 + share * static_cast<float>(length);
    parts.push_back(std::move(part));
  };
  add(0, at, 0);
  add(at, bytes, kSuperscript);
  add(at + bytes, whole.text.size() - at - bytes, 0);
  line.spans.erase(line.spans.begin());
  line.spans.insert(line.spans.begin(), parts.begin(), parts.end());
}

}  // namespace

void raise_note_marks(PageRecord& record, float body_size_pt) {
  std::vector<Reference> references;
  std::vector<Line*> small;
  for (Block& block : record.blocks) {
    const bool prose = block.type == BlockType::kText || block.type == BlockType::kListItem ||
                       block.type == BlockType::kCaption || block.type == BlockType::kHeading ||
                       block.type == BlockType::kFootnote;
    if (!prose) continue;
    for (Line& line : block.lines) {
      if (!is_read_line(line)) continue;
      const bool is_small =
          line.spans[0].size_pt < kSmall * body_size_pt && line.box.y0 > kUpper * record.height_pt;
      if (is_small && block.type != BlockType::kHeading)
        small.push_back(&line);
      else
        collect_references(line, references);
    }
  }
  uint32_t last = 0;          // the number of the note before
  size_t next_reference = 0;  // references come in the order of the notes
  std::vector<Reference> raised;
  for (Line* line : small) {
    const std::string_view text = line->spans[0].text;
    const std::string_view digits = digits_at(text, 0);
    for (size_t bytes = digits.size(); bytes > 0; --bytes) {
      const uint32_t number = value_of(digits.substr(0, bytes));
      // The first note's number is whatever the text refers to; then they are counted.
      if (number == 0 || (last != 0 && number != last + 1)) continue;
      if (text.substr(bytes, 1).find_first_of(".)") == 0) continue;
      const auto found = std::find_if(
          references.begin() + static_cast<ptrdiff_t>(next_reference), references.end(),
          [number](const Reference& reference) { return reference.number == number; });
      if (found == references.end()) continue;
      next_reference = static_cast<size_t>(found - references.begin()) + 1;
      last = number;
      raised.push_back(*found);
      raised.push_back({line, 0, bytes, number});
      break;
    }
  }
  // From the end of each line, so that the places before stay true.
  std::stable_sort(raised.begin(), raised.end(), [](const Reference& a, const Reference& b) {
    return a.line != b.line ? std::less<Line*>()(a.line, b.line) : a.at > b.at;
  });
  for (const Reference& mark : raised) raise(*mark.line, mark.at, mark.bytes);
}

}  // namespace pdf2md::document
