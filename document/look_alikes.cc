#include "document/look_alikes.h"

namespace pdf2md::document {
namespace {

// Longer words that consist of such letters only are rare in these languages, and names in Latin
// letters are not.
constexpr size_t kShortWord = 3;

struct Pairs {
  Script script;
  std::u32string_view latin, own;
};
constexpr Pairs kPairs[] = {
    {Script::kCyrillic, U"ABCEHKMOPTXaceopxy", U"АВСЕНКМОРТХасеорху"},
    {Script::kGreek, U"ABEHIKMNOPTXYZaikopvtx\u00B5", U"ΑΒΕΗΙΚΜΝΟΡΤΧΥΖαικορντχμ"},
};

// The own letter that looks like this one; 0: none.
char32_t own_letter(const Pairs& pairs, char32_t c) {
  const size_t at = pairs.latin.find(c);
  return at == std::u32string_view::npos ? 0 : pairs.own[at];
}

struct Word {
  size_t begin = 0, end = 0;
  size_t own = 0, latin = 0, alike = 0;  // letters; alike: those of the Latin ones
  bool lower = false;                    // some are
};

Word word_at(const Pairs& pairs, const std::u32string& text, size_t begin) {
  Word word{begin, begin};
  for (; word.end < text.size() && is_letter(text[word.end]); ++word.end) {
    const char32_t c = text[word.end];
    word.own += script_of(c) == pairs.script;
    word.latin += script_of(c) == Script::kLatin;
    word.alike += own_letter(pairs, c) != 0;
    word.lower = word.lower || is_lower(c);
  }
  return word;
}

}  // namespace

std::string in_own_letters(Script script, std::string_view utf8) {
  const Pairs* pairs = nullptr;
  for (const Pairs& each : kPairs) {
    if (each.script == script) pairs = &each;
  }
  if (pairs == nullptr) return std::string(utf8);
  std::u32string text = code_points(utf8);
  size_t own = 0, latin = 0;
  for (char32_t c : text) {
    own += script_of(c) == script;
    latin += script_of(c) == Script::kLatin;
  }
  bool after_own = own > latin;  // the first word too
  for (size_t i = 0; i < text.size();) {
    if (text[i] == 0xB5) text[i] = own_letter(*pairs, text[i]) != 0 ? U'μ' : text[i];
    if (!is_letter(text[i])) {
      ++i;
      continue;
    }
    const Word word = word_at(*pairs, text, i);
    const size_t length = word.end - word.begin;
    const bool mixed = word.own > word.latin;
    const bool short_word =
        after_own && word.alike == length && length <= kShortWord && (word.lower || length == 1);
    if (mixed || short_word) {
      for (size_t k = word.begin; k < word.end; ++k) {
        if (const char32_t own = own_letter(*pairs, text[k]); own != 0) text[k] = own;
      }
    }
    after_own = mixed || short_word;
    i = word.end;
  }
  std::string out;
  for (char32_t c : text) append_code_point(out, c);
  return out;
}

}  // namespace pdf2md::document
