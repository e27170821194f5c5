#include "document/math_layout.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {
namespace {

// Takes the marked tokens out of `tokens`.
MathTokens taken(MathTokens& tokens, const std::vector<bool>& marked) {
  MathTokens out, rest;
  for (size_t i = 0; i < tokens.size(); ++i)
    (marked[i] ? out : rest).push_back(std::move(tokens[i]));
  tokens = std::move(rest);
  return out;
}

// The tokens above (or below) a line at `v`, between u0 and u1: the nearest, and all that stand
// beside it.
std::vector<size_t> stacked(const MathTokens& tokens, float u0, float u1, float v, bool above) {
  constexpr float kNear = 0.75f;  // of the size: farther away is the next line of text
  std::vector<size_t> within;
  size_t nearest = tokens.size();
  float best = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const MathToken& t = tokens[i];
    const float slack = 0.3f * t.size;
    if (t.box.x0 < u0 - slack || t.box.x1 > u1 + slack) continue;
    if (above ? t.box.center_y() >= v : t.box.center_y() <= v) continue;
    const float distance = above ? v - t.box.y1 : t.box.y0 - v;
    if (distance > 4 * t.size) continue;
    within.push_back(i);
    if (nearest < tokens.size() && distance >= best) continue;
    nearest = i;
    best = distance;
  }
  if (nearest == tokens.size() || best > kNear * tokens[nearest].size) return {};
  std::vector<size_t> out = {nearest};
  Box hull = tokens[nearest].box;
  std::vector<bool> used(tokens.size(), false);
  used[nearest] = true;
  for (bool grown = true; grown;) {
    grown = false;
    for (const size_t i : within) {
      const MathToken& t = tokens[i];
      if (used[i] || overlap(t.box.y0, t.box.y1, hull.y0, hull.y1) < 0.1f * t.size) continue;
      used[i] = grown = true;
      hull = united(hull, t.box);
      out.push_back(i);
    }
  }
  return out;
}

class Bars {
 public:
  Bars(MathTokens& tokens, const std::vector<Box>& bars) : tokens_(tokens), bars_(bars) {}

  void build(const Box& bar) {
    const float v = bar.center_y();
    if (const size_t sign = radical_at(bar); sign < tokens_.size()) {
      root(bar, sign);
      return;
    }
    const std::vector<size_t> up = stacked(tokens_, bar.x0, bar.x1, v, true);
    const std::vector<size_t> down = stacked(tokens_, bar.x0, bar.x1, v, false);
    if (down.empty()) return;
    if (!up.empty() && is_fraction(bar, up, down))
      fraction(bar, up, down);
    else
      overline(bar, down);
  }

 private:
  static bool begins_at(const Box& bar, const MathToken& radical) {
    return std::abs(radical.box.x1 - bar.x0) < 0.15f * radical.size + 0.6f &&
           std::abs(bar.center_y() - radical.base) < 2.8f * radical.size;
  }

  // The sign whose bar this is: of those that begin at it the highest; a lower one is a fraction's.
  size_t radical_at(const Box& bar) const {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const MathToken& t = tokens_[i];
      if (t.kind != MathKind::kRadical || t.built || !begins_at(bar, t)) continue;
      const bool highest = std::none_of(bars_.begin(), bars_.end(), [&](const Box& other) {
        return begins_at(other, t) && other.center_y() < bar.center_y() - 0.5f;
      });
      if (highest) return i;
    }
    return tokens_.size();
  }

  Box hull(const std::vector<size_t>& part) const {
    Box box;
    for (const size_t i : part) box = united(box, tokens_[i].box);
    return box;
  }
  float size_of(const std::vector<size_t>& part) const {
    float size = 0;
    for (const size_t i : part) size = std::max(size, tokens_[i].size);
    return size;
  }

  // Both parts stand in the middle, and the bar is as long as the longer one.
  bool is_fraction(const Box& bar, const std::vector<size_t>& up,
                   const std::vector<size_t>& down) const {
    const Box a = hull(up), b = hull(down);
    const float size = std::max(size_of(up), size_of(down));
    if (std::abs(a.center_x() - bar.center_x()) > 0.35f * size ||
        std::abs(b.center_x() - bar.center_x()) > 0.35f * size)
      return false;
    if (bar.width() > std::max(a.width(), b.width()) + 0.8f * size) return false;
    // A bar that touches what is below it is drawn over that; text farther above is the line before.
    if (b.y0 - bar.center_y() < 0.02f * size_of(down) ||
        bar.center_y() - a.y1 > 0.45f * size_of(up))
      return false;
    const auto is_text = [&](size_t i) {
      return !tokens_[i].seed &&
             (tokens_[i].kind == MathKind::kLetter ||
              (tokens_[i].kind == MathKind::kWord && !tokens_[i].latex.starts_with("\\")));
    };
    if (std::any_of(up.begin(), up.end(), is_text) ||
        std::any_of(down.begin(), down.end(), is_text))
      return false;
    const auto any_seed = [&](const std::vector<size_t>& part) {
      return std::any_of(part.begin(), part.end(), [&](size_t i) { return tokens_[i].seed; });
    };
    return any_seed(up) || any_seed(down) || has_neighbour(bar);
  }

  // Something mathematical beside the bar, on the same axis.
  bool has_neighbour(const Box& bar) const {
    return std::any_of(tokens_.begin(), tokens_.end(), [&](const MathToken& t) {
      const float gap = std::max(t.box.x0 - bar.x1, bar.x0 - t.box.x1);
      return t.seed && gap > -0.1f * t.size && gap < 0.7f * t.size &&
             std::abs(t.axis - bar.center_y()) < 0.15f * t.size;
    });
  }

  MathTokens take(const std::vector<size_t>& part, std::vector<bool>& gone) {
    MathTokens out;
    for (const size_t i : part) {
      gone[i] = true;
      out.push_back(tokens_[i]);
    }
    return out;
  }

  void add(MathToken made, const std::vector<bool>& gone) {
    taken(tokens_, gone);
    tokens_.push_back(std::move(made));
  }

  static MathToken built(const Box& bar, const MathTokens& parts, float axis) {
    MathToken made;
    made.box = bar;
    made.kind = MathKind::kOther;
    made.built = true;
    for (const MathToken& t : parts) {
      absorb(made, t);
      made.size = std::max(made.size, t.size);
    }
    made.seed = true;
    made.axis = axis;
    made.base = axis + 0.25f * made.size;
    return made;
  }

  void fraction(const Box& bar, const std::vector<size_t>& up, const std::vector<size_t>& down) {
    std::vector<bool> gone(tokens_.size(), false);
    const MathTokens above = take(up, gone), below = take(down, gone);
    MathTokens all = above;
    all.insert(all.end(), below.begin(), below.end());
    MathToken made = built(bar, all, bar.center_y());
    made.latex = "\\frac{" + composed(above, false, made.certain) + "}";
    made.latex += "{" + composed(below, false, made.certain) + "}";
    add(std::move(made), gone);
  }

  void root(const Box& bar, size_t sign) {
    std::vector<size_t> inside = stacked(tokens_, bar.x0, bar.x1, bar.center_y(), false);
    std::erase(inside, sign);
    if (inside.empty()) return;
    std::vector<bool> gone(tokens_.size(), false);
    const MathTokens content = take(inside, gone);
    float base = content.front().base, size = 0;
    for (const MathToken& t : content)
      if (t.size > size) {
        size = t.size;
        base = t.base;
      }
    MathToken made = built(bar, content, base - 0.25f * size);
    absorb(made, tokens_[sign]);
    made.latex = "\\sqrt{" + composed(content, false, made.certain) + "}";
    gone[sign] = true;
    add(std::move(made), gone);
  }

  // A bar over letters that belongs to nothing above it.
  void overline(const Box& bar, const std::vector<size_t>& down) {
    const Box box = hull(down);
    const float size = size_of(down);
    const bool mathematical =
        std::all_of(down.begin(), down.end(), [&](size_t i) { return tokens_[i].seed; });
    if (!mathematical || box.y0 - bar.center_y() > 0.35f * size ||
        std::abs(box.width() - bar.width()) > 0.5f * size)
      return;
    std::vector<bool> gone(tokens_.size(), false);
    const MathTokens content = take(down, gone);
    MathToken made = built(bar, content, content.front().axis);
    made.base = content.front().base;
    made.kind = MathKind::kLetter;
    made.latex = "\\overline{" + composed(content, false, made.certain) + "}";
    add(std::move(made), gone);
  }

  MathTokens& tokens_;
  const std::vector<Box>& bars_;
};

// --- marks

float piece_height(char32_t c, char32_t delimiter) {
  const bool straight = c == 0xF8EC || c == 0xF8EF || c == 0xF8F7 || c == 0xF8FA || c == 0xF8F4;
  if (straight) return 0.6f;
  return delimiter == '{' || delimiter == '}' ? 0.9f : 1.8f;
}

void build_pieces(MathTokens& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != MathKind::kPiece) continue;
    char32_t delimiter = delimiter_of_piece(tokens[i].character);
    MathToken made = tokens[i];
    made.box.y1 = made.box.y0 + piece_height(made.character, delimiter) * made.size;
    std::vector<bool> gone(tokens.size(), false);
    gone[i] = true;
    for (bool grown = true; grown;) {
      grown = false;
      for (size_t k = 0; k < tokens.size(); ++k) {
        const MathToken& t = tokens[k];
        if (gone[k] || t.kind != MathKind::kPiece ||
            std::abs(t.box.x0 - made.box.x0) > 0.1f * t.size)
          continue;
        const char32_t other = delimiter_of_piece(t.character);
        const float height = piece_height(t.character, other) * t.size;
        if (t.box.y0 > made.box.y1 + 0.6f * t.size ||
            t.box.y0 + height < made.box.y0 - 0.6f * t.size)
          continue;
        // The straight part of a brace is the same for both sides.
        if (t.character != 0xF8F4) delimiter = other;
        MathToken part = t;
        part.box.y1 = part.box.y0 + height;
        part.kind = MathKind::kOther;
        absorb(made, part);
        gone[k] = grown = true;
      }
    }
    const MathSymbol symbol = math_symbol(delimiter, MathFont::kUnicode, false, false);
    made.latex = symbol.latex;
    made.kind = symbol.kind;
    made.character = delimiter;
    made.tall = true;
    made.axis = made.box.center_y();
    made.base = made.axis + 0.25f * made.size;
    taken(tokens, gone);
    tokens.push_back(std::move(made));
    i = static_cast<size_t>(-1);  // the numbers have changed: from the start
  }
}

// Three full stops below each other, or on a diagonal.
void build_dots(MathTokens& tokens) {
  std::vector<size_t> stops;
  for (size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i].character == '.') stops.push_back(i);
  if (stops.size() > 2000) return;  // a leader's
  std::vector<bool> gone(tokens.size(), false);
  MathTokens made;
  const auto step = [&](size_t a, size_t b, bool diagonal) {
    const float size = tokens[a].size;
    const float du = tokens[b].box.x0 - tokens[a].box.x0, dv = tokens[b].base - tokens[a].base;
    if (dv < 0.2f * size || dv > 0.55f * size) return false;
    return diagonal ? du > 0.2f * size && du < 0.6f * size : std::abs(du) < 0.08f * size;
  };
  for (const bool diagonal : {false, true})
    for (const size_t a : stops)
      for (const size_t b : stops) {
        if (gone[a] || gone[b] || !step(a, b, diagonal)) continue;
        for (const size_t c : stops) {
          if (gone[c] || !step(b, c, diagonal)) continue;
          MathToken token = tokens[a];
          absorb(token, tokens[b]);
          absorb(token, tokens[c]);
          token.latex = diagonal ? "\\ddots" : "\\vdots";
          token.kind = MathKind::kOther;
          token.character = 0;
          token.base = tokens[c].base;
          token.axis = token.base - 0.25f * token.size;
          token.seed = true;
          gone[a] = gone[b] = gone[c] = true;
          made.push_back(std::move(token));
          break;
        }
      }
  taken(tokens, gone);
  for (MathToken& token : made) tokens.push_back(std::move(token));
}

void build_accents(MathTokens& tokens) {
  std::vector<bool> gone(tokens.size(), false);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const MathToken& accent = tokens[i];
    if (accent.kind != MathKind::kAccent || !accent.seed) continue;
    for (size_t k = 0; k < tokens.size(); ++k) {
      MathToken& letter = tokens[k];
      if (k == i || gone[k] || letter.kind != MathKind::kLetter) continue;
      if (letter.size > 1.3f * accent.size || letter.size < 0.75f * accent.size) continue;
      const float shift = std::abs(letter.box.center_x() - accent.box.center_x());
      if (shift > 0.3f * letter.size || std::abs(letter.base - accent.base) > 0.45f * letter.size)
        continue;
      letter.latex = accent.latex + "{" + letter.latex + "}";
      letter.glyphs.insert(letter.glyphs.end(), accent.glyphs.begin(), accent.glyphs.end());
      gone[i] = true;
      break;
    }
  }
  taken(tokens, gone);
}

// --- limits

bool takes_limits(const MathToken& t) {
  if (t.built) return false;
  if (t.kind == MathKind::kOperator) return t.character != 0x222B && t.character != 0x222E;
  return t.latex == "\\lim" || t.latex == "\\max" || t.latex == "\\min" || t.latex == "\\sup" ||
         t.latex == "\\inf" || t.latex == "\\mathrm{argmax}" || t.latex == "\\mathrm{argmin}" ||
         t.latex == "\\limsup" || t.latex == "\\liminf";
}

// Small tokens in a row right above or below the operator, centred on it.
std::vector<size_t> limit_of(const MathTokens& tokens, const std::vector<bool>& gone, size_t index,
                             bool above) {
  const MathToken& op = tokens[index];
  std::vector<size_t> zone;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const MathToken& t = tokens[i];
    if (i == index || gone[i] || t.size > 0.86f * op.size || t.tall) continue;
    if (std::abs(t.box.center_x() - op.box.center_x()) > 6 * op.size) continue;
    const float distance = above ? op.box.y0 - t.box.y1 : t.box.y0 - op.box.y1;
    if (distance > -0.35f * op.size && distance < 0.65f * op.size) zone.push_back(i);
  }
  std::sort(zone.begin(), zone.end(),
            [&](size_t a, size_t b) { return tokens[a].box.x0 < tokens[b].box.x0; });
  std::vector<size_t> chain;
  bool reaches = false;
  Box hull;
  for (size_t n = 0; n <= zone.size(); ++n) {
    const bool goes_on =
        n < zone.size() && !chain.empty() && tokens[zone[n]].box.x0 - hull.x1 < 0.32f * op.size;
    if (!goes_on && !chain.empty()) {
      if (reaches && std::abs(hull.center_x() - op.box.center_x()) < 0.4f * op.size) return chain;
      chain.clear();
      reaches = false;
      hull = Box{};
    }
    if (n == zone.size()) break;
    const Box& box = tokens[zone[n]].box;
    chain.push_back(zone[n]);
    hull = united(hull, box);
    reaches = reaches || overlap(box.x0, box.x1, op.box.x0, op.box.x1) > 0;
  }
  return {};
}

}  // namespace

void absorb(MathToken& into, const MathToken& token) {
  into.box = united(into.box, token.box);
  into.seed = into.seed || token.seed;
  into.certain = into.certain && token.certain && token.kind != MathKind::kUnknown;
  into.glyphs.insert(into.glyphs.end(), token.glyphs.begin(), token.glyphs.end());
}

void build_marks(MathTokens& tokens) {
  build_pieces(tokens);
  build_dots(tokens);
  build_accents(tokens);
}

void build_at_bars(MathTokens& tokens, std::vector<Box> bars) {
  std::sort(bars.begin(), bars.end(),
            [](const Box& a, const Box& b) { return a.width() < b.width(); });
  for (const Box& bar : bars) Bars(tokens, bars).build(bar);
}

void build_limits(MathTokens& tokens) {
  std::vector<bool> gone(tokens.size(), false);
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (gone[i] || !takes_limits(tokens[i])) continue;
    if (!tokens[i].sub.empty() || !tokens[i].sup.empty()) continue;
    MathToken made = tokens[i];
    const auto limit = [&](bool above) {
      MathTokens part;
      for (const size_t k : limit_of(tokens, gone, i, above)) {
        gone[k] = true;
        part.push_back(tokens[k]);
        absorb(made, tokens[k]);
      }
      return part.empty() ? std::string() : composed(std::move(part), true, made.certain);
    };
    made.sup = limit(true);
    made.sub = limit(false);
    if (made.sup.empty() && made.sub.empty()) continue;
    made.seed = true;
    tokens[i] = std::move(made);
  }
  taken(tokens, gone);
}

std::string composed(MathTokens tokens, bool script, bool& certain) {
  build_limits(tokens);
  build_matrices(tokens);
  attach_scripts(tokens);
  const MathToken* main = nullptr;
  for (const MathToken& t : tokens)
    if (main == nullptr || (!t.tall && (main->tall || t.size > main->size))) main = &t;
  for (const MathToken& t : tokens)
    if (!t.certain || t.kind == MathKind::kUnknown ||
        std::abs(t.axis - main->axis) > 0.35f * main->size)
      certain = false;
  return row_latex(std::move(tokens), script);
}

}  // namespace pdf2md::document
