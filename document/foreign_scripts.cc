#include "document/foreign_scripts.h"

#include <algorithm>
#include <array>

namespace pdf2md::document {
namespace {

constexpr auto kScripts = std::to_array<ForeignScript>({
    {"Cyrillic", Script::kCyrillic, "Cyrillic", "rus", "tesseract-ocr-script-cyrl"},
    {"Greek", Script::kGreek, "Greek", "ell", "tesseract-ocr-script-grek"},
    {"Arabic", Script::kArabic, "Arabic", "ara", "tesseract-ocr-script-arab"},
    {"Hebrew", Script::kHebrew, "Hebrew", "heb", "tesseract-ocr-script-hebr"},
    {"Devanagari", Script::kIndic, "Devanagari", "hin", "tesseract-ocr-script-deva"},
    {"Korean", Script::kHangul, "kor", "Hangul", "tesseract-ocr-kor"},
    {"Thai", Script::kThai, "Thai", "tha", "tesseract-ocr-script-thai"},
    {"Armenian", Script::kArmenian, "Armenian", "hye", "tesseract-ocr-script-armn"},
    {"Georgian", Script::kGeorgian, "Georgian", "kat", "tesseract-ocr-script-geor"},
    {"Bengali", Script::kIndic, "Bengali", "ben", "tesseract-ocr-script-beng"},
    {"Tamil", Script::kIndic, "Tamil", "tam", "tesseract-ocr-script-taml"},
    {"Telugu", Script::kIndic, "Telugu", "tel", "tesseract-ocr-script-telu"},
    {"Gujarati", Script::kIndic, "Gujarati", "guj", "tesseract-ocr-script-gujr"},
    {"Kannada", Script::kIndic, "Kannada", "kan", "tesseract-ocr-script-knda"},
    {"Ethiopic", Script::kEthiopic, "Ethiopic", "amh", "tesseract-ocr-script-ethi"},
});

// Lines that the recogniser knows score above 0.9 even on poor scans.
constexpr float kSureReading = 0.8f;
// Letters and digits for each line height of length: running Latin text has 1.5, Chinese 0.9.
constexpr float kLeastDensity = 0.5f;
constexpr float kShortLine = 3;       // too short for its density to mean anything
constexpr float kLeastShare = 0.25f;  // of the page's lines by length
constexpr float kLeastLength = 12;    // of all of them, in line heights: some words
constexpr size_t kSampledLines = 6;
constexpr float kProvingConfidence = 0.7f;
constexpr float kProvingShare = 0.6f;  // of the letters
constexpr uint32_t kProvingLetters = 8;
// A reading of a line below this is hardly better than none.
constexpr float kUsableConfidence = 0.4f;

struct Letters {
  uint32_t own = 0;    // characters of the script
  uint32_t other = 0;  // letters of any other
};

// To the recogniser. It has some Greek letters for formulas, though not those with accents.
bool is_known(Script script) {
  return script == Script::kLatin || script == Script::kHan || script == Script::kKana;
}

Letters letters_of(Script script, std::string_view text) {
  Letters letters;
  for (char32_t c : code_points(text)) {
    if (script_of(c) == script)
      ++letters.own;
    else if (is_letter(c))
      ++letters.other;
  }
  return letters;
}

}  // namespace

std::span<const ForeignScript> foreign_scripts() {
  return kScripts;
}

const ForeignScript* foreign_script(std::string_view name) {
  for (const ForeignScript& script : kScripts) {
    if (script.name == name) return &script;
  }
  return nullptr;
}

bool has_gaps(const LineReading& line) {
  if (line.length < kShortLine) return false;
  uint32_t known = 0;
  for (char32_t c : code_points(line.text)) known += is_digit(c) || is_known(script_of(c));
  return static_cast<float>(known) < kLeastDensity * line.length;
}

bool is_badly_read(const LineReading& line) {
  return line.confidence < kSureReading || has_gaps(line);
}

DoubtfulLines find_doubtful_lines(std::span<const LineReading> lines) {
  DoubtfulLines doubtful;
  float all = 0, badly_read = 0, gaps = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    all += lines[i].length;
    if (!is_badly_read(lines[i])) continue;
    badly_read += lines[i].length;
    if (has_gaps(lines[i])) gaps += lines[i].length;
    doubtful.lines.push_back(i);
  }
  if (badly_read < kLeastLength || badly_read < kLeastShare * all) return {};
  doubtful.most = badly_read * 2 > all;
  doubtful.gaps = gaps * 2 > badly_read;
  doubtful.sample = doubtful.lines;
  std::stable_sort(doubtful.sample.begin(), doubtful.sample.end(),
                   [&](size_t a, size_t b) { return lines[a].length > lines[b].length; });
  doubtful.sample.resize(std::min(doubtful.sample.size(), kSampledLines));
  std::sort(doubtful.sample.begin(), doubtful.sample.end());
  return doubtful;
}

bool proves_script(const ForeignScript& script, std::span<const LineReading> sample) {
  Letters letters;
  float sum = 0, length = 0;
  for (const LineReading& line : sample) {
    const Letters found = letters_of(script.letters, line.text);
    letters.own += found.own;
    letters.other += found.other;
    sum += line.confidence * line.length;
    length += line.length;
  }
  return letters.own >= kProvingLetters && sum >= kProvingConfidence * length &&
         static_cast<float>(letters.own) >=
             kProvingShare * static_cast<float>(letters.own + letters.other);
}

bool is_better_reading(const ForeignScript& script, const LineReading& recogniser,
                       const LineReading& tesseract) {
  if (tesseract.text.empty()) return false;
  if (is_badly_read(recogniser))
    return tesseract.confidence >= kUsableConfidence || recogniser.text.empty();
  const Letters letters = letters_of(script.letters, tesseract.text);
  return letters.own > letters.other && tesseract.confidence > recogniser.confidence;
}

std::string cleaned_reading(std::string_view text) {
  std::string out;
  bool space = false;
  for (char32_t c : code_points(text)) {
    const bool mark = (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                      (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
    if (mark) continue;
    if (is_space(c) || c < 0x20 || script_of(c) == Script::kControl) {
      space = !out.empty();
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    append_code_point(out, c);
  }
  return out;
}

}  // namespace pdf2md::document
