// The OutputDev that turns one pass over a page into document::PageContent. Device space is page
// space.
#pragma once

#include <GfxState.h>
#include <OutputDev.h>

#include <vector>

#include "daemon/reader/colour_profiles.h"
#include "daemon/reader/cover.h"
#include "daemon/reader/font_table.h"
#include "daemon/reader/marked_content.h"
#include "daemon/reader/path_shapes.h"
#include "document/page_content.h"

namespace pdf2md::reader {

class PageDevice : public OutputDev {
 public:
  // content: width_pt and height_pt are set. max_objects: glyphs, rules, fills and images together.
  PageDevice(document::PageContent& content, MarkedContent& marked, ColourProfiles& profiles,
             size_t max_objects);

  // After the page was displayed: covered glyphs, fonts.
  void finish();
  // A limit was reached; displaying on is pointless.
  bool full() const { return full_; }

  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int) override { return true; }
  bool interpretType3Chars() override { return false; }

  void startPage(int page, GfxState* state, XRef* xref) override;
  void saveState(GfxState* state) override;
  void restoreState(GfxState* state) override;
  void updateAll(GfxState* state) override;
  void updateFillColorSpace(GfxState* state) override {
    fill_rgb_known_ = false;
    profiles_.keep(state->getFillColorSpace());
  }
  void updateFillColor(GfxState*) override { fill_rgb_known_ = false; }
  void updateStrokeColorSpace(GfxState* state) override {
    stroke_rgb_known_ = false;
    profiles_.keep(state->getStrokeColorSpace());
  }
  void updateStrokeColor(GfxState*) override { stroke_rgb_known_ = false; }
  void updateFont(GfxState* state) override;

  void stroke(GfxState* state) override;
  void fill(GfxState* state) override;
  void eoFill(GfxState* state) override { fill(state); }
  bool tilingPatternFill(GfxState* state, Gfx*, Catalog*, GfxTilingPattern*, const double*, int,
                         int, int, int, double, double) override;
  bool functionShadedFill(GfxState* state, GfxFunctionShading* shading) override {
    return shaded(state, shading);
  }
  bool axialShadedFill(GfxState* state, GfxAxialShading* shading, double, double) override {
    return shaded(state, shading);
  }
  bool axialShadedSupportExtend(GfxState*, GfxAxialShading*) override { return true; }
  bool radialShadedFill(GfxState* state, GfxRadialShading* shading, double, double) override {
    return shaded(state, shading);
  }
  bool radialShadedSupportExtend(GfxState*, GfxRadialShading*) override { return true; }
  bool gouraudTriangleShadedFill(GfxState* state, GfxGouraudTriangleShading* shading) override {
    return shaded(state, shading);
  }
  bool patchMeshShadedFill(GfxState* state, GfxPatchMeshShading* shading) override {
    return shaded(state, shading);
  }
  void clip(GfxState* state) override;
  void eoClip(GfxState* state) override { clip(state); }
  void clipToStrokePath(GfxState*) override { clip_is_box_ = false; }

  void drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x,
                double origin_y, CharCode code, int bytes, const Unicode* unicode,
                int length) override;
  void endTextObject(GfxState* state) override;
  void beginActualText(GfxState* state, const GooString* text) override;
  void endActualText(GfxState* state) override;

  void drawImageMask(GfxState* state, Object*, Stream* stream, int width, int height, bool, bool,
                     bool inline_image) override;
  void drawImage(GfxState* state, Object*, Stream* stream, int width, int height,
                 GfxImageColorMap* colors, bool, const int* mask_colors,
                 bool inline_image) override;
  void drawMaskedImage(GfxState* state, Object*, Stream* stream, int width, int height,
                       GfxImageColorMap* colors, bool, Stream*, int, int, bool, bool) override;
  void drawSoftMaskedImage(GfxState* state, Object*, Stream* stream, int width, int height,
                           GfxImageColorMap* colors, bool, Stream*, int, int, GfxImageColorMap*,
                           bool) override;
  void setSoftMaskFromImageMask(GfxState* state, Object*, Stream* stream, int width, int height,
                                bool, bool inline_image, double*) override;

  void beginMarkedContent(const char* name, Dict* properties) override {
    marked_.begin(name, properties);
  }
  void endMarkedContent(GfxState*) override { marked_.end(); }
  void beginForm(Ref id) override { marked_.begin_form(id); }
  void endForm(Ref) override { marked_.end_form(); }
  void beginTransparencyGroup(GfxState*, const double*, GfxColorSpace*, bool, bool,
                              bool for_soft_mask) override;
  void endTransparencyGroup(GfxState*) override;
  void setSoftMask(GfxState*, const double*, bool, Function*, GfxColor*) override {
    soft_masked_ = true;
  }
  void clearSoftMask(GfxState*) override { soft_masked_ = false; }

 private:
  struct Saved {
    bool clip_is_box;
    bool soft_masked;
  };
  bool room();
  bool ignoring() const { return soft_mask_depth_ > 0 || full_; }
  document::Box visible(const GfxState* state) const;
  bool hides(const GfxState* state) const;
  bool shaded(GfxState* state, GfxShading* shading);
  void take(PathShapes shapes);
  void add_glyph(document::Glyph glyph, const Unicode* unicode, int length);
  void add_image(GfxState* state, Stream* stream, int width, int height, GfxImageColorMap* colors,
                 bool opaque);
  uint32_t fill_rgb(GfxState* state);
  uint32_t stroke_rgb(GfxState* state);

  document::PageContent& content_;
  MarkedContent& marked_;
  ColourProfiles& profiles_;
  size_t max_objects_;
  bool full_ = false;
  document::Box page_;
  CoverMap covers_;
  FontTable fonts_;
  uint16_t font_ = 0;
  const GfxFont* font_of_index_ = nullptr;
  uint32_t fill_rgb_ = 0;
  uint32_t stroke_rgb_ = 0;
  bool fill_rgb_known_ = false;
  bool stroke_rgb_known_ = false;
  bool clip_is_box_ = true;
  bool soft_masked_ = false;
  std::vector<Saved> saved_;
  int soft_mask_depth_ = 0;
  std::vector<bool> groups_;  // of each open group: is it the drawing of a soft mask?
  int actual_text_depth_ = 0;
  size_t actual_text_start_ = 0;
  std::string actual_text_;
};

}  // namespace pdf2md::reader
