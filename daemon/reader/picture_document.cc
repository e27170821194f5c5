#include "daemon/reader/picture_document.h"

#include <algorithm>

#include "daemon/reader/raster_area.h"
#include "daemon/reader/resample.h"
#include "proto/memfd.h"

namespace pdf2md::reader {
namespace {

constexpr uint64_t kUnlimitedBytes = 4ull << 30;

const char* encoding_of(FileKind kind) {
  switch (kind) {
    case FileKind::kPng:
      return "png";
    case FileKind::kJpeg:
      return "jpeg";
    case FileKind::kTiff:
      return "tiff";
    default:
      return "webp";
  }
}

// A picture's rows in the colours that are asked for.
class PictureRows : public PixelRows {
 public:
  PictureRows(const Picture& picture, bool grey) : picture_(picture), grey_(grey) {}
  int width() const override { return picture_.width; }
  int height() const override { return picture_.height; }
  int channels() const override { return grey_ ? 1 : 3; }
  bool read(uint8_t* row) override {
    if (next_ == picture_.height) return false;
    const size_t bytes = static_cast<size_t>(picture_.width) * picture_.channels;
    const uint8_t* from = picture_.pixels.data() + bytes * next_++;
    if (channels() == picture_.channels) {
      std::copy_n(from, bytes, row);
    } else if (grey_) {
      for (int x = 0; x < picture_.width; ++x, from += 3)
        row[x] = static_cast<uint8_t>((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
    } else {
      for (int x = 0; x < picture_.width; ++x, row += 3) std::fill_n(row, 3, from[x]);
    }
    return true;
  }

 private:
  const Picture& picture_;
  bool grey_;
  int next_ = 0;
};

}  // namespace

PictureBudget picture_budget(const proto::DocumentLimits& limits) {
  // A turned one is there twice for a moment, and rows and rasters need some as well.
  return {(limits.reader_memory_bytes == 0 ? kUnlimitedBytes : limits.reader_memory_bytes) / 3};
}

Result<RenderedPage> render_picture(const Picture& picture, const PageSize& size,
                                    const proto::DocumentLimits& limits,
                                    const proto::Render& request) {
  Result<PixelArea> area = area_of(size.width_pt, size.height_pt, limits, request);
  if (!area) return area.error();
  RenderedPage page;
  page.header = header_of(request, *area);
  Result<proto::MappedMemfd> memory =
      proto::MappedMemfd::create(size_t{page.header.stride} * page.header.height);
  if (!memory) return memory.error();
  PictureRows rows(picture, request.grey);
  Resampler resampler(
      rows, pixels_of_side(size.width_pt, request.dpi), pixels_of_side(size.height_pt, request.dpi),
      {area->left, area->left + area->width}, {area->top, area->top + area->height});
  for (int y = 0; y < area->height; ++y)
    resampler.next(memory->data() + static_cast<size_t>(y) * page.header.stride);
  Result<Fd> pixels = memory->seal();
  if (!pixels) return pixels.error();
  page.pixels = std::move(*pixels);
  return page;
}

PictureDocument::PictureDocument(FileMapping file, FileKind kind,
                                 const proto::DocumentLimits& limits)
    : file_(std::move(file)), kind_(kind), limits_(limits), budget_(picture_budget(limits)) {}

Result<std::unique_ptr<DocumentSource>> PictureDocument::open(FileMapping file, FileKind kind,
                                                              const proto::DocumentLimits& limits) {
  std::unique_ptr<PictureDocument> document(new PictureDocument(std::move(file), kind, limits));
  if (kind == FileKind::kTiff) {
    Result<std::unique_ptr<TiffFile>> tiff =
        TiffFile::open(document->file_.bytes(), limits.max_pages, document->budget_);
    if (!tiff) return tiff.error();
    document->tiff_ = std::move(*tiff);
  }
  // The only page is the document: what is wrong with it is said at once.
  if (document->pages() == 1) {
    Result<const Picture*> only = document->picture(1);
    if (!only) {
      Error error = only.error();
      if (error.code == ErrorCode::kPageFailed) error.code = ErrorCode::kDamaged;
      return error;
    }
  }
  return std::unique_ptr<DocumentSource>(std::move(document));
}

document::DocumentInfo PictureDocument::info() {
  document::DocumentInfo info;
  info.type = encoding_of(kind_);
  info.pages = pages();
  info.encryption = "none";
  if (decoded_ && pages() == 1) info.damage = decoded_->problem;
  return info;
}

Result<const Picture*> PictureDocument::picture(uint32_t page) {
  if (page == 0 || page > pages()) {
    return Error{
        ErrorCode::kPageFailed,
        "page " + std::to_string(page) + ": the document has " + std::to_string(pages()) + " pages",
        ""};
  }
  if (decoded_page_ != page) {
    decoded_.reset();
    decoded_page_ = 0;
    Result<Picture> picture =
        tiff_ != nullptr ? tiff_->page(page) : decode_picture(kind_, file_.bytes(), budget_);
    if (!picture) return picture.error();
    decoded_ = std::move(*picture);
    decoded_page_ = page;
  }
  return &*decoded_;
}

Result<document::PageContent> PictureDocument::read_page(uint32_t page) {
  Result<const Picture*> picture = this->picture(page);
  if (!picture) return picture.error();
  const PageSize size = page_size_of(**picture, limits_.max_page_side_pt);
  document::PageContent content;
  content.page = page;
  content.width_pt = static_cast<float>(size.width_pt);
  content.height_pt = static_cast<float>(size.height_pt);
  content.problem = (*picture)->problem;
  document::PlacedImage image;
  image.box = {0, 0, content.width_pt, content.height_pt};
  image.width_px = static_cast<uint32_t>((*picture)->width);
  image.height_px = static_cast<uint32_t>((*picture)->height);
  image.grey = (*picture)->channels == 1;
  image.encoding = encoding_of(kind_);
  content.images.push_back(std::move(image));
  return content;
}

Result<RenderedPage> PictureDocument::render(const proto::Render& request, bool) {
  Result<const Picture*> picture = this->picture(request.page);
  if (!picture) return picture.error();
  return reader::render_picture(**picture, page_size_of(**picture, limits_.max_page_side_pt),
                                limits_, request);
}

}  // namespace pdf2md::reader
