#include "document/markers.h"

#include <algorithm>
#include <array>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

bool is_bullet(char32_t c) {
  static const std::u32string kBullets =
      U"•‣◦▪▫■□●○◆◇►▶▸➢➤❖✓✔⁃∙·*\u25B8\u2219\u25CB\u2756\u27A2\u25AA\u25FE\u25FD";
  return kBullets.find(c) != std::u32string::npos || script_of(c) == Script::kPrivate;
}

int roman_value(std::u32string_view text) {
  int total = 0, last = 0;
  for (size_t i = text.size(); i > 0; --i) {
    int value = 0;
    switch (text[i - 1] | 0x20) {
      case 'i':
        value = 1;
        break;
      case 'v':
        value = 5;
        break;
      case 'x':
        value = 10;
        break;
      default:
        return 0;
    }
    total += value < last ? -value : value;
    last = std::max(last, value);
  }
  return total;
}

struct Label {
  const char32_t* word;
  bool table;
};
constexpr std::array<Label, 36> kLabels = {{
    {U"figure", false},    {U"fig.", false},    {U"fig", false},     {U"abbildung", false},
    {U"abb.", false},      {U"figura", false},  {U"рисунок", false}, {U"рис.", false},
    {U"σχήμα", false},     {U"εικόνα", false},  {U"图", false},      {U"図", false},
    {U"scheme", false},    {U"listing", false}, {U"chart", false},   {U"exhibit", false},
    {U"algorithm", false}, {U"figur", false},   {U"box", false},     {U"graph", false},
    {U"table", true},      {U"tab.", true},     {U"tabelle", true},  {U"tableau", true},
    {U"tabla", true},      {U"tabela", true},   {U"tabella", true},  {U"таблица", true},
    {U"табл.", true},      {U"πίνακας", true},  {U"表", true},       {U"cuadro", true},
    {U"tabell", true},     {U"tabel", true},    {U"quadro", true},   {U"diagram", false},
}};

char32_t folded(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  return c;
}

// 0: no label; 1: figure; 2: table.
int caption_kind(std::string_view line) {
  std::u32string text = code_points(trimmed(line).substr(0, 64));
  std::transform(text.begin(), text.end(), text.begin(), folded);
  for (const Label& label : kLabels) {
    const std::u32string_view word = label.word;
    if (!std::u32string_view(text).starts_with(word)) continue;
    size_t at = word.size();
    while (at < text.size() && (text[at] == ' ' || text[at] == '.')) ++at;
    const bool cjk = is_cjk(word.front());
    if (at == word.size() && !cjk && word.back() != '.') continue;
    // A number, perhaps with a letter before it ("A.1"), or a Roman one ("TABLE II").
    size_t end = at;
    if (end + 1 < text.size() && is_letter(text[end]) &&
        (text[end + 1] == '.' || is_digit(text[end + 1])))
      ++end;
    while (end < text.size() &&
           (is_digit(text[end]) || text[end] == '.' || text[end] == '-' || text[end] == 0x2013))
      ++end;
    if (end == at) {
      while (end < text.size() && (text[end] == 'i' || text[end] == 'v' || text[end] == 'x')) ++end;
      if (end < text.size() && is_letter(text[end])) continue;
    }
    if (end == at || end - at > 8) continue;
    return label.table ? 2 : 1;
  }
  return 0;
}

}  // namespace

Marker list_marker(std::string_view line) {
  const std::string_view start = line.substr(0, 48);
  const std::u32string text = code_points(start);
  Marker marker;
  size_t at = 0;  // into text
  const auto bytes_of = [&](size_t count) {
    std::string prefix;
    for (size_t i = 0; i < count; ++i) append_code_point(prefix, text[i]);
    return prefix.size();
  };
  while (at < text.size() && is_space(text[at])) ++at;
  const size_t first = at;
  if (at == text.size()) return marker;
  const auto finish = [&](MarkerKind kind, size_t end, int value) {
    size_t after = end;
    while (after < text.size() && is_space(text[after])) ++after;
    const bool glued = after == end && end < text.size();
    if (glued && (kind != MarkerKind::kBullet || text[first] == '*' || text[first] == 0xB7) &&
        !(kind == MarkerKind::kNumber && end < text.size() && is_cjk(text[end])))
      return Marker{};
    Marker found;
    found.kind = kind;
    for (size_t i = first; i < end; ++i) append_code_point(found.text, text[i]);
    found.bytes = bytes_of(after);
    found.value = value;
    return found;
  };
  const char32_t c = text[at];
  if (c == 0x2610 || c == 0x2611 || c == 0x2612) return finish(MarkerKind::kCheckbox, at + 1, 0);
  if (is_bullet(c)) return finish(MarkerKind::kBullet, at + 1, 0);
  if (c == '-' || c == 0x2013 || c == 0x2212) return finish(MarkerKind::kDash, at + 1, 0);
  // Number, letter or Roman number, closed by "." or ")".
  const bool opened = c == '(' || c == 0xFF08;
  if (opened) ++at;
  const size_t begin = at;
  while (at < text.size() && is_digit(text[at]) && at - begin < 4) ++at;
  const bool number = at > begin && at - begin <= 3;
  if (!number) {
    at = begin;
    while (at < text.size() && at - begin < 5 && is_letter(text[at])) ++at;
  }
  if (at == begin || at == text.size()) return marker;
  const char32_t close = text[at];
  const bool round = close == ')' || close == 0xFF09;
  if (!round && (opened || (close != '.' && close != 0x3001 && close != 0xFF0E))) return marker;
  const std::u32string_view body = std::u32string_view(text).substr(begin, at - begin);
  if (number) {
    int value = 0;
    for (char32_t digit : body)
      value =
          value * 10 + static_cast<int>(digit >= '0' && digit <= '9' ? digit - '0' : digit & 0xF);
    // "3.1" is a section, "3.14" a number.
    if (at + 1 < text.size() && is_digit(text[at + 1])) return marker;
    return finish(MarkerKind::kNumber, at + 1, value);
  }
  if (close == 0x3001) return marker;
  const int roman = roman_value(body);
  const bool one_letter = body.size() == 1;
  if (roman > 0 && (!one_letter || (body[0] | 0x20) == 'i'))
    return finish(MarkerKind::kRoman, at + 1, roman);
  if (!one_letter || !(is_upper(body[0]) || is_lower(body[0]))) return marker;
  const char32_t lower = folded(body[0]);
  const int value = lower >= 'a' && lower <= 'z' ? static_cast<int>(lower - 'a') + 1
                    : lower >= 0x430             ? static_cast<int>(lower - 0x430) + 1
                                                 : static_cast<int>(lower - 0x3B1) + 1;
  return finish(MarkerKind::kLetter, at + 1, value);
}

int section_depth(std::string_view line) {
  const std::u32string text = code_points(trimmed(line).substr(0, 48));
  size_t at = 0;
  int depth = 0;
  // An appendix or a version letter may lead: "A.2", "V2.1".
  if (text.size() > 2 && is_upper(text[0]) && (text[1] == '.' || is_digit(text[1]))) {
    at = text[1] == '.' ? 2 : 1;
    depth = text[1] == '.' ? 1 : 0;
  }
  while (at < text.size() && is_digit(text[at])) {
    size_t digits = 0;
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
    if (digits > 3) return 0;
    ++depth;
    if (at < text.size() && text[at] == '.')
      ++at;
    else
      break;
  }
  if (depth == 0) {
    size_t end = 0;
    while (end < text.size() && (text[end] == 'I' || text[end] == 'V' || text[end] == 'X')) ++end;
    if (end == 0 || end >= text.size() || text[end] != '.') return 0;
    at = end + 1;
    depth = 1;
  }
  if (at >= text.size() || !is_space(text[at])) return 0;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at >= text.size()) return 0;
  // "I. A. Author": initials.
  if (is_upper(text[0]) && at + 1 < text.size() && is_upper(text[at]) && text[at + 1] == '.')
    return 0;
  return is_upper(text[at]) || is_cjk(text[at]) || (is_letter(text[at]) && !is_lower(text[at]))
             ? depth
             : 0;
}

bool has_leader(std::string_view text) {
  return text.find("....") != std::string_view::npos ||
         text.find(". . . .") != std::string_view::npos ||
         text.find("\xE2\x80\xA6\xE2\x80\xA6") != std::string_view::npos ||
         text.find("\xC2\xB7\xC2\xB7\xC2\xB7\xC2\xB7") != std::string_view::npos;
}

std::string without_leaders(std::string_view text) {
  const std::u32string all = code_points(text);
  std::string out;
  for (size_t i = 0; i < all.size();) {
    size_t end = i, dots = 0;
    while (end < all.size() && (all[end] == U'.' || all[end] == 0x2026 || all[end] == 0xB7 ||
                                (dots > 0 && is_space(all[end])))) {
      dots += all[end] == 0x2026 ? 3 : !is_space(all[end]);
      ++end;
    }
    if (dots >= 4) {
      while (!out.empty() && out.back() == ' ') out.pop_back();
      out += out.empty() ? "\xE2\x80\xA6 " : " \xE2\x80\xA6 ";
      i = end;
      continue;
    }
    append_code_point(out, all[i++]);
  }
  return out;
}

bool is_page_reference(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > 6) return false;
  return (text.size() <= 4 && text.find_first_not_of("0123456789") == text.npos) ||
         text.find_first_not_of("ivxlc") == text.npos;
}

bool is_equation_number(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 3 || text.size() > 8 || text.front() != '(' || text.back() != ')') return false;
  return std::all_of(text.begin() + 1, text.end() - 1, [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || (c >= 'a' && c <= 'f');
  });
}

bool is_currency(std::string_view text) {
  text = trimmed(text);
  return text == "$" || text == "\xE2\x82\xAC" || text == "\xC2\xA3" || text == "\xC2\xA5";
}

bool is_caption(std::string_view line) {
  return caption_kind(line) != 0;
}
bool is_table_caption(std::string_view line) {
  return caption_kind(line) == 2;
}

}  // namespace pdf2md::document
