#include "daemon/reader/image_page.h"

#include <GfxFont.h>
#include <OutputDev.h>
#include <PDFDoc.h>
#include <Page.h>

#include <algorithm>
#include <cmath>

#include "daemon/reader/annotations.h"

namespace pdf2md::reader {
namespace {

// Scanners cut pages into strips, not into confetti.
constexpr size_t kMostImages = 64;
// How far an image may be off right angles, over its whole length.
constexpr double kMostSkewPx = 0.5;
constexpr double kMostCoordinate = 1e6;
constexpr double kWhite = 0.999;

Span pixels_of(double low, double high, int most) {
  // A thousandth of a pixel is rounding.
  return {static_cast<int>(std::clamp(std::floor(low + 1e-3), 0.0, double(most))),
          static_cast<int>(std::clamp(std::ceil(high - 1e-3), 0.0, double(most)))};
}

// Takes the page's images down, until it sees what it cannot vouch for.
class ImageDevice : public OutputDev {
 public:
  explicit ImageDevice(const PixelArea& area) : area_(area) {}

  bool plain() const { return plain_; }
  std::vector<PageImage> take() { return std::move(images_); }

  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int) override { return true; }
  bool interpretType3Chars() override { return false; }

  void saveState(GfxState*) override { saved_.push_back(boxed_); }
  void restoreState(GfxState*) override {
    if (saved_.empty()) return;
    boxed_ = saved_.back();
    saved_.pop_back();
  }

  void clip(GfxState* state) override {
    Transform t;
    std::copy_n(state->getCTM(), 6, t.m);
    boxed_ = boxed_ && is_box(*state->getPath(), t);
  }
  void eoClip(GfxState* state) override { clip(state); }
  void clipToStrokePath(GfxState*) override { boxed_ = false; }
  void endTextObject(GfxState* state) override { boxed_ = boxed_ && state->getRender() < 4; }

  void stroke(GfxState* state) override { mark(state, state->getStrokeColorSpace(), true); }
  void fill(GfxState* state) override { mark(state, state->getFillColorSpace(), false); }
  void eoFill(GfxState* state) override { fill(state); }
  void drawChar(GfxState* state, double, double, double, double, double, double, CharCode, int,
                const Unicode*, int) override {
    // The glyphs of Type 3 fonts are drawings, which the mode for invisible text does not hide.
    bool drawing = state->getFont() != nullptr && state->getFont()->getType() == fontType3;
    if (state->getRender() != 3 || drawing) plain_ = false;
  }
  bool tilingPatternFill(GfxState*, Gfx*, Catalog*, GfxTilingPattern*, const double*, int, int, int,
                         int, double, double) override {
    return other();
  }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return other(); }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return other(); }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return other(); }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return other(); }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return other(); }

  bool checkTransparencyGroup(GfxState* state, bool knockout) override {
    return knockout || !opaque(state);
  }
  void beginTransparencyGroup(GfxState*, const double*, GfxColorSpace*, bool, bool, bool) override {
    plain_ = false;
  }
  void setSoftMask(GfxState*, const double*, bool, Function*, GfxColor*) override {
    plain_ = false;
  }
  void psXObject(Stream*, Stream*) override { plain_ = false; }

  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                 GfxImageColorMap* colors, bool interpolate, const int* mask_colors,
                 bool inline_image) override;
  void drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                     bool invert, bool interpolate, bool inline_image) override;
  void drawMaskedImage(GfxState*, Object*, Stream*, int, int, GfxImageColorMap*, bool, Stream*, int,
                       int, bool, bool) override {
    plain_ = false;
  }
  void drawSoftMaskedImage(GfxState*, Object*, Stream*, int, int, GfxImageColorMap*, bool, Stream*,
                           int, int, GfxImageColorMap*, bool) override {
    plain_ = false;
  }
  void setSoftMaskFromImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                                bool invert, bool inline_image, double* matrix) override {
    plain_ = false;
    OutputDev::setSoftMaskFromImageMask(state, ref, stream, width, height, invert, inline_image,
                                        matrix);
  }

 private:
  bool other() {
    plain_ = false;
    return true;  // drawn, as far as poppler is concerned
  }
  static bool opaque(GfxState* state) {
    Function** transfer = state->getTransfer();
    return state->getFillOpacity() == 1 && state->getBlendMode() == gfxBlendNormal &&
           (transfer == nullptr || transfer[0] == nullptr);
  }
  void mark(GfxState* state, GfxColorSpace* space, bool stroked);
  PageImage* add(GfxState* state, Object* ref, int width, int height);

  PixelArea area_;
  bool plain_ = true;
  bool boxed_ = true;  // the clip is a box
  std::vector<bool> saved_;
  std::vector<PageImage> images_;
};

// White on the bare sheet is no mark: producers paint the paper before the scan.
void ImageDevice::mark(GfxState* state, GfxColorSpace* space, bool stroked) {
  if (!plain_) return;
  if (images_.empty() && space->getMode() != csPattern) {
    GfxRGB rgb{};
    if (stroked)
      state->getStrokeRGB(&rgb);
    else
      state->getFillRGB(&rgb);
    if (colToDbl(rgb.r) > kWhite && colToDbl(rgb.g) > kWhite && colToDbl(rgb.b) > kWhite) return;
  }
  plain_ = false;
}

PageImage* ImageDevice::add(GfxState* state, Object* ref, int width, int height) {
  if (!plain_) return nullptr;
  PageImage image;
  // Poppler's image space has its first row at the top of the unit square.
  const double* m = state->getCTM();
  image.to_area = Transform{{m[0], m[1], -m[2], -m[3], m[2] + m[4], m[3] + m[5]}};
  const double* t = image.to_area.m;
  bool finite = std::all_of(
      t, t + 6, [](double v) { return std::isfinite(v) && std::abs(v) < kMostCoordinate; });
  bool upright = std::abs(t[1]) < kMostSkewPx && std::abs(t[2]) < kMostSkewPx;
  bool turned = std::abs(t[0]) < kMostSkewPx && std::abs(t[3]) < kMostSkewPx;
  plain_ = finite && upright != turned && boxed_ && opaque(state) && ref != nullptr &&
           ref->isRef() && width > 0 && height > 0 && images_.size() < kMostImages;
  if (!plain_) return nullptr;
  image.stream = ref->getRef();
  image.width_px = width;
  image.height_px = height;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  state->getClipBBox(&x0, &y0, &x1, &y1);
  image.clip_x = pixels_of(x0, x1, area_.width);
  image.clip_y = pixels_of(y0, y1, area_.height);
  images_.push_back(std::move(image));
  return &images_.back();
}

void ImageDevice::drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                            GfxImageColorMap* colors, bool interpolate, const int* mask_colors,
                            bool inline_image) {
  if (inline_image || mask_colors != nullptr) plain_ = false;
  // The bytes of an inline image have to be passed over.
  if (inline_image)
    OutputDev::drawImage(state, ref, stream, width, height, colors, interpolate, mask_colors, true);
  PageImage* image = add(state, ref, width, height);
  if (image != nullptr) image->colors.reset(colors->copy());
}

void ImageDevice::drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height,
                                bool invert, bool interpolate, bool inline_image) {
  if (inline_image || state->getFillColorSpace()->isNonMarking()) plain_ = false;
  if (inline_image)
    OutputDev::drawImageMask(state, ref, stream, width, height, invert, interpolate, true);
  PageImage* image = add(state, ref, width, height);
  if (image == nullptr) return;
  image->inverted = invert;
  GfxGray grey = 0;
  GfxRGB rgb{};
  state->getFillGray(&grey);
  state->getFillRGB(&rgb);
  image->ink_grey = colToByte(grey);
  image->ink_rgb[0] = colToByte(rgb.r);
  image->ink_rgb[1] = colToByte(rgb.g);
  image->ink_rgb[2] = colToByte(rgb.b);
}

struct Watch {
  const ImageDevice& device;
  const Deadline& deadline;
};

bool should_stop(void* data) {
  const Watch* watch = static_cast<const Watch*>(data);
  return !watch->device.plain() || watch->deadline.passed();
}

}  // namespace

Result<std::optional<std::vector<PageImage>>> images_of_page(PdfDocument& document, uint32_t page,
                                                             const PixelArea& area,
                                                             const Deadline& deadline) {
  ImageDevice device(area);
  document.profiles().lend_to(device);
  Watch watch{device, deadline};
  document.pdf().displayPageSlice(&device, static_cast<int>(page), area.dpi, area.dpi, 0, false,
                                  true, false, area.left, area.top, area.width, area.height,
                                  should_stop, &watch, annotation_is_content, nullptr);
  if (deadline.passed()) return deadline.error(page);
  std::optional<std::vector<PageImage>> images;
  if (!device.plain()) return images;
  images = device.take();
  for (const PageImage& image : *images) {
    if (image.colors != nullptr) document.profiles().keep(image.colors->getColorSpace());
  }
  return images;
}

}  // namespace pdf2md::reader
