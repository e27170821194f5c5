#include "document/hyphenation.h"

#include <algorithm>
#include <array>
#include <string>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr char32_t kSoftHyphen = 0xAD;

bool is_hyphen(char32_t c) {
  return c == U'-' || c == 0x2010 || c == kSoftHyphen || c == 0xAC;  // OCR and old exports write ¬
}

bool is_word_part(char32_t c) {
  return is_letter(c) || is_combining(c) || c == U'\'' || c == 0x2019;
}

uint64_t hash_of(std::string_view word) {  // FNV-1a over the lower-case form
  uint64_t hash = 0xCBF29CE484222325ull;
  for (char32_t c : code_points(word)) {
    char32_t low = lower_case(c);
    if (low == 0x2010) low = U'-';
    if (low == 0x2019) low = U'\'';
    if (low == kSoftHyphen) continue;
    for (int shift = 0; shift < 24; shift += 8) {
      hash ^= (low >> shift) & 0xFF;
      hash *= 0x100000001B3ull;
    }
  }
  return hash == 0 ? 1 : hash;
}

std::string utf8_of(std::u32string_view text) {
  std::string out;
  for (char32_t c : text) append_code_point(out, c);
  return out;
}

std::u32string_view rtrim(std::u32string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::u32string_view ltrim(std::u32string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

// "Haupt- und Nebensache": the hyphen stands for a word that comes later.
bool is_conjunction(std::string_view word) {
  static constexpr std::array<std::string_view, 14> kWords = {
      "and", "or", "und", "oder", "bzw", "bis", "sowie", "noch", "to", "et", "ou", "y", "e", "u"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_french_clitic(std::string_view word) {
  static constexpr std::array<std::string_view, 22> kWords = {
      "t",  "il",  "elle", "on", "ils",  "elles", "je",  "tu",  "nous", "vous", "le",
      "la", "les", "lui",  "y",  "leur", "en",    "moi", "toi", "ce",   "ci",   "là"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// First parts of English words that are written as one though both parts are words: "some-thing".
bool is_solid_prefix(std::string_view word) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "some",  "every", "under", "over", "there", "where", "here", "through",
      "super", "with",  "back",  "down", "fore",  "hand",  "work", "inter"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool in_address(std::u32string_view token) {
  return token.find(U"://") != token.npos || token.find(U"www.") != token.npos ||
         token.find(U'@') != token.npos;
}

}  // namespace

char32_t lower_case(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE) return c == 0xD7 ? c : c + 32;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 1 ? c + 1 : c;
  if (c == 0x178) return 0xFF;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x460 && c <= 0x52F && !(c >= 0x482 && c <= 0x489) && c != 0x4C0) return c | 1;
  if (c >= 0x1E00 && c <= 0x1EFF) return c | 1;
  return c;
}

std::string lower_case(std::string_view utf8) {
  std::string out;
  for (char32_t c : code_points(utf8)) append_code_point(out, lower_case(c));
  return out;
}

void WordSet::insert(uint64_t hash) {
  if (slots_.empty()) slots_.resize(kSlots);
  if (count_ >= kSlots / 2) return;
  size_t at = hash & (kSlots - 1);
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return;
    at = (at + 1) & (kSlots - 1);
  }
  slots_[at] = hash;
  ++count_;
}

bool WordSet::has(uint64_t hash) const {
  if (slots_.empty()) return false;
  size_t at = hash & (kSlots - 1);
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return true;
    at = (at + 1) & (kSlots - 1);
  }
  return false;
}

void WordSet::add(std::string_view word) {
  insert(hash_of(word));
}
bool WordSet::contains(std::string_view word) const {
  return has(hash_of(word));
}

void WordSet::add_line(std::string_view line, bool after_hyphen) {
  const std::u32string all = code_points(line);
  const std::u32string_view text = rtrim(all);
  size_t at = 0;
  bool first = true;
  while (at < text.size()) {
    if (!is_word_part(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() &&
           (is_word_part(text[end]) ||
            (is_hyphen(text[end]) && end + 1 < text.size() && is_word_part(text[end + 1]))))
      ++end;
    const bool half = (first && after_hyphen) ||
                      (end < text.size() && is_hyphen(text[end]) && end + 1 == text.size());
    first = false;
    if (!half) {
      const std::u32string_view token = text.substr(at, end - at);
      add(utf8_of(token));
      size_t part = 0;
      for (size_t i = 0; i < token.size(); ++i) {
        if (!is_hyphen(token[i])) continue;
        add(utf8_of(token.substr(part, i - part)));
        if (part == 0)
          add(utf8_of(token.substr(0, i + 1)));  // "anti-": a word that compounds begin with
        part = i + 1;
      }
      if (part > 0) add(utf8_of(token.substr(part)));
    }
    at = end;
  }
}

bool ends_in_hyphen(std::string_view line) {
  const std::u32string all = code_points(line);
  const std::u32string_view text = rtrim(all);
  return text.size() >= 2 && is_hyphen(text.back()) &&
         (is_letter(text[text.size() - 2]) || is_digit(text[text.size() - 2]) ||
          is_combining(text[text.size() - 2]));
}

LineJoin join_lines(std::string_view before_utf8, std::string_view after_utf8,
                    const JoinEvidence& evidence) {
  const std::u32string before_all = code_points(before_utf8), after_all = code_points(after_utf8);
  const std::u32string_view before = rtrim(before_all), after = ltrim(after_all);
  if (before.empty() || after.empty()) return LineJoin::kNothing;
  const char32_t last = before.back(), next = after.front();

  const bool cjk_before = is_cjk(last), cjk_after = is_cjk(next);
  if (cjk_before && cjk_after) return LineJoin::kNothing;
  if (cjk_before || cjk_after) {
    const char32_t ideograph = cjk_before ? last : next;
    return is_letter(ideograph) && evidence.cjk_latin_spaced ? LineJoin::kSpace
                                                             : LineJoin::kNothing;
  }
  size_t token = before.size();
  while (token > 0 && !is_space(before[token - 1])) --token;
  if (last == 0x2014 && before.size() - token > 1 && is_letter(next)) return LineJoin::kNothing;
  if (last == 0x2013 && before.size() >= 2 && is_digit(before[before.size() - 2]) && is_digit(next))
    return LineJoin::kNothing;
  if (last == U'/' && in_address(before.substr(token))) return LineJoin::kNothing;
  if (!is_hyphen(last) || before.size() < 2) return LineJoin::kSpace;

  const char32_t stem = before[before.size() - 2];
  if (last == kSoftHyphen) return LineJoin::kDropHyphen;
  if (is_digit(stem) || is_digit(next))
    return is_space(stem) ? LineJoin::kSpace : LineJoin::kNothing;
  if (!is_letter(stem) && !is_combining(stem)) return LineJoin::kSpace;
  if (in_address(before.substr(token))) return LineJoin::kNothing;
  if (!is_letter(next)) return LineJoin::kSpace;

  size_t head_at = before.size() - 1;
  while (head_at > 0 && (is_word_part(before[head_at - 1]) || is_hyphen(before[head_at - 1])))
    --head_at;
  size_t tail_end = 0;
  while (tail_end < after.size() && is_word_part(after[tail_end])) ++tail_end;
  const std::string head = utf8_of(before.substr(head_at, before.size() - 1 - head_at));
  const std::string tail = utf8_of(after.substr(0, tail_end));
  const bool tail_goes_on = tail_end < after.size() && is_hyphen(after[tail_end]);
  if (is_conjunction(tail) && !tail_goes_on &&
      !(evidence.words != nullptr && evidence.words->contains(head + tail)))
    return LineJoin::kSpace;

  // A capital inside a word is a name's or an abbreviation's; all capitals may be broken like
  // others.
  const bool head_upper = is_upper(stem) && head.size() > 1;
  if (is_upper(next) && !head_upper) return LineJoin::kNothing;
  const WordSet* words = evidence.words;
  // "self-" + "adjoint" with "self-adjoint" elsewhere, or "adjoint-valued" written out.
  if (words != nullptr) {
    const bool whole = words->contains(head + tail);
    const bool compound = words->contains(head + "-" + tail);
    if (compound && !whole) return LineJoin::kNothing;
    if (whole) return LineJoin::kDropHyphen;
  }
  if (evidence.french && is_french_clitic(lower_case(tail))) return LineJoin::kNothing;
  if (head.find('-') != head.npos || tail_goes_on) {  // "state-of-the-" goes on as it began
    const size_t cut = head.rfind('-');
    const std::string part = cut == head.npos ? head : head.substr(cut + 1);
    if (words != nullptr && words->contains(part + tail)) return LineJoin::kDropHyphen;
    if (words == nullptr || (words->contains(part) && words->contains(tail)))
      return LineJoin::kNothing;
  }
  // Two long words that the document knows, the first also from other compounds perhaps, and no
  // trace of them written as one.
  if (words != nullptr && code_points(head).size() >= 4 && code_points(tail).size() >= 4 &&
      !is_solid_prefix(lower_case(head)) && words->contains(tail) &&
      (words->contains(head) || words->contains(head + "-")))
    return LineJoin::kNothing;
  return LineJoin::kDropHyphen;
}

}  // namespace pdf2md::document
