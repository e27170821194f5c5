// Is the text layer of a page what a reader of the page sees? Every test below is about evidence
// that honest pages of any language do not show; what is only odd makes the page suspicious, and a
// sample of its lines is then compared with OCR.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <set>

#include "document/characters.h"
#include "document/stages.h"

namespace pdf2md::document {
namespace {

constexpr uint32_t kFewGlyphs = 25;     // less than this beside a scan is a stamp, not its text
constexpr float kPageFilling = 0.7f;    // share of the page that images cover
constexpr uint32_t kEnoughPairs = 150;  // letter pairs before statistics mean something

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

// The most frequent letter pairs of English, German, French, Spanish, Portuguese, Italian, Dutch,
// Polish, Turkish, Finnish, Indonesian and the Scandinavian languages, accents apart. Natural text
// has some 60–75 % of its pairs among them; a permuted alphabet some 10–30 %.
constexpr const char* kCommonPairs =
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve "
    "co me de hi "
    "ri ro ic ne ea ra ce li ch ll be ma si om ur ei ie sc un ge ue qu os la el do da na ka ta ni "
    "no lo ad "
    "ci ec ai us ns so am em et ac il im ir em ol ul ut ke va ja ze wi po pr ow ny cz rz ay sa mi "
    "di tr pe "
    "ss ns id ag ak uk";

class PairTable {
 public:
  PairTable() {
    for (const char* at = kCommonPairs; *at != 0; at += at[2] == ' ' ? 3 : 2)
      common_[static_cast<size_t>((at[0] - 'a') * 26 + at[1] - 'a')] = true;
  }
  bool has(char32_t a, char32_t b) const { return common_[size_t{26} * (a - 'a') + (b - 'a')]; }

 private:
  std::array<bool, size_t{26} * 26> common_{};
};

char32_t lower_ascii(char32_t c) {
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}
bool is_ascii_letter(char32_t c) {
  return lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z';
}

bool is_vowel(char32_t c) {
  static const std::u32string kVowels =
      U"аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄαεηιουωάέήίόύώϊϋΐΰΑΕΗΙΟΥΩΆΈΉΊΌΎΏ";
  return kVowels.find(c) != std::u32string::npos;
}

// Punctuation that honest pages may have in long rows: leaders, rules made of characters.
bool is_leader(char32_t c) {
  return c == '.' || c == '-' || c == '_' || c == '=' || c == '|' || c == '*' || c == '+' ||
         c == 0xB7 || c == 0x2022 || c == 0x2026 || c == 0x2014 || c == 0x2013 || c == 0x2715 ||
         c == 0x2713;
}

struct Evidence {
  uint32_t shown = 0;   // glyphs that a reader of the page sees, without spaces
  uint32_t hidden = 0;  // invisible or covered by something drawn later
  uint32_t no_unicode = 0, unknown = 0, private_use = 0, control = 0;
  std::set<char32_t> odd;  // the different private and control characters; at most 64
  uint32_t letters = 0, digits = 0, symbols = 0;
  uint32_t latin_pairs = 0, common_pairs = 0;
  uint32_t breaks = 0,
           joints = 0;  // joints: neighbours in a word; breaks: a symbol or digit in a word
  uint32_t cyrillic = 0, cyrillic_vowels = 0, greek = 0, greek_vowels = 0;
  uint32_t mixed = 0, words = 0;  // words of more than one alphabet
  uint32_t square = 0;            // glyphs without Unicode that are as wide as high: pictures
};

Evidence gather(const PageContent& content) {
  static const PairTable pairs;
  Evidence e;
  char32_t before = 0;
  const Glyph* last = nullptr;
  Script word_script = Script::kCommon;
  bool word_mixed = false;
  uint32_t word_letters = 0;
  const auto end_word = [&] {
    if (word_letters >= 3) {
      ++e.words;
      e.mixed += word_mixed;
    }
    word_script = Script::kCommon;
    word_mixed = false;
    word_letters = 0;
    before = 0;
  };
  for (const Glyph& glyph : content.glyphs) {
    if (glyph.flags & (kGlyphOffPage | kGlyphSpace)) {
      end_word();
      continue;
    }
    if (glyph.flags & (kGlyphInvisible | kGlyphCovered)) {
      ++e.hidden;
      continue;
    }
    // A jump in position ends a word as a space does.
    if (last != nullptr) {
      const float reach = 0.2f * glyph.size_pt;
      const bool close =
          glyph.rotation != 0 || (std::abs(glyph.origin_y - last->origin_y) < reach &&
                                  std::abs(glyph.box.x0 - last->box.x1) < reach);
      if (!close) end_word();
    }
    last = &glyph;
    const Font& font = content.fonts[glyph.font];
    for (char32_t c : code_points(content.glyph_text(glyph))) {
      if (is_space(c)) {
        end_word();
        continue;
      }
      ++e.shown;
      const Script script = script_of(c);
      if ((glyph.flags & kGlyphNoUnicode) || script == Script::kUnknown) {
        ++((glyph.flags & kGlyphNoUnicode) ? e.no_unicode : e.unknown);
        e.square += glyph.box.width() > 0.8f * glyph.size_pt;
        end_word();
        continue;
      }
      if (script == Script::kPrivate || script == Script::kControl) {
        ++(script == Script::kPrivate ? e.private_use : e.control);
        if (e.odd.size() < 64) e.odd.insert(c);
        end_word();
        continue;
      }
      const bool letter = is_letter(c);
      if (letter)
        ++e.letters;
      else if (is_digit(c))
        ++e.digits;
      else if (!is_leader(c))
        ++e.symbols;
      if (script == Script::kCyrillic) ++e.cyrillic, e.cyrillic_vowels += is_vowel(c);
      if (script == Script::kGreek) ++e.greek, e.greek_vowels += is_vowel(c);
      if (before != 0 && c < 0x80 && before < 0x80 && !font.monospaced) {
        ++e.joints;
        // Hyphens, apostrophes and dots stand inside honest words.
        const bool a = is_ascii_letter(before), b = is_ascii_letter(c);
        const char32_t odd_one = a ? c : before;
        e.breaks += a != b && odd_one > ' ' && odd_one != '-' && odd_one != '\'' &&
                    odd_one != '.' && odd_one != ',' && odd_one != ')' && odd_one != '(' &&
                    odd_one != '/' && odd_one != ':' && odd_one != ';' && odd_one != '"' &&
                    odd_one != '_';
        if (a && b) {
          ++e.latin_pairs;
          e.common_pairs += pairs.has(lower_ascii(before), lower_ascii(c));
        }
      }
      if (letter) {
        ++word_letters;
        if (word_script == Script::kCommon)
          word_script = script;
        else if (script != word_script && script != Script::kHan && script != Script::kKana &&
                 word_script != Script::kHan && word_script != Script::kKana)
          word_mixed = true;
      }
      before = c;
    }
  }
  end_word();
  return e;
}

// The share of the page under images, strips of one scan counted together.
float image_share(const PageContent& content) {
  const Box page{0, 0, content.width_pt, content.height_pt};
  if (page.empty()) return 0;
  constexpr int kCells = 32;
  std::array<std::array<bool, kCells>, kCells> covered{};
  size_t budget = 200'000;
  for (const PlacedImage& image : content.images) {
    if (image.mask && image.width_px < 64) continue;
    const Box box = intersection(image.box, page);
    const auto cell = [&](float at, float length) { return at / length * kCells; };
    const int x0 = static_cast<int>(std::ceil(cell(box.x0, page.x1) - 0.5f));
    const int x1 = static_cast<int>(std::floor(cell(box.x1, page.x1) - 0.5f));
    const int y0 = static_cast<int>(std::ceil(cell(box.y0, page.y1) - 0.5f));
    const int y1 = static_cast<int>(std::floor(cell(box.y1, page.y1) - 0.5f));
    for (int y = std::max(0, y0); y <= std::min(kCells - 1, y1); ++y)
      for (int x = std::max(0, x0); x <= std::min(kCells - 1, x1) && budget > 0; ++x, --budget)
        covered[static_cast<size_t>(y)][static_cast<size_t>(x)] = true;
  }
  ptrdiff_t cells = 0;
  for (const auto& row : covered) cells += std::count(row.begin(), row.end(), true);
  return static_cast<float>(cells) / (kCells * kCells);
}

// What the characters themselves say; appends to `verdict`.
void judge_characters(const Evidence& e, TrustVerdict& verdict) {
  const double shown = std::max(1u, e.shown);
  const auto reject = [&](std::string reason) {
    verdict.verdict = TextLayer::kRejected;
    verdict.reasons.push_back(std::move(reason));
  };
  const auto suspect = [&](std::string reason) {
    verdict.suspicious = true;
    verdict.reasons.push_back(std::move(reason));
  };
  const double without = (e.no_unicode + e.unknown) / shown;
  if (without > 0.2)
    reject(percent(without) + " of the characters have no Unicode");
  else if (without > 0.05 && e.no_unicode + e.unknown > 10)
    suspect(percent(without) + " of the characters have no Unicode");
  // Bullets and check marks of symbol fonts are private too, but there are few different ones.
  const double odd = (e.private_use + e.control) / shown;
  if (odd > 0.2 && e.odd.size() > 5)
    reject(percent(odd) + " of the characters are private or control codes");
  else if (odd > 0.05 && e.odd.size() > 5)
    suspect(percent(odd) + " of the characters are private or control codes");
  const double symbols = e.symbols / shown;
  if (e.shown > 150 && symbols > 0.6) suspect(percent(symbols) + " of the characters are symbols");

  if (e.latin_pairs >= kEnoughPairs) {
    const double common = static_cast<double>(e.common_pairs) / e.latin_pairs;
    const double breaks = static_cast<double>(e.breaks) / std::max(1u, e.joints);
    if (common < 0.42 && breaks > 0.2) {
      reject("only " + percent(common) +
             " of the letter pairs are ones that words are made of, and " + percent(breaks) +
             " of the joints in words have a symbol or digit");
    } else if (common < 0.28 && e.latin_pairs > 3 * kEnoughPairs) {
      reject("only " + percent(common) + " of the letter pairs are ones that words are made of");
    } else if (common < 0.45) {
      suspect("only " + percent(common) + " of the letter pairs are ones that words are made of");
    }
  } else if (e.joints > 2 * kEnoughPairs && e.breaks > 0.3 * e.joints &&
             e.letters > 0.2 * e.shown) {
    suspect(percent(static_cast<double>(e.breaks) / e.joints) +
            " of the joints in words have a symbol or digit");
  }
  const auto vowels = [&](uint32_t letters, uint32_t count, const char* alphabet) {
    if (letters < 200) return;
    const double share = static_cast<double>(count) / letters;
    if (share < 0.28 || share > 0.62)
      suspect(percent(share) + " of the " + alphabet + " letters are vowels");
  };
  vowels(e.cyrillic, e.cyrillic_vowels, "Cyrillic");
  vowels(e.greek, e.greek_vowels, "Greek");
  if (e.words > 40 && e.mixed > 0.25 * e.words)
    suspect(percent(static_cast<double>(e.mixed) / e.words) + " of the words mix alphabets");
}

// Similarity of two texts in 0…1: twice the common subsequence over the lengths, spaces and case
// apart.
double similarity(std::string_view a, std::string_view b) {
  const auto fold = [](std::string_view text) {
    std::u32string out;
    for (char32_t c : code_points(text)) {
      const std::u16string_view letters = base_letters(c);
      if (!letters.empty())
        out.append(letters.begin(), letters.end());
      else if (!is_space(c))
        out.push_back(lower_ascii(c));
      if (out.size() >= 400) break;
    }
    return out;
  };
  const std::u32string x = fold(a), y = fold(b);
  if (x.empty() && y.empty()) return 1;
  std::vector<uint32_t> row(y.size() + 1, 0);
  for (char32_t c : x) {
    uint32_t diagonal = 0;
    for (size_t j = 1; j <= y.size(); ++j) {
      const uint32_t above = row[j];
      row[j] = c == y[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return 2.0 * row[y.size()] / static_cast<double>(x.size() + y.size());
}

// The recogniser knows Latin and East Asian scripts; lines of others prove nothing.
bool is_readable_script(std::string_view text) {
  uint32_t known = 0, other = 0;
  for (char32_t c : code_points(text)) {
    const Script script = script_of(c);
    if (script == Script::kLatin || script == Script::kHan || script == Script::kKana)
      ++known;
    else if (script != Script::kCommon)
      ++other;
  }
  return other <= known;
}

}  // namespace

TrustVerdict judge_text_layer(const PageContent& content) {
  const Evidence e = gather(content);
  const float images = image_share(content);
  TrustVerdict verdict;
  const std::string cover = "an image covers " + percent(images) + " of the page";
  if (e.shown == 0 && e.hidden == 0) {
    verdict.reasons.push_back(images > 0.05f ? cover + " and there is no text layer"
                                             : "there is no text on the page");
    return verdict;
  }
  if (images >= kPageFilling && e.hidden > 3 * e.shown) {
    verdict.verdict = TextLayer::kRejected;
    verdict.reasons.push_back(cover + " and " + std::to_string(e.hidden) + " of " +
                              std::to_string(e.hidden + e.shown) +
                              " characters are hidden: another program's OCR of a scan");
    return verdict;
  }
  if (e.shown < kFewGlyphs && images >= kPageFilling) {
    verdict.reasons.push_back(cover + " and only " + std::to_string(e.shown) +
                              " characters are shown");
    return verdict;
  }
  if (e.shown == 0) {
    verdict.verdict = TextLayer::kRejected;
    verdict.reasons.push_back("all " + std::to_string(e.hidden) + " characters are hidden");
    return verdict;
  }
  verdict.verdict = TextLayer::kTrusted;
  judge_characters(e, verdict);
  if (verdict.verdict == TextLayer::kTrusted && images >= kPageFilling && e.hidden > e.shown) {
    verdict.suspicious = true;
    verdict.reasons.push_back(cover + " and more characters are hidden than shown");
  }
  if (verdict.verdict == TextLayer::kRejected) verdict.suspicious = false;
  return verdict;
}

TrustVerdict judge_sample(const TrustVerdict& first, const std::vector<SampledLine>& sample) {
  TrustVerdict verdict = first;
  std::vector<double> scores;
  for (const SampledLine& line : sample) {
    if (line.ocr_confidence < 0.7f || !is_readable_script(line.text_layer)) continue;
    if (count_characters(line.ocr).all < 4) continue;
    scores.push_back(similarity(line.text_layer, line.ocr));
  }
  if (scores.size() < 2) return verdict;  // proves nothing: as it was
  verdict.suspicious = false;
  const double mean =
      std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  const std::string lines = std::to_string(scores.size()) + " lines sampled";
  verdict.verdict = mean < 0.6 ? TextLayer::kRejected : TextLayer::kTrusted;
  verdict.reasons.push_back(lines + " agree with OCR by " + percent(mean));
  return verdict;
}

}  // namespace pdf2md::document
