#include "document/characters.h"

#include <algorithm>
#include <iterator>

namespace pdf2md::document {
namespace {

struct Range {
  char32_t first, last;
  Script script;
};

// Sorted; what lies between is kCommon.
constexpr Range kRanges[] = {
    {0x0000, 0x0008, Script::kControl},  {0x000E, 0x001F, Script::kControl},
    {0x0041, 0x005A, Script::kLatin},    {0x0061, 0x007A, Script::kLatin},
    {0x007F, 0x009F, Script::kControl},  {0x00AA, 0x00AA, Script::kLatin},
    {0x00BA, 0x00BA, Script::kLatin},    {0x00C0, 0x00D6, Script::kLatin},
    {0x00D8, 0x00F6, Script::kLatin},    {0x00F8, 0x02B8, Script::kLatin},
    {0x0370, 0x0373, Script::kGreek},    {0x0376, 0x0377, Script::kGreek},
    {0x037B, 0x037D, Script::kGreek},    {0x0386, 0x0386, Script::kGreek},
    {0x0388, 0x03FF, Script::kGreek},    {0x0400, 0x052F, Script::kCyrillic},
    {0x0531, 0x058A, Script::kArmenian}, {0x0591, 0x05F4, Script::kHebrew},
    {0x0610, 0x061A, Script::kArabic},   {0x0620, 0x065F, Script::kArabic},
    {0x066E, 0x06EF, Script::kArabic},   {0x06FA, 0x07FF, Script::kArabic},
    {0x0860, 0x08FF, Script::kArabic},   {0x0900, 0x0DFF, Script::kIndic},
    {0x0E00, 0x0EFF, Script::kThai},     {0x0F00, 0x0FFF, Script::kIndic},
    {0x1000, 0x109F, Script::kIndic},    {0x10A0, 0x10FF, Script::kGeorgian},
    {0x1100, 0x11FF, Script::kHangul},   {0x1200, 0x139F, Script::kEthiopic},
    {0x13A0, 0x1CFF, Script::kOther},    {0x1D00, 0x1DBF, Script::kLatin},
    {0x1E00, 0x1EFF, Script::kLatin},    {0x1F00, 0x1FFF, Script::kGreek},
    {0x2C60, 0x2C7F, Script::kLatin},    {0x2DE0, 0x2DFF, Script::kCyrillic},
    {0x2E80, 0x2FDF, Script::kHan},      {0x3005, 0x3007, Script::kHan},
    {0x3041, 0x30FF, Script::kKana},     {0x3100, 0x312F, Script::kHan},
    {0x3130, 0x318F, Script::kHangul},   {0x31F0, 0x31FF, Script::kKana},
    {0x3400, 0x4DBF, Script::kHan},      {0x4E00, 0x9FFF, Script::kHan},
    {0xA000, 0xA63F, Script::kOther},    {0xA640, 0xA69F, Script::kCyrillic},
    {0xA720, 0xA7FF, Script::kLatin},    {0xA800, 0xABFF, Script::kOther},
    {0xAC00, 0xD7FF, Script::kHangul},   {0xD800, 0xDFFF, Script::kControl},
    {0xE000, 0xF8FF, Script::kPrivate},  {0xF900, 0xFAFF, Script::kHan},
    {0xFB00, 0xFB06, Script::kLatin},    {0xFB13, 0xFB17, Script::kArmenian},
    {0xFB1D, 0xFB4F, Script::kHebrew},   {0xFB50, 0xFDFF, Script::kArabic},
    {0xFE70, 0xFEFC, Script::kArabic},   {0xFF21, 0xFF3A, Script::kLatin},
    {0xFF41, 0xFF5A, Script::kLatin},    {0xFF66, 0xFF9F, Script::kKana},
    {0xFFFD, 0xFFFD, Script::kUnknown},  {0xFFFE, 0xFFFF, Script::kControl},
    {0x10000, 0x10FFF, Script::kOther},  {0x1B000, 0x1B16F, Script::kKana},
    {0x1D400, 0x1D6A5, Script::kLatin},  {0x1D6A8, 0x1D7CB, Script::kGreek},
    {0x20000, 0x3FFFF, Script::kHan},    {0xF0000, 0x10FFFF, Script::kPrivate},
};

// Letters that carry each accent, and what they become. Rows: the spacing form, the combining form.
struct AccentRow {
  char32_t spacing, combining;
  const char32_t* letters;
  const char32_t* composed;
};
constexpr AccentRow kAccents[] = {
    {0x60, 0x300, U"AEIOUaeiouNn", U"ÀÈÌÒÙàèìòùǸǹ"},
    {0xB4, 0x301, U"AEIOUYaeiouyCcLlNnRrSsZz", U"ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹź"},
    {0x2C6, 0x302, U"AEIOUaeiouCcGgHhJjSsWwYy", U"ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"},
    {0x5E, 0x302, U"AEIOUaeiou", U"ÂÊÎÔÛâêîôû"},
    {0x2DC, 0x303, U"ANOanoIiUu", U"ÃÑÕãñõĨĩŨũ"},
    {0xA8, 0x308, U"AEIOUaeiouYy", U"ÄËÏÖÜäëïöüŸÿ"},
    {0x2DA, 0x30A, U"AaUu", U"ÅåŮů"},
    {0xB8, 0x327, U"CcSsTtGKkLlNnRr", U"ÇçŞşŢţĢĶķĻļŅņŖŗ"},
    {0x2C7, 0x30C, U"CcDdEeNnRrSsTtZz", U"ČčĎďĚěŇňŘřŠšŤťŽž"},
    {0x2D8, 0x306, U"AaGgUuEe", U"ĂăĞğŬŭĔĕ"},
    {0xAF, 0x304, U"AaEeIiOoUu", U"ĀāĒēĪīŌōŪū"},
    {0x2D9, 0x307, U"ZzIEeCcGg", U"ŻżİĖėĊċĠġ"},
    {0x2DD, 0x30B, U"OoUu", U"ŐőŰű"},
    {0x2DB, 0x328, U"AaEeIiUu", U"ĄąĘęĮįŲų"},
};

bool within(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  for (size_t i = 0; i < utf8.size();) {
    const unsigned char lead = static_cast<unsigned char>(utf8[i]);
    size_t length = lead < 0x80   ? 1
                    : lead < 0xC2 ? 0
                    : lead < 0xE0 ? 2
                    : lead < 0xF0 ? 3
                    : lead < 0xF5 ? 4
                                  : 0;
    char32_t c = length <= 1 ? lead : lead & (0x7F >> length);
    bool good = length != 0 && i + length <= utf8.size();
    for (size_t k = 1; good && k < length; ++k) {
      const unsigned char next = static_cast<unsigned char>(utf8[i + k]);
      good = (next & 0xC0) == 0x80;
      c = c << 6 | (next & 0x3F);
    }
    out.push_back(good ? c : 0xFFFD);
    i += good ? length : 1;
  }
  return out;
}

void append_code_point(std::string& utf8, char32_t c) {
  if (c < 0x80) {
    utf8.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    utf8.push_back(static_cast<char>(0xC0 | c >> 6));
    utf8.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    utf8.push_back(static_cast<char>(0xE0 | c >> 12));
    utf8.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    utf8.push_back(static_cast<char>(0xF0 | c >> 18));
    utf8.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    utf8.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

Script script_of(char32_t c) {
  const Range* found =
      std::upper_bound(std::begin(kRanges), std::end(kRanges), c,
                       [](char32_t wanted, const Range& r) { return wanted < r.first; });
  if (found == std::begin(kRanges)) return Script::kCommon;
  --found;
  return c <= found->last ? found->script : Script::kCommon;
}

bool is_letter(char32_t c) {
  const Script script = script_of(c);
  return script > Script::kCommon && script < Script::kPrivate && !is_digit(c) && !is_combining(c);
}

bool is_digit(char32_t c) {
  return within(c, '0', '9') || within(c, 0x660, 0x669) || within(c, 0x6F0, 0x6F9) ||
         within(c, 0x966, 0x96F) || within(c, 0xFF10, 0xFF19);
}

bool is_space(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 ||
         within(c, 0x2000, 0x200B) || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_cjk(char32_t c) {
  const Script script = script_of(c);
  return script == Script::kHan || script == Script::kKana || within(c, 0x3000, 0x303F) ||
         within(c, 0xFF01, 0xFF65) || within(c, 0xFE30, 0xFE4F);
}

bool is_right_to_left(char32_t c) {
  const Script script = script_of(c);
  return (script == Script::kHebrew || script == Script::kArabic) && !is_digit(c);
}

bool is_combining(char32_t c) {
  return within(c, 0x300, 0x36F) || within(c, 0x483, 0x487) || within(c, 0x591, 0x5BD) ||
         c == 0x5BF || within(c, 0x5C1, 0x5C2) || within(c, 0x5C4, 0x5C5) ||
         within(c, 0x610, 0x61A) || within(c, 0x64B, 0x65F) || c == 0x670 ||
         within(c, 0x6D6, 0x6DC) || within(c, 0x6DF, 0x6E4) || within(c, 0x20D0, 0x20F0) ||
         within(c, 0x3099, 0x309A) || within(c, 0xFE20, 0xFE2F);
}

bool is_upper(char32_t c) {
  if (c < 0x80) return within(c, 'A', 'Z');
  if (within(c, 0xC0, 0xDE)) return c != 0xD7;
  if (within(c, 0x100, 0x17F))
    return within(c, 0x139, 0x148) || within(c, 0x179, 0x17E) ? c & 1 : !(c & 1);
  if (within(c, 0x386, 0x3AB)) return c != 0x390;
  if (within(c, 0x400, 0x42F)) return true;
  return within(c, 0x460, 0x52F) && !(c & 1);
}

bool is_lower(char32_t c) {
  if (c < 0x80) return within(c, 'a', 'z');
  if (within(c, 0xDF, 0xFF)) return c != 0xF7;
  if (within(c, 0x100, 0x17F)) return !is_upper(c);
  if (within(c, 0x3AC, 0x3CE) || c == 0x390) return true;
  if (within(c, 0x430, 0x45F)) return true;
  return within(c, 0x460, 0x52F) && (c & 1);
}

bool is_dash(char32_t c) {
  return c == '-' || within(c, 0x2010, 0x2015) || c == 0x2212 || c == 0xAD;
}

char32_t mirrored(char32_t c) {
  switch (c) {
    case '(':
      return ')';
    case ')':
      return '(';
    case '[':
      return ']';
    case ']':
      return '[';
    case '{':
      return '}';
    case '}':
      return '{';
    case '<':
      return '>';
    case '>':
      return '<';
    case 0xAB:
      return 0xBB;
    case 0xBB:
      return 0xAB;
    case 0x2039:
      return 0x203A;
    case 0x203A:
      return 0x2039;
    default:
      return c;
  }
}

char32_t composed(char32_t letter, char32_t accent) {
  if (letter == 0x131) letter = 'i';  // dotless i is what typesetters put under an accent
  for (const AccentRow& row : kAccents) {
    if (accent != row.spacing && accent != row.combining) continue;
    for (size_t i = 0; row.letters[i] != 0; ++i)
      if (row.letters[i] == letter) return row.composed[i];
  }
  return 0;
}

CharacterCounts count_characters(std::string_view utf8) {
  CharacterCounts counts;
  for (char32_t c : code_points(utf8)) {
    if (is_space(c)) continue;
    ++counts.all;
    if (is_digit(c))
      ++counts.digits;
    else if (is_letter(c))
      ++counts.letters;
    if (is_cjk(c)) ++counts.cjk;
    if (is_right_to_left(c)) ++counts.right_to_left;
    if (is_upper(c)) ++counts.upper;
    if (is_lower(c)) ++counts.lower;
  }
  return counts;
}

std::string_view trimmed(std::string_view utf8) {
  constexpr std::string_view kIdeographicSpace = "\xE3\x80\x80";
  for (;;) {
    if (!utf8.empty() && static_cast<unsigned char>(utf8.front()) <= ' ')
      utf8.remove_prefix(1);
    else if (!utf8.empty() && static_cast<unsigned char>(utf8.back()) <= ' ')
      utf8.remove_suffix(1);
    else if (utf8.starts_with(kIdeographicSpace))
      utf8.remove_prefix(3);
    else if (utf8.ends_with(kIdeographicSpace))
      utf8.remove_suffix(3);
    else
      return utf8;
  }
}

}  // namespace pdf2md::document
