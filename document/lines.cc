#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "document/characters.h"
#include "document/formulas.h"
#include "document/glyph_runs.h"
#include "document/line_text.h"
#include "document/stages.h"

namespace pdf2md::document {
namespace {

constexpr float kSmallestPt = 0.6f;  // smaller text is not there for people

bool is_shown(const Glyph& glyph) {
  return (glyph.flags & (kGlyphInvisible | kGlyphOffPage | kGlyphCovered)) == 0 &&
         glyph.size_pt >= kSmallestPt;
}

bool is_blank(std::string_view text) {
  for (char32_t c : code_points(text))
    if (!is_space(c) && script_of(c) != Script::kControl) return false;
  return true;
}

// White text with nothing dark under it cannot be read: it is left out. Boxes that could be under
// it are few on honest pages; on others the first ones decide.
class Backgrounds {
 public:
  explicit Backgrounds(const PageContent& content) {
    for (const Fill& fill : content.fills)
      if ((fill.flags & kFillFilled) && !is_white(fill.rgb)) add(fill.box);
    for (const PlacedImage& image : content.images) add(image.box);
    for (const Rule& rule : content.rules)
      if (!is_white(rule.rgb)) add(rule.box);
  }
  static bool is_white(uint32_t rgb) {
    return (rgb >> 16 & 0xFF) > 0xFA && (rgb >> 8 & 0xFF) > 0xFA && (rgb & 0xFF) > 0xFA;
  }
  bool under(const Box& box) {
    const float x = box.center_x(), y = box.center_y();
    if (last_ < boxes_.size() && boxes_[last_].contains(x, y)) return true;
    if (work_ > kMostWork) return true;  // hostile: rather show too much than work for ever
    work_ += boxes_.size();
    for (size_t i = 0; i < boxes_.size(); ++i) {
      if (!boxes_[i].contains(x, y)) continue;
      last_ = i;
      return true;
    }
    return false;
  }

 private:
  void add(const Box& box) {
    if (boxes_.size() < 2000 && box.height() > 3) boxes_.push_back(box);
  }
  static constexpr size_t kMostWork = 50'000'000;
  std::vector<Box> boxes_;
  size_t last_ = 0;
  size_t work_ = 0;
};

// Which glyphs stand below each other: East Asian text in vertical lines, whatever the font says.
// Some programs place such glyphs one by one in a horizontal font.
std::vector<bool> vertical_glyphs(const PageContent& content) {
  std::vector<bool> vertical(content.glyphs.size(), false);
  size_t cjk = 0, below = 0;
  const Glyph* before = nullptr;
  size_t index_before = 0;
  for (size_t i = 0; i < content.glyphs.size(); ++i) {
    const Glyph& glyph = content.glyphs[i];
    if (glyph.flags & kGlyphVertical) vertical[i] = true;
    if (!is_shown(glyph) || glyph.rotation != 0 || glyph.text_bytes < 3) continue;
    const std::u32string text = code_points(content.glyph_text(glyph));
    if (!is_cjk(text.front())) continue;
    ++cjk;
    if (before != nullptr && std::abs(before->size_pt - glyph.size_pt) < 0.5f) {
      const float size = glyph.size_pt;
      const float dx = std::abs(glyph.box.center_x() - before->box.center_x());
      const float dy = glyph.box.center_y() - before->box.center_y();
      if (dx < 0.3f * size && dy > 0.6f * size && dy < 1.8f * size) {
        ++below;
        vertical[i] = vertical[index_before] = true;
      }
    }
    before = &glyph;
    index_before = i;
  }
  if (below < 12 || below * 10 < cjk * 6)
    for (size_t i = 0; i < content.glyphs.size(); ++i)
      vertical[i] = (content.glyphs[i].flags & kGlyphVertical) != 0;
  return vertical;
}

// Fonts that say so, and those whose narrow and wide letters have one advance.
std::vector<bool> fixed_width_fonts(const PageContent& content) {
  struct Use {
    uint64_t letters = 0;  // a bit each
    float least = 1e9f, most = 0;
  };
  std::vector<Use> uses(content.fonts.size());
  for (const Glyph& glyph : content.glyphs) {
    if (glyph.text_bytes != 1 || glyph.rotation != 0 || glyph.size_pt < kSmallestPt) continue;
    const char c = content.glyph_text(glyph)[0];
    const bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
    if (!lower && !upper) continue;
    Use& use = uses[glyph.font];
    use.letters |= uint64_t{1} << (lower ? c - 'a' : c - 'A' + 26);
    const float advance = glyph.box.width() / glyph.size_pt;
    use.least = std::min(use.least, advance);
    use.most = std::max(use.most, advance);
  }
  const auto bits = [](std::string_view letters) {
    uint64_t mask = 0;
    for (const char c : letters) mask |= uint64_t{1} << (c - 'a');
    return mask;
  };
  std::vector<bool> fixed;
  for (size_t i = 0; i < uses.size(); ++i) {
    const Use& use = uses[i];
    const bool measured = use.least > 0.54f && std::popcount(use.letters) >= 8 &&
                          (use.letters & bits("fijlt")) && (use.letters & bits("mw")) &&
                          use.most - use.least < 0.012f;
    fixed.push_back(content.fonts[i].monospaced || measured);
  }
  return fixed;
}

PlacedGlyph placed(const Glyph& glyph, const Frame& frame, uint32_t index, bool vertical) {
  PlacedGlyph out;
  const Box box = frame.to_frame(glyph.box);
  out.u0 = box.x0;
  out.u1 = box.x1;
  out.glyph = index;
  out.size = glyph.size_pt;
  // Some fonts (Type 3 above all) have a nominal size that says nothing.
  if (box.height() > 0.1f && (box.height() > 4 * out.size || box.height() < 0.2f * out.size))
    out.size = std::max(kSmallestPt, 0.8f * box.height());
  if (vertical) {
    const float middle = (box.x0 + box.x1) / 2;
    out.u0 = std::max(box.x0, middle - 0.5f * out.size);
    out.u1 = std::min(box.x1, middle + 0.5f * out.size);
    out.base = box.center_y() + 0.38f * out.size;
    out.top = box.center_y() - 0.5f * out.size;
    out.bottom = box.center_y() + 0.5f * out.size;
    return out;
  }
  out.base = frame.v(glyph.origin_x, glyph.origin_y);
  out.top = std::clamp(box.y0, out.base - 1.2f * out.size, out.base - 0.5f * out.size);
  out.bottom = std::clamp(box.y1, out.base + 0.1f * out.size, out.base + 0.5f * out.size);
  return out;
}

// Text at an angle that is no multiple of 90 degrees (a watermark, a label): one line for each run
// of glyphs in drawing order.
std::vector<Line> oblique_lines(const PageContent& content, const std::vector<uint32_t>& glyphs) {
  std::vector<Line> lines;
  const Glyph* before = nullptr;
  for (uint32_t index : glyphs) {
    const Glyph& glyph = content.glyphs[index];
    const float reach = 2.5f * glyph.size_pt;
    const bool follows = before != nullptr && before->rotation == glyph.rotation &&
                         std::abs(glyph.origin_x - before->origin_x) < reach &&
                         std::abs(glyph.origin_y - before->origin_y) < reach;
    if (!follows) {
      Line line;
      line.rotation = glyph.rotation;
      line.baseline_y = glyph.origin_y;
      Span span;
      span.size_pt = glyph.size_pt;
      span.font = content.fonts[glyph.font].name;
      span.rgb = glyph.rgb;
      line.spans.push_back(std::move(span));
      lines.push_back(std::move(line));
    }
    Span& span = lines.back().spans.back();
    span.text += content.glyph_text(glyph);
    span.box = united(span.box, glyph.box);
    lines.back().box = span.box;
    before = &glyph;
  }
  return lines;
}

// Puts one glyph in the place of each formula's. Returns the formulas as LaTeX.
std::vector<std::string> replace_formulas(const PageContent& content, const Frame& frame,
                                          std::vector<PlacedGlyph>& glyphs) {
  std::vector<std::string> latex;
  std::vector<PlacedGlyph> made;
  std::vector<bool> gone(glyphs.size(), false);
  for (Formula& formula : find_formulas(content, frame, glyphs)) {
    PlacedGlyph placed;
    placed.u0 = formula.box.x0;
    placed.u1 = formula.box.x1;
    placed.base = formula.base;
    placed.size = formula.size;
    placed.top = std::min(formula.box.y0, formula.base - 0.7f * formula.size);
    placed.bottom = std::max(formula.box.y1, formula.base + 0.2f * formula.size);
    placed.glyph = glyphs[formula.glyphs.front()].glyph;
    placed.formula = static_cast<int32_t>(latex.size());
    for (const uint32_t i : formula.glyphs) gone[i] = true;
    latex.push_back(std::move(formula.latex));
    made.push_back(placed);
  }
  for (size_t i = 0; i < glyphs.size() && !made.empty(); ++i)
    if (!gone[i]) made.push_back(glyphs[i]);
  if (!latex.empty()) glyphs = std::move(made);
  return latex;
}

// Links by horizontal bands of the page, so that a line asks only those beside it.
class LinkIndex {
 public:
  explicit LinkIndex(const PageContent& content) : bands_(256) {
    height_ = std::max(1.0f, content.height_pt);
    for (uint32_t i = 0; i < content.links.size(); ++i) {
      const Box& box = content.links[i].box;
      for (size_t band = band_of(box.y0); band <= band_of(box.y1); ++band)
        bands_[band].push_back(i);
    }
  }
  std::vector<uint32_t> near(const PageContent& content, const Box& box) const {
    std::vector<uint32_t> found;
    for (size_t band = band_of(box.y0); band <= band_of(box.y1); ++band)
      for (uint32_t i : bands_[band]) {
        const Box& link = content.links[i].box;
        if (link.x0 <= box.x1 && link.x1 >= box.x0 && link.y0 <= box.y1 && link.y1 >= box.y0 &&
            std::find(found.begin(), found.end(), i) == found.end())
          found.push_back(i);
      }
    return found;
  }

 private:
  size_t band_of(float y) const {
    return static_cast<size_t>(std::clamp(y / height_ * 256, 0.0f, 255.0f));
  }
  float height_;
  std::vector<std::vector<uint32_t>> bands_;
};

}  // namespace

std::vector<Line> lines_from_glyphs(const PageContent& content) {
  std::array<std::vector<PlacedGlyph>, 4> glyphs, spaces;
  std::vector<uint32_t> oblique;
  Backgrounds backgrounds(content);
  const std::vector<bool> vertical = vertical_glyphs(content);
  const std::vector<bool> fixed = fixed_width_fonts(content);
  size_t right = 0, left = 0;
  for (uint32_t i = 0; i < content.glyphs.size(); ++i) {
    const Glyph& glyph = content.glyphs[i];
    if (!is_shown(glyph)) continue;
    if (Backgrounds::is_white(glyph.rgb) && !backgrounds.under(glyph.box)) continue;
    const std::string_view text = content.glyph_text(glyph);
    const bool blank = (glyph.flags & kGlyphSpace) != 0 || is_blank(text);
    const int rotation = vertical[i] ? 90 : snapped_rotation(glyph.rotation);
    if (rotation < 0) {
      if (!text.empty()) oblique.push_back(i);
      continue;
    }
    const Frame frame{rotation, content.width_pt, content.height_pt};
    (blank ? spaces : glyphs)[static_cast<size_t>(rotation / 90)].push_back(
        placed(glyph, frame, i, vertical[i]));
    (blank ? spaces : glyphs)[static_cast<size_t>(rotation / 90)].back().fixed_width =
        fixed[glyph.font];
    if (blank) continue;
    const unsigned char lead = text.empty() ? 0 : static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
      left += is_upper(lead) || is_lower(lead);
    } else {
      const char32_t c = code_points(text).front();
      right += is_right_to_left(c);
      left += !is_right_to_left(c) && is_letter(c);
    }
  }

  std::vector<Line> lines;
  const LinkIndex links(content);
  for (size_t quarter = 0; quarter < 4; ++quarter) {
    if (glyphs[quarter].empty()) continue;
    const Frame frame{static_cast<int>(quarter) * 90, content.width_pt, content.height_pt};
    const std::vector<std::string> formulas = replace_formulas(content, frame, glyphs[quarter]);
    GlyphRuns runs =
        glyph_runs(content, frame, std::move(glyphs[quarter]), std::move(spaces[quarter]));
    join_runs(runs);
    std::vector<std::vector<GlyphRun>> by_line(runs.lines);
    for (const GlyphRun& run : runs.runs) by_line[run.line].push_back(run);
    for (std::vector<GlyphRun>& members : by_line) {
      Box box;
      for (const GlyphRun& run : members) box = united(box, {run.u0, run.top, run.u1, run.bottom});
      const std::vector<uint32_t> near =
          content.links.empty() ? std::vector<uint32_t>{} : links.near(content, frame.to_page(box));
      Line line =
          line_from_runs(content, frame, runs, std::move(members), formulas, near, right > left);
      if (!line.spans.empty()) lines.push_back(std::move(line));
    }
  }
  for (Line& line : oblique_lines(content, oblique)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace pdf2md::document
