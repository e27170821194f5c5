#include "document/formulas.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "document/characters.h"
#include "document/math_layout.h"

namespace pdf2md::document {
namespace {

constexpr size_t kMostGlyphs = 20'000;  // of a page whose formulas are looked for
constexpr size_t kMostMarks = 300;      // large operators and delimiters, bars: each looks at all

// "NimbusRomNo9L-Regu" → "nimbusromno": fonts of one family share it.
std::string family_of(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (!std::isalpha(static_cast<unsigned char>(c))) break;
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

bool is_computer_modern(const std::string& family) {
  return family.starts_with("cmr") || family.starts_with("cmb") || family.starts_with("cmti") ||
         family.starts_with("cmsl") || family.starts_with("cmcsc") ||
         family.starts_with("lmroman") || family.starts_with("sfrm");
}

// What each font of the page is to formulas.
struct FontRole {
  MathFont font = MathFont::kNone;
  bool companion = false;  // digits and signs of formulas, on a page set in something else
};

std::vector<FontRole> font_roles(const PageContent& content) {
  std::vector<FontRole> roles(content.fonts.size());
  bool any = false;
  for (size_t i = 0; i < roles.size(); ++i) {
    roles[i].font = math_font(content.fonts[i].name);
    any = any || roles[i].font != MathFont::kNone;
  }
  if (!any) return {};
  struct Use {
    size_t letters = 0, all = 0;
  };
  std::map<std::string, Use> families;
  for (const Glyph& glyph : content.glyphs) {
    if (roles[glyph.font].font != MathFont::kNone || (glyph.flags & kGlyphSpace)) continue;
    Use& use = families[family_of(content.fonts[glyph.font].name)];
    ++use.all;
    const std::string_view text = content.glyph_text(glyph);
    use.letters += text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
  }
  std::string body;
  size_t most = 0;
  for (const auto& [family, use] : families)
    if (use.all > most) {
      most = use.all;
      body = family;
    }
  if (is_computer_modern(body)) return roles;
  for (size_t i = 0; i < roles.size(); ++i) {
    const std::string family = family_of(content.fonts[i].name);
    if (roles[i].font != MathFont::kNone || !is_computer_modern(family)) continue;
    const Use& use = families[family];
    roles[i].companion = use.letters * 2 <= use.all || family.starts_with("cmb");
  }
  return roles;
}

char32_t character_of(std::string_view text) {
  char32_t found = 0;
  for (const char32_t c : code_points(text)) {
    if (c >= 0xFE00 && c <= 0xFE0F) continue;  // variation selectors
    if (found != 0) return 0;
    found = c;
  }
  return found;
}

bool is_delimiter(char32_t c) {
  return c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' ||
         (c >= 0x2308 && c <= 0x230B) || c == 0x27E8 || c == 0x27E9;
}

MathToken token_of(const PageContent& content, const FontRole& role, const PlacedGlyph& placed,
                   uint32_t number) {
  const Glyph& glyph = content.glyphs[placed.glyph];
  const Font& font = content.fonts[glyph.font];
  MathToken t;
  t.glyphs = {number};
  t.size = placed.size;
  t.base = placed.base;
  t.character = character_of(content.glyph_text(glyph));
  const MathFont kind = role.companion ? MathFont::kText : role.font;
  if (t.character == 0) {
    t.latex = std::string(content.glyph_text(glyph));
    t.kind = kind == MathFont::kNone ? MathKind::kWord : MathKind::kUnknown;
  } else {
    const MathSymbol symbol = math_symbol(t.character, kind, font.bold, font.italic);
    t.latex = symbol.latex;
    t.kind = symbol.kind;
  }
  t.seed = kind != MathFont::kNone && t.kind != MathKind::kWord;
  // Upright letters of a font for mathematics are names; those of a companion may be words.
  if (t.kind == MathKind::kWord && role.font != MathFont::kNone) t.seed = true;
  const float size = t.size, width = (placed.u1 - placed.u0) / std::max(0.1f, size);
  t.box = {placed.u0, t.base - 0.7f * size, placed.u1, t.base + 0.2f * size};
  t.axis = t.base - 0.25f * size;
  const bool hangs = role.font == MathFont::kExtension && t.kind != MathKind::kAccent;
  const bool large =
      role.font == MathFont::kUnicode && ((is_delimiter(t.character) && width > 0.44f) ||
                                          (t.kind == MathKind::kOperator && width > 1.2f));
  if (hangs) {
    const float height = extension_height(t.character, width) * size;
    t.box.y0 = t.base;
    t.box.y1 = t.base + height;
    t.tall = t.kind != MathKind::kPiece && t.kind != MathKind::kRadical;
    t.axis = t.box.center_y();
    t.base = t.axis + 0.25f * size;
  } else if (large) {
    const float height = extension_height(t.character, width) * size;
    t.box.y0 = t.axis - height / 2;
    t.box.y1 = t.axis + height / 2;
    t.tall = true;
  } else if (t.kind == MathKind::kRadical && role.font == MathFont::kSymbols) {
    t.box.y0 = t.base - 0.04f * size;
    t.box.y1 = t.base + 0.96f * size;
  }
  return t;
}

bool is_letter_token(const MathToken& t) {
  return t.kind == MathKind::kWord && t.character < 0x80 && !t.latex.starts_with("\\");
}

// Tokens of one baseline, from left to right.
struct TokenRow {
  float base = 0, size = 0;
  std::vector<size_t> tokens;
};

std::vector<TokenRow> rows_of(const MathTokens& tokens) {
  std::vector<size_t> order(tokens.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return tokens[a].base < tokens[b].base; });
  std::vector<TokenRow> rows;
  std::vector<size_t> built;
  for (const size_t i : order) {
    const MathToken& t = tokens[i];
    if (t.built || t.tall) {
      built.push_back(i);
      continue;
    }
    const float tolerance = rows.empty() ? 0 : 0.14f * std::min(rows.back().size, t.size);
    if (rows.empty() || t.base - rows.back().base > tolerance) rows.push_back({t.base, t.size, {}});
    rows.back().size = std::max(rows.back().size, t.size);
    rows.back().tokens.push_back(i);
  }
  // What is built stands on the axis of the row that it is nearest to.
  const auto beside = [&](const TokenRow& row, const Box& box) {
    return std::any_of(row.tokens.begin(), row.tokens.end(), [&](size_t i) {
      const float gap = std::max(tokens[i].box.x0 - box.x1, box.x0 - tokens[i].box.x1);
      return gap < 2 * row.size;
    });
  };
  for (const size_t i : built) {
    TokenRow* best = nullptr;
    float nearest = 0;
    for (TokenRow& row : rows) {
      const float distance = std::abs(row.base - 0.25f * row.size - tokens[i].axis);
      if (distance > 0.3f * row.size || (best != nullptr && distance >= nearest)) continue;
      if (!beside(row, tokens[i].box)) continue;
      best = &row;
      nearest = distance;
    }
    if (best != nullptr)
      best->tokens.push_back(i);
    else
      rows.push_back({tokens[i].base, tokens[i].size, {i}});
  }
  for (TokenRow& row : rows)
    std::sort(row.tokens.begin(), row.tokens.end(),
              [&](size_t a, size_t b) { return tokens[a].box.x0 < tokens[b].box.x0; });
  return rows;
}

// Names of functions become one token each; single bold letters among plain text are variables.
void join_words(MathTokens& tokens, const PageContent& content,
                const std::vector<PlacedGlyph>& glyphs) {
  std::vector<bool> gone(tokens.size(), false);
  const auto is_bold = [&](const MathToken& t) {
    return content.fonts[content.glyphs[glyphs[t.glyphs.front()].glyph].font].bold;
  };
  for (const TokenRow& row : rows_of(tokens)) {
    const std::vector<size_t>& at = row.tokens;
    const auto gap = [&](size_t i) { return tokens[at[i]].box.x0 - tokens[at[i - 1]].box.x1; };
    const auto is_part = [&](size_t i) {
      const MathToken& t = tokens[at[i]];
      return is_letter_token(t) || (t.kind == MathKind::kLetter && t.character < 0x80 && !t.seed);
    };
    for (size_t i = 0; i < at.size();) {
      if (!is_part(i)) {
        ++i;
        continue;
      }
      size_t end = i + 1;
      std::string word = tokens[at[i]].latex;
      while (end < at.size() && is_part(end) && gap(end) < 0.12f * tokens[at[end]].size)
        word += tokens[at[end++]].latex;
      MathToken& first = tokens[at[i]];
      if (const std::string known = math_word(word); !known.empty()) {
        for (size_t k = i + 1; k < end; ++k) {
          const bool seed = first.seed;
          first.box = united(first.box, tokens[at[k]].box);
          first.glyphs.push_back(tokens[at[k]].glyphs.front());
          first.seed = seed && tokens[at[k]].seed;
          gone[at[k]] = true;
        }
        first.latex = known;
        first.kind = MathKind::kWord;
      } else if (end - i == 1 && first.kind == MathKind::kLetter && is_bold(first)) {
        // Beside other bold text, its punctuation too, it is an initial or a word of that.
        const auto bold_text = [&](size_t k) {
          return k < at.size() && is_bold(tokens[at[k]]) && !tokens[at[k]].seed &&
                 std::abs(tokens[at[k]].box.center_x() - first.box.center_x()) < 2.5f * first.size;
        };
        if (!bold_text(i - 1) && !bold_text(end)) first.seed = true;
      }
      i = end;
    }
  }
  MathTokens rest;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (!gone[i]) rest.push_back(std::move(tokens[i]));
  tokens = std::move(rest);
}

// May it stand in a formula although its font is that of the text?
bool is_compatible(const MathToken& t) {
  switch (t.kind) {
    case MathKind::kDigit:
    case MathKind::kOpen:
    case MathKind::kClose:
    case MathKind::kFence:
    case MathKind::kRelation:
    case MathKind::kPunctuation:
      return true;
    case MathKind::kBinary:
      return t.character != '-';  // of a text font: a hyphen
    case MathKind::kWord:
      return t.latex.starts_with("\\");
    case MathKind::kOther:
      return t.character == '/' || t.character == '!' || t.character == '\'' ||
             t.character == 0x2032;
    default:
      return false;
  }
}

bool is_sign(const MathToken& t) {
  return t.kind == MathKind::kRelation || t.kind == MathKind::kBinary;
}

// May the two stand beside each other in one formula?
bool joins(const MathToken& left, const MathToken& right) {
  const float size = std::max(left.size, right.size);
  const float gap = right.box.x0 - left.box.x1;
  if (left.seed && right.seed) return gap < 0.95f * size;
  // After the point that ends it comes the number of an equation.
  if (left.kind == MathKind::kPunctuation && right.kind == MathKind::kOpen && gap > 0.3f * size)
    return false;
  const bool loose = is_sign(left) || is_sign(right) ||
                     (left.kind == MathKind::kPunctuation && left.seed) ||
                     left.kind == MathKind::kWord;
  return gap < (loose ? 0.6f : 0.21f) * size;
}

class Finder {
 public:
  Finder(const MathTokens& tokens, std::vector<Formula>& out) : tokens_(tokens), out_(out) {}

  void row(const TokenRow& row) {
    const size_t n = row.tokens.size();
    std::vector<bool> member(n);
    for (size_t i = 0; i < n; ++i) member[i] = at(row, i).seed;
    for (size_t i = 1; i < n; ++i)
      if (!member[i] && member[i - 1] && may_follow(at(row, i - 1), at(row, i))) member[i] = true;
    for (size_t i = n; i-- > 1;)
      if (!member[i - 1] && member[i] && may_follow(at(row, i - 1), at(row, i), true))
        member[i - 1] = true;
    for (size_t i = 0; i < n;) {
      if (!member[i]) {
        ++i;
        continue;
      }
      size_t end = i + 1;
      while (end < n && member[end] && joins(at(row, end - 1), at(row, end))) ++end;
      emit(row, i, end);
      i = end;
    }
  }

 private:
  const MathToken& at(const TokenRow& row, size_t i) const { return tokens_[row.tokens[i]]; }

  static bool may_follow(const MathToken& left, const MathToken& right, bool backwards = false) {
    return is_compatible(backwards ? left : right) && joins(left, right);
  }

  // What is not from a font for mathematics must not stick out at an end: the punctuation of the
  // sentence, brackets without their partners.
  void trim(const TokenRow& row, size_t& first, size_t& last) const {
    for (bool trimmed = true; trimmed && first < last;) {
      trimmed = false;
      const MathToken& a = at(row, first);
      const MathToken& b = at(row, last - 1);
      const auto stray = [&](const MathToken& t, bool at_end) {
        if (t.seed && t.kind != MathKind::kPunctuation) return false;
        if (t.seed) return !at_end;
        if (t.kind == MathKind::kPunctuation || is_sign(t)) return true;
        if (t.kind == MathKind::kOther) return t.character != '!' && t.character != '\'';
        return false;
      };
      if (stray(a, false)) {
        ++first;
        trimmed = true;
      } else if (stray(b, true)) {
        --last;
        trimmed = true;
      } else if (!b.seed && b.kind == MathKind::kClose && depth(row, first, last) < 0) {
        --last;
        trimmed = true;
      } else if (!a.seed && a.kind == MathKind::kOpen && depth(row, first, last) > 0) {
        ++first;
        trimmed = true;
      } else if (!b.seed && b.kind == MathKind::kOpen) {
        --last;
        trimmed = true;
      }
    }
  }

  // Brackets opened less those closed.
  int depth(const TokenRow& row, size_t first, size_t last) const {
    int open = 0;
    for (size_t i = first; i < last; ++i) {
      open += at(row, i).kind == MathKind::kOpen;
      open -= at(row, i).kind == MathKind::kClose;
    }
    return open;
  }

  void emit(const TokenRow& row, size_t first, size_t last) {
    trim(row, first, last);
    bool quantity = false;
    MathTokens parts;
    Formula made;
    for (size_t i = first; i < last; ++i) {
      const MathToken& t = at(row, i);
      if (t.kind == MathKind::kUnknown || !t.certain || t.kind == MathKind::kPiece) return;
      quantity = quantity ||
                 (t.seed && (t.built || t.kind == MathKind::kLetter || t.kind == MathKind::kDigit ||
                             t.kind == MathKind::kOperator)) ||
                 !t.sup.empty();
      made.box = united(made.box, t.box);
      made.size = std::max(made.size, t.size);
      made.glyphs.insert(made.glyphs.end(), t.glyphs.begin(), t.glyphs.end());
      parts.push_back(t);
    }
    if (!quantity) return;
    made.base = row.base;
    if (!row.tokens.empty() && row.size > 0) made.size = row.size;
    made.latex = row_latex(std::move(parts), false);
    if (!made.latex.empty()) out_.push_back(std::move(made));
  }

  const MathTokens& tokens_;
  std::vector<Formula>& out_;
};

std::vector<Box> bars_of(const PageContent& content, const Frame& frame) {
  std::vector<Box> bars;
  for (const Rule& rule : content.rules) {
    const Box box = frame.to_frame(rule.box);
    if (box.height() < 1.6f && box.width() > 2 && box.width() < 0.6f * frame.width())
      bars.push_back(box);
  }
  return bars.size() > kMostMarks ? std::vector<Box>{} : bars;
}

}  // namespace

std::vector<Formula> find_formulas(const PageContent& content, const Frame& frame,
                                   const std::vector<PlacedGlyph>& glyphs) {
  if (glyphs.size() > kMostGlyphs) return {};
  const std::vector<FontRole> roles = font_roles(content);
  if (roles.empty()) return {};
  MathTokens tokens;
  size_t marks = 0;
  for (uint32_t i = 0; i < glyphs.size(); ++i) {
    const uint16_t font = content.glyphs[glyphs[i].glyph].font;
    tokens.push_back(token_of(content, roles[font], glyphs[i], i));
    const MathToken& t = tokens.back();
    marks += t.tall || t.kind == MathKind::kOperator || t.kind == MathKind::kPiece ||
             (t.kind == MathKind::kAccent && t.seed);
  }
  if (marks > kMostMarks) return {};
  join_words(tokens, content, glyphs);
  build_marks(tokens);
  build_at_bars(tokens, bars_of(content, frame));
  build_limits(tokens);
  build_matrices(tokens);
  attach_scripts(tokens);
  std::vector<Formula> found;
  Finder finder(tokens, found);
  for (const TokenRow& row : rows_of(tokens)) finder.row(row);
  return found;
}

}  // namespace pdf2md::document
