#include "daemon/reader/page_device.h"

#include <Stream.h>

#include <algorithm>
#include <cmath>

#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

using document::Box;
using document::Glyph;

// Images come as maps on the wire, which cost more than the flat columns.
constexpr size_t kMaxImages = 10000;
constexpr size_t kMaxTextBytes = 64 << 20;
constexpr double kMaxCoordinate = 9e5;  // PageContent allows 1e6
constexpr double kTransparent = 0.02;
constexpr double kOpaque = 0.99;

uint32_t packed(const GfxRGB& rgb) {
  return static_cast<uint32_t>(colToByte(rgb.r)) << 16 |
         static_cast<uint32_t>(colToByte(rgb.g)) << 8 | colToByte(rgb.b);
}

Transform ctm_of(const GfxState* state) {
  Transform t;
  std::copy_n(state->getCTM(), 6, t.m);
  return t;
}

bool sane(double value) {
  return std::isfinite(value) && std::abs(value) <= kMaxCoordinate;
}
bool sane(const Box& box) {
  return sane(box.x0) && sane(box.y0) && sane(box.x1) && sane(box.y1);
}

// A glyph box may have no width (combining marks) and still be there: touching counts.
bool touches(const Box& a, const Box& b) {
  return a.x0 <= b.x1 && a.x1 >= b.x0 && a.y0 <= b.y1 && a.y1 >= b.y0;
}

bool is_space(const Unicode* unicode, int length) {
  for (int i = 0; i < length; ++i) {
    Unicode c = unicode[i];
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x3000 ||
                 c == 0x202F || (c >= 0x2000 && c <= 0x200A);
    if (!space) return false;
  }
  return length > 0;
}

class HullOfPoints {
 public:
  void add(double x, double y) {
    x0_ = std::min(x0_, x);
    y0_ = std::min(y0_, y);
    x1_ = std::max(x1_, x);
    y1_ = std::max(y1_, y);
  }
  Box box() const {
    return {static_cast<float>(x0_), static_cast<float>(y0_), static_cast<float>(x1_),
            static_cast<float>(y1_)};
  }

 private:
  double x0_ = 1e30, y0_ = 1e30, x1_ = -1e30, y1_ = -1e30;
};

const char* encoding_name(StreamKind kind) {
  switch (kind) {
    case strDCT:
      return "dct";
    case strJPX:
      return "jpx";
    case strJBIG2:
      return "jbig2";
    case strCCITTFax:
      return "ccitt";
    case strFlate:
      return "flate";
    case strLZW:
      return "lzw";
    case strRunLength:
      return "runlength";
    case strASCIIHex:
      return "asciihex";
    case strASCII85:
      return "ascii85";
    default:
      return "raw";
  }
}

// An inline image's bytes lie in the content stream: they must be read for the parser to go on
// behind them.
void skip_inline_image(Stream* stream, int width, int height, int bits_a_pixel) {
  stream->reset();
  int64_t bytes = int64_t{height} * ((int64_t{width} * bits_a_pixel + 7) / 8);
  while (bytes-- > 0 && stream->getChar() != EOF) {
  }
  stream->close();
}

}  // namespace

PageDevice::PageDevice(document::PageContent& content, MarkedContent& marked,
                       ColourProfiles& profiles, size_t max_objects)
    : content_(content),
      marked_(marked),
      profiles_(profiles),
      max_objects_(max_objects),
      page_{0, 0, content.width_pt, content.height_pt},
      covers_(content.width_pt, content.height_pt) {}

void PageDevice::startPage(int, GfxState*, XRef*) {}

void PageDevice::finish() {
  covers_.mark(content_.glyphs);
  content_.fonts = fonts_.take_fonts();
}

bool PageDevice::room() {
  size_t used = content_.glyphs.size() + content_.rules.size() + content_.fills.size() +
                content_.images.size();
  if (used >= max_objects_ || content_.text.size() >= kMaxTextBytes ||
      content_.images.size() >= kMaxImages) {
    full_ = true;
    content_.truncated = true;
  }
  return !full_;
}

// --- graphics state

void PageDevice::saveState(GfxState*) {
  saved_.push_back({clip_is_box_, soft_masked_});
}

void PageDevice::restoreState(GfxState* state) {
  fill_rgb_known_ = stroke_rgb_known_ = false;
  if (!saved_.empty()) {
    clip_is_box_ = saved_.back().clip_is_box;
    soft_masked_ = saved_.back().soft_masked;
    saved_.pop_back();
  }
  updateFont(state);
}

void PageDevice::updateAll(GfxState* state) {
  fill_rgb_known_ = stroke_rgb_known_ = false;
  updateFont(state);
}

void PageDevice::updateFont(GfxState* state) {
  const std::shared_ptr<GfxFont>& font = state->getFont();
  if (font == nullptr || font.get() == font_of_index_) return;
  font_ = fonts_.find(font);
  font_of_index_ = font.get();
}

uint32_t PageDevice::fill_rgb(GfxState* state) {
  if (!fill_rgb_known_) {
    GfxRGB rgb{};
    if (state->getFillColorSpace()->getMode() != csPattern) state->getFillRGB(&rgb);
    fill_rgb_ = packed(rgb);
    fill_rgb_known_ = true;
  }
  return fill_rgb_;
}

uint32_t PageDevice::stroke_rgb(GfxState* state) {
  if (!stroke_rgb_known_) {
    GfxRGB rgb{};
    if (state->getStrokeColorSpace()->getMode() != csPattern) state->getStrokeRGB(&rgb);
    stroke_rgb_ = packed(rgb);
    stroke_rgb_known_ = true;
  }
  return stroke_rgb_;
}

Box PageDevice::visible(const GfxState* state) const {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  state->getClipBBox(&x0, &y0, &x1, &y1);
  Box clip{static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
           static_cast<float>(y1)};
  return document::intersection(clip, page_);
}

void PageDevice::clip(GfxState* state) {
  if (clip_is_box_ && !is_box(*state->getPath(), ctm_of(state))) clip_is_box_ = false;
}

void PageDevice::endTextObject(GfxState* state) {
  if (state->getRender() >= 4) clip_is_box_ = false;
}

// Does what is painted now hide what lies below? Only where that is certain: better a hidden text
// too many in the content than a visible one marked hidden.
bool PageDevice::hides(const GfxState* state) const {
  return clip_is_box_ && !soft_masked_ && state->getFillOpacity() >= kOpaque &&
         state->getBlendMode() == gfxBlendNormal;
}

void PageDevice::beginTransparencyGroup(GfxState*, const double*, GfxColorSpace* space, bool, bool,
                                        bool for_soft_mask) {
  profiles_.keep(space);
  groups_.push_back(for_soft_mask);
  if (for_soft_mask) ++soft_mask_depth_;
}

void PageDevice::endTransparencyGroup(GfxState*) {
  if (groups_.empty()) return;
  if (groups_.back()) --soft_mask_depth_;
  groups_.pop_back();
}

// --- paths

void PageDevice::take(PathShapes shapes) {
  content_.rules.insert(content_.rules.end(), shapes.rules.begin(), shapes.rules.end());
  content_.fills.insert(content_.fills.end(), shapes.fills.begin(), shapes.fills.end());
}

void PageDevice::stroke(GfxState* state) {
  if (ignoring() || !room() || state->getStrokeOpacity() < kTransparent) return;
  take(stroked_shapes(*state->getPath(), ctm_of(state), state->getTransformedLineWidth(),
                      visible(state), stroke_rgb(state), max_objects_ / 8 + 1));
}

void PageDevice::fill(GfxState* state) {
  if (ignoring() || !room() || state->getFillOpacity() < kTransparent) return;
  PathShapes shapes = filled_shapes(*state->getPath(), ctm_of(state), visible(state),
                                    fill_rgb(state), max_objects_ / 8 + 1);
  if (shapes.single_box && hides(state)) covers_.add(shapes.fills[0].box, content_.glyphs.size());
  take(std::move(shapes));
}

bool PageDevice::shaded(GfxState* state, GfxShading* shading) {
  if (shading != nullptr) profiles_.keep(shading->getColorSpace());
  if (ignoring() || !room()) return true;
  Box box = visible(state);
  if (!box.empty())
    content_.fills.push_back({box, 0x808080, document::kFillFilled | document::kFillCurved});
  return true;
}

bool PageDevice::tilingPatternFill(GfxState* state, Gfx*, Catalog*, GfxTilingPattern*,
                                   const double*, int, int, int, int, double, double) {
  return shaded(state, nullptr);  // poppler has clipped to the path
}

// --- text

void PageDevice::drawChar(GfxState* state, double x, double y, double dx, double dy, double, double,
                          CharCode code, int bytes, const Unicode* unicode, int length) {
  if (ignoring() || !room()) return;
  if (state->getFont() == nullptr) return;
  updateFont(state);
  const FontMetrics& metrics = fonts_.metrics(font_);

  // The advance without character and word spacing: the box is the glyph's own.
  double spacing = state->getCharSpace();
  if (bytes == 1 && code == 0x20) spacing += state->getWordSpace();
  double spacing_x = 0, spacing_y = 0;
  if (metrics.vertical)
    state->textTransformDelta(0, spacing, &spacing_x, &spacing_y);
  else
    state->textTransformDelta(spacing * state->getHorizScaling(), 0, &spacing_x, &spacing_y);
  double pen_x = 0, pen_y = 0, advance_x = 0, advance_y = 0;
  state->transform(x, y, &pen_x, &pen_y);
  state->transformDelta(dx - spacing_x, dy - spacing_y, &advance_x, &advance_y);

  double m11 = 0, m12 = 0, m21 = 0, m22 = 0;  // the unit vectors of text space, in page space
  state->getFontTransMat(&m11, &m12, &m21, &m22);
  HullOfPoints hull;
  if (metrics.vertical) {
    for (double side : {-0.5, 0.5}) {
      hull.add(pen_x + side * m11, pen_y + side * m12);
      hull.add(pen_x + side * m11 + advance_x, pen_y + side * m12 + advance_y);
    }
  } else {
    for (double level : {metrics.descent, metrics.ascent}) {
      hull.add(pen_x + level * m21, pen_y + level * m22);
      hull.add(pen_x + level * m21 + advance_x, pen_y + level * m22 + advance_y);
    }
  }

  Glyph glyph;
  glyph.box = hull.box();
  glyph.origin_x = static_cast<float>(pen_x);
  glyph.origin_y = static_cast<float>(pen_y);
  // Height of the em square at right angles to the baseline: slanting does not change it.
  double along = std::hypot(m11, m12);
  double size = along > 0 ? std::abs(m11 * m22 - m12 * m21) / along : std::hypot(m21, m22);
  glyph.size_pt = static_cast<float>(size * metrics.em);
  if (!sane(glyph.box) || !sane(pen_x) || !sane(pen_y) || !sane(glyph.size_pt)) return;

  glyph.font = font_;
  int degrees = static_cast<int>(std::lround(std::atan2(m12, m11) * 180 / M_PI));
  glyph.rotation = static_cast<int16_t>((degrees % 360 + 360) % 360);
  glyph.mcid = marked_.current();
  int render = state->getRender();
  bool stroked_only = (render & 3) == 1;
  glyph.rgb = stroked_only ? stroke_rgb(state) : fill_rgb(state);
  if (metrics.vertical) glyph.flags |= document::kGlyphVertical;
  // Mode 7 only clips; but what is then painted through the letters shows them.
  double opacity = stroked_only ? state->getStrokeOpacity() : state->getFillOpacity();
  if (render == 3 || opacity < kTransparent) glyph.flags |= document::kGlyphInvisible;
  if (!page_.contains(glyph.box.center_x(), glyph.box.center_y())) {
    glyph.flags |= document::kGlyphOffPage;
  } else {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    state->getClipBBox(&x0, &y0, &x1, &y1);
    Box clip{static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
             static_cast<float>(y1)};
    if (!touches(glyph.box, clip)) glyph.flags |= document::kGlyphInvisible;
  }
  if (const Unicode named = fonts_.named_character(font_, code); named != 0)
    add_glyph(glyph, &named, 1);
  else
    add_glyph(glyph, unicode, length);
}

void PageDevice::add_glyph(Glyph glyph, const Unicode* unicode, int length) {
  std::string& text = content_.text;
  size_t start = text.size();
  if (is_space(unicode, length)) {
    glyph.flags |= document::kGlyphSpace;
    text.push_back(' ');
  } else {
    bool readable = length > 0;
    for (int i = 0; i < length && text.size() - start <= 250; ++i) {
      // Control characters are what a font without a usable encoding yields.
      if (unicode[i] < 0x20 || (unicode[i] >= 0x7F && unicode[i] < 0xA0) ||
          !append_utf8(text, unicode[i])) {
        readable = false;
      }
    }
    if (!readable) {
      text.resize(start);
      append_utf8(text, 0xFFFD);
      glyph.flags |= document::kGlyphNoUnicode;
    }
  }
  glyph.text_offset = static_cast<uint32_t>(start);
  glyph.text_bytes = static_cast<uint8_t>(text.size() - start);
  content_.glyphs.push_back(glyph);
}

void PageDevice::beginActualText(GfxState*, const GooString* text) {
  if (++actual_text_depth_ > 1) return;
  actual_text_start_ = content_.glyphs.size();
  actual_text_ = utf8_from_pdf_string(text);
}

// The replacement text is dealt out to the glyphs it replaces, so that each piece keeps a place on
// the page.
void PageDevice::endActualText(GfxState*) {
  if (actual_text_depth_ == 0 || --actual_text_depth_ > 0) return;
  size_t count = content_.glyphs.size() - std::min(actual_text_start_, content_.glyphs.size());
  if (count == 0) return;
  std::vector<size_t> starts;  // of each character
  for (size_t i = 0; i < actual_text_.size(); ++i) {
    if ((static_cast<unsigned char>(actual_text_[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(actual_text_.size());
  size_t characters = starts.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    size_t from = starts[characters * i / count];
    size_t to = starts[characters * (i + 1) / count];
    std::string piece = shortened(actual_text_.substr(from, to - from), 255);
    Glyph& glyph = content_.glyphs[actual_text_start_ + i];
    glyph.text_offset = static_cast<uint32_t>(content_.text.size());
    glyph.text_bytes = static_cast<uint8_t>(piece.size());
    glyph.flags &= static_cast<uint8_t>(~(document::kGlyphNoUnicode | document::kGlyphSpace));
    glyph.flags |= document::kGlyphActualText;
    if (piece == " ") glyph.flags |= document::kGlyphSpace;
    content_.text += piece;
  }
}

// --- images

void PageDevice::add_image(GfxState* state, Stream* stream, int width, int height,
                           GfxImageColorMap* colors, bool opaque) {
  if (colors != nullptr) profiles_.keep(colors->getColorSpace());
  if (ignoring() || !room() || state->getFillOpacity() < kTransparent) return;
  Transform t = ctm_of(state);
  HullOfPoints hull;
  for (double u : {0.0, 1.0}) {
    for (double v : {0.0, 1.0}) hull.add(t.x(u, v), t.y(u, v));
  }
  document::PlacedImage image;
  image.box = document::intersection(hull.box(), visible(state));
  if (image.box.empty() || !sane(image.box)) return;
  image.width_px = static_cast<uint32_t>(std::max(width, 0));
  image.height_px = static_cast<uint32_t>(std::max(height, 0));
  image.encoding = encoding_name(stream->getKind());
  image.mask = colors == nullptr;
  int components = colors == nullptr ? 1 : colors->getNumPixelComps();
  image.bilevel = components == 1 && (colors == nullptr || colors->getBits() == 1);
  image.grey =
      image.bilevel || (components == 1 && colors->getColorSpace()->getMode() != csIndexed &&
                        colors->getColorSpace()->getMode() != csSeparation &&
                        colors->getColorSpace()->getMode() != csDeviceN);
  bool upright =
      (std::abs(t.m[1]) < 0.01 * std::abs(t.m[0]) && std::abs(t.m[2]) < 0.01 * std::abs(t.m[3])) ||
      (std::abs(t.m[0]) < 0.01 * std::abs(t.m[1]) && std::abs(t.m[3]) < 0.01 * std::abs(t.m[2]));
  if (opaque && upright && hides(state)) covers_.add(image.box, content_.glyphs.size());
  content_.images.push_back(std::move(image));
}

void PageDevice::drawImageMask(GfxState* state, Object*, Stream* stream, int width, int height,
                               bool, bool, bool inline_image) {
  add_image(state, stream, width, height, nullptr, false);
  if (inline_image) skip_inline_image(stream, width, height, 1);
}

void PageDevice::drawImage(GfxState* state, Object*, Stream* stream, int width, int height,
                           GfxImageColorMap* colors, bool, const int* mask_colors,
                           bool inline_image) {
  add_image(state, stream, width, height, colors, mask_colors == nullptr);
  if (inline_image)
    skip_inline_image(stream, width, height, colors->getNumPixelComps() * colors->getBits());
}

void PageDevice::drawMaskedImage(GfxState* state, Object*, Stream* stream, int width, int height,
                                 GfxImageColorMap* colors, bool, Stream*, int, int, bool, bool) {
  add_image(state, stream, width, height, colors, false);
}

void PageDevice::drawSoftMaskedImage(GfxState* state, Object*, Stream* stream, int width,
                                     int height, GfxImageColorMap* colors, bool, Stream*, int, int,
                                     GfxImageColorMap*, bool) {
  add_image(state, stream, width, height, colors, false);
}

void PageDevice::setSoftMaskFromImageMask(GfxState*, Object*, Stream* stream, int width, int height,
                                          bool, bool inline_image, double*) {
  if (inline_image) skip_inline_image(stream, width, height, 1);
}

}  // namespace pdf2md::reader
