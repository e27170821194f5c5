#include "document/line_text.h"

#include <algorithm>
#include <cmath>

#include "document/characters.h"
#include "document/visual_order.h"

namespace pdf2md::document {
namespace {

// What one or several glyphs contribute to the line.
struct Piece {
  std::u32string text;
  const PlacedGlyph* glyph = nullptr;  // null: a space
  uint16_t style = 0;
};

bool ends_cjk(const Piece& piece) {
  return !piece.text.empty() && is_cjk(piece.text.back());
}
bool starts_cjk(const Piece& piece) {
  return !piece.text.empty() && is_cjk(piece.text.front());
}

// Spaces between two neighbours: 0, 1, or more where both are monospaced.
class Spacing {
 public:
  Spacing(const std::vector<Piece>& pieces, bool monospaced) : monospaced_(monospaced) {
    std::vector<float> gaps;
    size_t drawn = 0;
    for (size_t i = 1; i < pieces.size(); ++i) {
      const PlacedGlyph& left = *pieces[i - 1].glyph;
      const PlacedGlyph& right = *pieces[i].glyph;
      // A leader's dots have a spacing of their own.
      if (pieces[i - 1].text != U"." || pieces[i].text != U".")
        gaps.push_back((right.u0 - left.u1) / std::max(left.size, right.size));
      drawn += right.space_before;
    }
    if (gaps.size() >= 4) {
      const auto middle = gaps.begin() + static_cast<ptrdiff_t>(gaps.size() / 2);
      std::nth_element(gaps.begin(), middle, gaps.end());
      tracking_ = std::clamp(*middle, 0.0f, 0.6f);
    }
    draws_spaces_ = drawn * 15 >= pieces.size() && drawn > 0;
    least_ = tracking_ + (draws_spaces_ ? 0.22f : valley(gaps, tracking_));
  }

  int between(const Piece& left, const Piece& right) const {
    const PlacedGlyph& a = *left.glyph;
    const PlacedGlyph& b = *right.glyph;
    const float size = std::max(a.size, b.size);
    const float gap = (b.u0 - a.u1) / size;
    if (monospaced_ && (left.style & right.style & kMonospaced)) {
      const float cell = std::max(0.3f * b.size, std::max(a.u1 - a.u0, b.u1 - b.u0));
      const int cells = static_cast<int>(std::lround((b.u0 - a.u1) / cell));
      return std::clamp(cells, b.space_before ? 1 : 0, 200);
    }
    if (b.space_before && gap > 0.02f) return 1;
    if (b.space_before && gap > -0.3f && draws_spaces_) return 1;
    const bool cjk_left = ends_cjk(left), cjk_right = starts_cjk(right);
    if (cjk_left && cjk_right) return gap > tracking_ + 0.7f;
    if (cjk_left || cjk_right) return gap > tracking_ + 0.45f;
    // A script follows its base closely; the italic correction before it is not a space.
    return gap > least_ ? 1 : 0;
  }

 private:
  // Where the word spaces of a tight line begin: in the middle of the widest stretch above kerning
  // that no gap falls into. Relative to the tracking.
  static float valley(std::vector<float>& gaps, float tracking) {
    constexpr float kUsual = 0.15f, kKerning = 0.04f, kSpaces = 0.2f;
    if (gaps.size() < 20) return kUsual;
    std::sort(gaps.begin(), gaps.end());
    float from = kKerning, widest = 0, middle = kUsual;
    for (size_t i = 0; i < gaps.size() && from < kSpaces; ++i) {
      const float to = std::min(gaps[i] - tracking, kSpaces);
      if (to <= from) continue;
      if (to - from > widest) {
        widest = to - from;
        middle = (from + to) / 2;
      }
      from = to;
    }
    return std::clamp(middle, 0.08f, kUsual);
  }

  bool monospaced_;
  bool draws_spaces_ = false;
  float tracking_ = 0;  // of the font size
  float least_ = 0;     // a gap that is a space
};

uint16_t style_of(const PageContent& content, const PlacedGlyph& glyph) {
  const Font& font = content.fonts[content.glyphs[glyph.glyph].font];
  uint16_t style = 0;
  if (font.bold || glyph.doubled) style |= kBold;
  if (font.italic) style |= kItalic;
  // East Asian fonts are fixed in width without being meant for code.
  const std::string_view text = content.glyph_text(content.glyphs[glyph.glyph]);
  if (glyph.fixed_width && (text.size() < 3 || !is_cjk(code_points(text).front())))
    style |= kMonospaced;
  return style;
}

constexpr char32_t kTatweel = 0x640;  // only stretches what stands before it

// Presentation forms become letters, controls vanish, spaces of any width become plain ones.
std::u32string plain_text(std::string_view utf8) {
  std::u32string out;
  for (char32_t c : code_points(utf8)) {
    const std::u16string_view letters = base_letters(c);
    if (!letters.empty())
      out.append(letters.begin(), letters.end());
    else if (script_of(c) == Script::kControl || c == 0x200B || c == 0xFEFF || c == 0x2060 ||
             c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || c == kTatweel)
      continue;
    else if (is_space(c))
      out.push_back(' ');
    else if (c == 0x2010 || c == 0x2011)
      out.push_back('-');
    else
      out.push_back(c);
  }
  return out;
}

bool is_accent(const std::u32string& text) {
  if (text.size() != 1) return false;
  const char32_t c = text.front();
  return is_combining(c) || c == 0x60 || c == 0xB4 || c == 0xA8 || c == 0x2C6 || c == 0x2DC ||
         c == 0x2DA || c == 0xB8 || c == 0x2C7 || c == 0x2D8 || c == 0xAF || c == 0x2D9 ||
         c == 0x2DD || c == 0x2DB || c == 0x5E;
}

// Puts an accent that is drawn over a letter into it. True where it found its letter.
bool merge_accent(Piece& letter, const Piece& accent) {
  if (letter.text.empty()) return false;
  const PlacedGlyph& a = *letter.glyph;
  const PlacedGlyph& b = *accent.glyph;
  const float shared = std::min(a.u1, b.u1) - std::max(a.u0, b.u0);
  const float narrow = std::min(a.u1 - a.u0, b.u1 - b.u0);
  if (shared < 0.5f * narrow &&
      !(is_combining(accent.text.front()) && b.u1 - b.u0 < 0.05f * b.size))
    return false;
  const char32_t c = composed(letter.text.back(), accent.text.front());
  if (c != 0)
    letter.text.back() = c;
  else if (is_combining(accent.text.front()))
    letter.text += accent.text;
  else
    return false;
  return true;
}

struct Keyed {
  float key;
  uint32_t glyph;
  const GlyphRun* run;
};

bool all_upper(const std::u32string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_upper);
}

// The size of a run: that of most of it, or of its capitals where all the rest is smaller capitals.
float size_of_capitals(const PageContent& content, const GlyphRuns& all, const GlyphRun& run) {
  float large = 0;
  size_t small = 0, capitals = 0;
  for (uint32_t i = run.first; i < run.last; ++i) {
    const PlacedGlyph& placed = all.glyphs[i];
    if (placed.formula >= 0) return run.size;
    const std::u32string text = code_points(content.glyph_text(content.glyphs[placed.glyph]));
    for (const char32_t c : text)
      if (is_lower(c)) return run.size;
    if (!all_upper(text)) continue;
    const float ratio = placed.size / run.size;
    if (ratio > 1.15f && ratio < 1.5f && std::abs(placed.base - run.base) < 0.05f * run.size) {
      ++capitals;
      large = std::max(large, placed.size);
    } else {
      ++small;
    }
  }
  return capitals > 0 && small > 2 ? large : run.size;
}

}  // namespace

Line line_from_runs(const PageContent& content, const Frame& frame, const GlyphRuns& all,
                    std::vector<GlyphRun> runs, const std::vector<std::string>& formulas,
                    const std::vector<uint32_t>& links, bool right_to_left_page) {
  // The main run gives size and baseline: the widest at the largest common size.
  const GlyphRun* main = &runs.front();
  for (const GlyphRun& run : runs)
    if ((run.u1 - run.u0) * run.size > (main->u1 - main->u0) * main->size) main = &run;

  const float main_size = size_of_capitals(content, all, *main);
  std::vector<Keyed> keyed;
  for (const GlyphRun& run : runs) {
    const bool script = run.size < 0.9f * main->size;
    for (uint32_t i = run.first; i < run.last; ++i)
      keyed.push_back({script ? run.u0 : all.glyphs[i].u0, i, &run});
  }
  if (runs.size() > 1)
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const Keyed& a, const Keyed& b) { return a.key < b.key; });

  std::vector<Piece> pieces;
  pieces.reserve(keyed.size());
  size_t mono_glyphs = 0;
  for (const Keyed& k : keyed) {
    const PlacedGlyph& placed = all.glyphs[k.glyph];
    if (placed.formula >= 0) {
      pieces.push_back(
          {code_points(formulas[static_cast<size_t>(placed.formula)]), &placed, kMath});
      continue;
    }
    Piece piece{plain_text(content.glyph_text(content.glyphs[placed.glyph])), &placed,
                style_of(content, placed)};
    if (piece.text.empty()) continue;
    mono_glyphs += (piece.style & kMonospaced) != 0;
    const float rise = main->base - placed.base;
    const bool small = placed.size < 0.88f * main_size;
    if (small && rise > 0.12f * main_size)
      piece.style |= kSuperscript;
    else if (small && rise < -0.06f * main_size)
      piece.style |= kSubscript;
    else if (small && placed.size > 0.6f * main_size && all_upper(piece.text))
      piece.style |= kSmallCaps;
    const bool after_text = !pieces.empty() && pieces.back().style != kMath;
    if (is_accent(piece.text) && after_text && merge_accent(pieces.back(), piece)) continue;
    if (after_text && is_accent(pieces.back().text) && merge_accent(piece, pieces.back()))
      pieces.pop_back();
    pieces.push_back(std::move(piece));
  }

  Line line;
  line.rotation = frame.rotation;
  if (pieces.empty()) return line;
  float left = main->u0, right = main->u1, top = main->top, bottom = main->bottom;
  for (const GlyphRun& run : runs) {
    left = std::min(left, run.u0);
    right = std::max(right, run.u1);
    top = std::min(top, run.top);
    bottom = std::max(bottom, run.bottom);
  }
  line.box = frame.to_page({left, top, right, bottom});
  const Box base = frame.to_page({left, main->base, left, main->base});
  line.baseline_y = frame.sideways() ? base.x0 : base.y0;

  // Spaces, then reading order.
  const Spacing spacing(pieces, mono_glyphs * 2 > pieces.size());
  std::vector<Piece> spaced;
  spaced.reserve(pieces.size() * 5 / 4);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const int count = i == 0 ? 0 : spacing.between(pieces[i - 1], pieces[i]);
    for (int s = 0; s < count; ++s) spaced.push_back({U" ", nullptr, 0});
    spaced.push_back(pieces[i]);
  }
  bool right_to_left = false;
  for (const Piece& piece : spaced)
    for (char32_t c : piece.text) right_to_left = right_to_left || is_right_to_left(c);
  if (right_to_left) {
    std::vector<std::u32string> visual;
    for (const Piece& piece : spaced) visual.push_back(piece.text);
    const LogicalOrder order = logical_order(visual, right_to_left_page);
    std::vector<Piece> logical;
    for (size_t i = 0; i < order.order.size(); ++i) {
      logical.push_back(std::move(spaced[order.order[i]]));
      if (order.mirror[i])
        for (char32_t& c : logical.back().text) c = mirrored(c);
    }
    spaced = std::move(logical);
  }

  // Spans: as long as style, font, size, colour and link stay.
  const auto link_of = [&](const PlacedGlyph& glyph) {
    const Box& box = content.glyphs[glyph.glyph].box;
    for (uint32_t index : links)
      if (content.links[index].box.contains(box.center_x(), box.center_y()))
        return static_cast<int32_t>(index);
    return -1;
  };
  const PlacedGlyph* before = nullptr;
  for (const Piece& piece : spaced) {
    if (piece.glyph == nullptr) {
      if (line.spans.empty()) continue;
      if (line.spans.back().style == kMath) {
        // Not part of the formula.
        Span space = line.spans.back();
        space.style = 0;
        space.text.clear();
        space.box = {space.box.x1, space.box.y0, space.box.x1, space.box.y1};
        line.spans.push_back(std::move(space));
        before = nullptr;
      }
      line.spans.back().text += ' ';
      continue;
    }
    const Glyph& glyph = content.glyphs[piece.glyph->glyph];
    const int32_t link = links.empty() ? -1 : link_of(*piece.glyph);
    const std::string& font = content.fonts[glyph.font].name;
    const bool same = before != nullptr && line.spans.back().style == piece.style &&
                      line.spans.back().link == link && line.spans.back().rgb == glyph.rgb &&
                      std::abs(before->size - piece.glyph->size) < 0.3f &&
                      line.spans.back().font == font;
    if (!same) {
      Span span;
      span.style = piece.style;
      span.size_pt = piece.glyph->size;
      span.link = link;
      span.font = font;
      span.rgb = glyph.rgb;
      line.spans.push_back(std::move(span));
    }
    Span& span = line.spans.back();
    for (char32_t c : piece.text) append_code_point(span.text, c);
    span.box = united(span.box, frame.to_page({piece.glyph->u0, piece.glyph->top,
                                               std::max(piece.glyph->u1, piece.glyph->u0 + 0.01f),
                                               piece.glyph->bottom}));
    before = piece.glyph;
  }
  return line;
}

}  // namespace pdf2md::document
