#include "daemon/worker/page_pipeline.h"

#include <algorithm>
#include <cmath>

#include "daemon/worker/clock.h"
#include "daemon/worker/flow_page.h"
#include "daemon/worker/ocr.h"
#include "daemon/worker/ocr_lines.h"
#include "daemon/worker/png.h"

namespace pdf2md::worker {
namespace {

using document::Box;
using document::Line;
using document::PageContent;
using document::PageInput;
using document::PageRecord;
using document::PageStatus;
using document::TextLayer;
using models::ImageView;
using models::Picture;

constexpr double kPointsPerInch = 72;
constexpr double kLayoutDpi = 72;  // the layout model sees 800 × 608 pixels
constexpr double kFigureDpi = 150;
constexpr double kPictureDpi = 100;  // of whole pages, to look at
constexpr double kInkDpi = 36;       // enough to see a full stop
constexpr size_t kSampledLines = 12;
// An image that covers this much of the page is the page itself, scanned.
constexpr float kPageFilling = 0.8f;

ImageView view_of(const MappedRaster& raster) {
  return ImageView{raster.pixels(), raster.width(), raster.height(), raster.stride(),
                   raster.channels()};
}

// A box of the page as it stood, in the space of the page turned back upright.
Box turned_back(const Box& box, int turned, float width_pt, float height_pt) {
  switch (turned) {
    case 90:
      return Box{box.y0, width_pt - box.x1, box.y1, width_pt - box.x0};
    case 180:
      return Box{width_pt - box.x1, height_pt - box.y1, width_pt - box.x0, height_pt - box.y0};
    case 270:
      return Box{height_pt - box.y1, box.x0, height_pt - box.y0, box.x1};
    default:
      return box;
  }
}

// The page as a whole becomes the upright one: everything found before OCR moves along.
void turn_back(PageInput& input, int turned) {
  if (turned == 0) return;
  float width = input.width_pt, height = input.height_pt;
  auto turn = [&](auto& items) {
    for (auto& item : items) item.box = turned_back(item.box, turned, width, height);
  };
  turn(input.rules);
  turn(input.fills);
  turn(input.images);
  turn(input.links);
  turn(input.widgets);
  if (turned != 180) std::swap(input.width_pt, input.height_pt);
}

models::Image straightened(const ImageView& page, float skew) {
  const models::Quad quad = straight_page(page.width, page.height, skew);
  models::Image level = models::crop_quad(page, quad);
  // A tall page is no line of text that stands.
  return models::crop_size(quad).stands ? models::rotated(level.view(), 90) : level;
}

// What a box of the straightened page covers of the page that is `skew` askew.
Box around(const Box& box, float skew, float width_pt, float height_pt) {
  if (skew == 0) return box;
  Box hull;
  const float x = width_pt / 2, y = height_pt / 2;
  for (float u : {box.x0 - x, box.x1 - x})
    for (float v : {box.y0 - y, box.y1 - y}) {
      const float at_x = x + std::cos(skew) * u - std::sin(skew) * v;
      const float at_y = y + std::sin(skew) * u + std::cos(skew) * v;
      hull = document::united(hull, {at_x - 0.5f, at_y - 0.5f, at_x + 0.5f, at_y + 0.5f});
    }
  return hull;
}

bool fills_page(const document::PlacedImage& image, float width_pt, float height_pt) {
  Box page{0, 0, width_pt, height_pt};
  return document::intersection(image.box, page).area() >= kPageFilling * page.area();
}

void drop_page_image(PageInput& input) {
  std::erase_if(input.images, [&](const document::PlacedImage& image) {
    return fills_page(image, input.width_pt, input.height_pt);
  });
}

// Scans come with a wrong resolution, or none: a book's page as a stamp, or as a poster. What counts
// is how many pixels the image of the page has.
double scan_dpi(const PageContent& content, double wanted) {
  constexpr double kUsualPt = 842;  // A4's longer side
  double longer = std::max(content.width_pt, content.height_pt);
  if (longer <= 0 || (longer > 0.6 * kUsualPt && longer < 1.6 * kUsualPt)) return wanted;
  double native = 0;
  for (const document::PlacedImage& image : content.images) {
    if (!fills_page(image, content.width_pt, content.height_pt)) continue;
    native = std::max(native, image.width_px * kPointsPerInch / image.box.width());
  }
  if (native == 0) return wanted;
  double usual = wanted * kUsualPt / longer;
  return std::clamp(native, std::min(usual, wanted), std::max(usual, wanted));
}

bool is_blank(const PageContent& content) {
  return content.glyphs.empty() && content.images.empty() && content.fills.empty() &&
         content.rules.empty() && content.widgets.empty();
}

// False where no pixel stands out from the paper: max − min of the raster is within scanner noise.
bool has_ink(const ImageView& raster) {
  uint8_t low = 255, high = 0;
  for (int y = 0; y < raster.height; ++y) {
    const uint8_t* row = raster.data + static_cast<ptrdiff_t>(y) * raster.stride;
    auto [least, most] =
        std::minmax_element(row, row + static_cast<ptrdiff_t>(raster.width) * raster.channels);
    low = std::min(low, *least);
    high = std::max(high, *most);
  }
  return high - low > 48;
}

void note_truncation(const PageContent& content, const proto::DocumentLimits& limits,
                     PageRecord& record) {
  if (!content.truncated) return;
  record.status = PageStatus::kDegraded;
  record.error_code = static_cast<uint16_t>(ErrorCode::kTooManyObjects);
  record.problem = "the page holds more than " + std::to_string(limits.max_page_objects) +
                   " objects: only the first are converted (raise limits.max_page_objects)";
}

document::Table to_table(const models::TableStructure& structure, float x0_px, float y0_px,
                         double pixels_per_pt) {
  document::Table table;
  table.rows = structure.rows;
  table.columns = structure.columns;
  float scale = static_cast<float>(1 / pixels_per_pt);
  for (const models::TableCell& from : structure.cells) {
    document::Cell cell;
    cell.row = from.row;
    cell.column = from.column;
    cell.row_span = from.row_span;
    cell.column_span = from.column_span;
    cell.header = from.header;
    cell.box = Box{(from.x0 + x0_px) * scale, (from.y0 + y0_px) * scale, (from.x1 + x0_px) * scale,
                   (from.y1 + y0_px) * scale};
    table.cells.push_back(std::move(cell));
  }
  return table;
}

Status find_regions(PageModels& models, const Picture& raster, double pixels_per_pt,
                    PageInput& input) {
  Result<std::vector<std::vector<models::LayoutBox>>> found = models.layout({&raster, 1});
  if (!found) return found.error();
  float scale = static_cast<float>(1 / pixels_per_pt);
  for (const models::LayoutBox& box : found->front()) {
    document::Region region;
    region.type = static_cast<document::RegionType>(box.type);  // same order in both
    region.box = Box{box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale};
    region.score = box.score;
    input.regions.push_back(region);
  }
  return Ok{};
}
static_assert(static_cast<int>(models::LayoutClass::kEquation) ==
              static_cast<int>(document::RegionType::kEquation));

// Cells of scanned tables: the lines inside a table region say how tight the crop can be.
Status find_tables(PageModels& models, const Picture& raster, double pixels_per_pt,
                   PageInput& input) {
  std::vector<Picture> crops;
  std::vector<std::pair<float, float>> corners;
  for (const document::Region& region : input.regions) {
    if (region.type != document::RegionType::kTable) continue;
    Box ink;
    for (const Line& line : input.lines) {
      if (region.box.contains(line.box.center_x(), line.box.center_y()))
        ink = document::united(ink, line.box);
    }
    if (ink.empty()) continue;
    float scale = static_cast<float>(pixels_per_pt);
    float x0 = std::max(0.0f, ink.x0 * scale - 4), y0 = std::max(0.0f, ink.y0 * scale - 4);
    float x1 = std::min(static_cast<float>(raster.view.width), ink.x1 * scale + 4);
    float y1 = std::min(static_cast<float>(raster.view.height), ink.y1 * scale + 4);
    int left = static_cast<int>(x0), top = static_cast<int>(y0);
    int width = static_cast<int>(x1) - left, height = static_cast<int>(y1) - top;
    if (width < 8 || height < 8) continue;
    crops.push_back(raster.part(left, top, width, height));
    corners.emplace_back(std::floor(x0), std::floor(y0));
  }
  Result<std::vector<models::TableStructure>> structures = models.table_structure(crops);
  if (!structures) return structures.error();
  for (size_t i = 0; i < structures->size(); ++i) {
    const models::TableStructure& structure = (*structures)[i];
    if (structure.rows < 2 || structure.columns < 2) continue;
    input.tables.push_back(to_table(structure, corners[i].first, corners[i].second, pixels_per_pt));
  }
  return Ok{};
}

// Lines that nobody could read make a page incomplete.
void note_scripts(const document::ScriptFinding& scripts, PageRecord& record) {
  if (!scripts.reason.empty()) record.reasons.push_back(scripts.reason);
  if (scripts.problem.empty() || record.status == PageStatus::kDegraded) return;
  record.status = PageStatus::kDegraded;
  record.error_code = static_cast<uint16_t>(ErrorCode::kPageFailed);
  record.problem = scripts.problem;
}

}  // namespace

int PagePipeline::time_left_ms() const {
  return static_cast<int>(std::max<int64_t>(1, deadline_ms_ - now_ms()));
}

double PagePipeline::dpi_within_limits(double wanted, float width_pt, float height_pt) const {
  double pixels = width_pt / kPointsPerInch * wanted * (height_pt / kPointsPerInch * wanted);
  if (pixels <= static_cast<double>(settings_.limits.max_pixels)) return wanted;
  return wanted * std::sqrt(static_cast<double>(settings_.limits.max_pixels) / pixels) * 0.999;
}

Result<MappedRaster> PagePipeline::render(uint32_t page, double dpi, bool grey, const Box& clip) {
  stage_ = ReaderStage::kRender;
  Result<MappedRaster> raster = reader_.render(page, dpi, grey, clip, time_left_ms());
  if (raster) stage_ = ReaderStage::kNone;
  return raster;
}

// Reads a few lines of a suspicious text layer by OCR as well and lets the comparison decide.
Status PagePipeline::check_sample(const PageContent& content, const std::vector<Line>& lines,
                                  document::TrustVerdict& verdict) {
  std::vector<const Line*> candidates;
  for (const Line& line : lines) {
    bool readable = line.rotation == 0 && line.box.height() >= 5 && line.text().size() >= 4;
    if (readable) candidates.push_back(&line);
  }
  if (candidates.empty()) return Ok{};
  double dpi = dpi_within_limits(settings_.ocr_dpi, content.width_pt, content.height_pt);
  Result<MappedRaster> raster = render(content.page, dpi, true, Box{});
  if (!raster) return raster.error();
  float scale = static_cast<float>(dpi / kPointsPerInch);
  std::vector<Box> boxes;
  std::vector<document::SampledLine> sample;
  size_t count = std::min(kSampledLines, candidates.size());
  for (size_t i = 0; i < count; ++i) {
    const Line& line = *candidates[i * candidates.size() / count];  // spread evenly over the page
    boxes.push_back(Box{(line.box.x0 - 1) * scale, (line.box.y0 - 1) * scale,
                        (line.box.x1 + 1) * scale, (line.box.y1 + 1) * scale});
    sample.push_back(document::SampledLine{line.text(), "", 0});
  }
  Result<std::vector<models::RecognisedText>> read = read_boxes(*models_, view_of(*raster), boxes);
  if (!read) return read.error();
  for (size_t i = 0; i < count; ++i) {
    sample[i].ocr = (*read)[i].text;
    sample[i].ocr_confidence = (*read)[i].confidence;
  }
  verdict = document::judge_sample(verdict, sample);
  return Ok{};
}

// Adds the lines of pictures that the text layer does not have.
Status PagePipeline::read_pictures(const PageContent& content, PageInput& input,
                                   document::ScriptFinding& scripts) {
  double dpi = dpi_within_limits(settings_.ocr_dpi, content.width_pt, content.height_pt);
  Result<MappedRaster> raster = render(content.page, dpi, true, Box{});
  if (!raster) return raster.error();
  Result<OcrResult> read = read_page_raster(*models_, view_of(*raster), dpi / kPointsPerInch);
  if (!read) return read.error();
  if (read->turned != 0) return Ok{};
  scripts = std::move(read->scripts);
  document::add_picture_text(input, std::move(read->lines));
  return Ok{};
}

Result<bool> PagePipeline::shows_ink(uint32_t page, float width_pt, float height_pt) {
  Result<MappedRaster> raster =
      render(page, dpi_within_limits(kInkDpi, width_pt, height_pt), true, Box{});
  if (!raster) return raster.error();
  return has_ink(view_of(*raster));
}

Status PagePipeline::save_figures(PageRecord& record, int turned, float skew) {
  for (document::Block& block : record.blocks) {
    if (block.asset.empty()) continue;
    // The renderer knows the page as it stood.
    Box clip = around(block.box, skew, record.width_pt, record.height_pt);
    clip = turned_back(clip, (360 - turned) % 360, record.width_pt, record.height_pt);
    Box page{0, 0, record.width_pt, record.height_pt};
    if (turned == 90 || turned == 270) page = Box{0, 0, record.height_pt, record.width_pt};
    clip = document::intersection(clip, page);
    if (clip.width() < 1 || clip.height() < 1) {
      block.asset.clear();
      continue;
    }
    double dpi = dpi_within_limits(kFigureDpi, clip.width(), clip.height());
    Result<MappedRaster> raster = render(record.page, dpi, false, clip);
    if (!raster) return raster.error();
    models::Image upright = models::rotated(view_of(*raster), (360 - turned) % 360);
    Result<std::string> png = encode_png(upright.view());
    if (!png) return png.error();
    Status saved = save_(block.asset, *png);
    if (!saved) return saved;
  }
  return Ok{};
}

Status PagePipeline::save_picture(const PageRecord& record, int turned, float skew) {
  double dpi = dpi_within_limits(kPictureDpi, record.width_pt, record.height_pt);
  Result<MappedRaster> raster = render(record.page, dpi, false, Box{});
  if (!raster) return raster.error();
  models::Image upright = models::rotated(view_of(*raster), (360 - turned) % 360);
  if (skew != 0) upright = straightened(upright.view(), skew);
  Result<std::string> png = encode_png_without_needless_colour(upright.view());
  if (!png) return png.error();
  return save_picture_(*png);
}

Result<PageRecord> PagePipeline::convert_flow(const PageContent& content) {
  stage_ = ReaderStage::kRender;
  Result<PageRecord> record =
      record_of_flow(content, reader_, settings_.options.images ? save_ : nullptr, deadline_ms_);
  if (!record) return record.error();
  stage_ = ReaderStage::kNone;
  note_truncation(content, settings_.limits, *record);
  return record;
}

Result<PageRecord> PagePipeline::convert(uint32_t page, const PageShortcuts& shortcuts) {
  deadline_ms_ = now_ms() + settings_.limits.page_timeout_ms;
  const proto::JobOptions& options = settings_.options;
  const bool models_allowed =
      models_ != nullptr && !shortcuts.skip_models && !shortcuts.skip_raster;

  PageContent content;
  content.page = page;
  document::TrustVerdict verdict;
  PageInput input;
  if (!shortcuts.skip_text_layer) {
    stage_ = ReaderStage::kReadPage;
    Result<PageContent> read = reader_.read_page(page, time_left_ms());
    if (!read) return read.error();
    stage_ = ReaderStage::kNone;
    content = std::move(*read);
    if (!content.flow.empty()) return convert_flow(content);
    verdict = document::judge_text_layer(content);
    input = document::input_from(content);
    if (verdict.verdict == TextLayer::kTrusted) input.lines = document::lines_from_glyphs(content);
  } else {
    verdict.reasons.push_back(shortcuts.why);
  }

  bool blank = !shortcuts.skip_text_layer && is_blank(content);
  if (verdict.verdict == TextLayer::kTrusted && verdict.suspicious && models_allowed &&
      options.ocr == "auto") {
    Status checked = check_sample(content, input.lines, verdict);
    if (!checked) return checked.error();
  }
  bool ocr =
      options.ocr == "always" || (options.ocr == "auto" && verdict.verdict != TextLayer::kTrusted);
  int turned = 0;
  float skew = 0;
  document::ScriptFinding scripts;
  MappedRaster raster;
  Picture picture;  // of the raster, upright
  double pixels_per_pt = 1;

  if (ocr && !blank && models_allowed) {
    // Without a page's content its size is not known either: the raster tells it.
    double dpi = settings_.ocr_dpi;
    if (!shortcuts.skip_text_layer)
      dpi = dpi_within_limits(scan_dpi(content, dpi), content.width_pt, content.height_pt);
    Result<MappedRaster> rendered = render(page, dpi, true, Box{});
    if (!rendered) return rendered.error();
    raster = std::move(*rendered);
    pixels_per_pt = dpi / kPointsPerInch;
    if (shortcuts.skip_text_layer) {
      input.page = page;
      input.width_pt = static_cast<float>(raster.width() / pixels_per_pt);
      input.height_pt = static_cast<float>(raster.height() / pixels_per_pt);
    }
    if (has_ink(view_of(raster))) {
      Result<Picture> seen = models_->on_device(view_of(raster));
      if (!seen) return seen.error();
      Result<OcrResult> read = read_page_raster(*models_, *seen, pixels_per_pt);
      if (!read) return read.error();
      picture = std::move(*seen);
      turned = read->turned;
      skew = read->skew;
      turn_back(input, turned);
      input.lines = std::move(read->lines);
      scripts = std::move(read->scripts);
    } else {
      blank = true;
    }
    if (!input.lines.empty()) drop_page_image(input);  // else it is all that the page has
  } else if (ocr && !blank) {
    // Better a doubtful text layer than none.
    if (!shortcuts.skip_text_layer) input.lines = document::lines_from_glyphs(content);
  } else if (verdict.verdict != TextLayer::kTrusted && !blank) {
    input.lines = document::lines_from_glyphs(content);  // options.ocr is "never"
  }

  if (verdict.verdict == TextLayer::kTrusted && options.ocr == "auto" && models_allowed &&
      document::pictures_may_hold_text(input)) {
    Status read = read_pictures(content, input, scripts);
    if (!read) return read.error();
  }

  bool layout = options.layout == "always" ||
                (options.layout == "auto" &&
                 (settings_.on_gpu || ocr || document::layout_is_doubtful(input)));
  if (layout && !blank && models_allowed) {
    if (raster.pixels() == nullptr) {
      double dpi = dpi_within_limits(kLayoutDpi, content.width_pt, content.height_pt);
      Result<MappedRaster> rendered = render(page, dpi, true, Box{});
      if (!rendered) return rendered.error();
      raster = std::move(*rendered);
      pixels_per_pt = dpi / kPointsPerInch;
    }
    if (turned != 0) picture = Picture(models::rotated(view_of(raster), (360 - turned) % 360));
    if (picture.is_empty()) picture = view_of(raster);
    if (skew != 0) picture = Picture(straightened(picture.view, skew));
    Result<Picture> seen = models_->on_device(picture);
    if (!seen) return seen.error();
    Status found = find_regions(*models_, *seen, pixels_per_pt, input);
    if (!found) return found.error();
    if (ocr) {
      Status structured = find_tables(*models_, *seen, pixels_per_pt, input);
      if (!structured) return structured.error();
    }
  }

  // Nothing was found, and nobody has looked at the page's pixels yet.
  bool unseen = input.lines.empty() && raster.pixels() == nullptr && !shortcuts.skip_raster &&
                !shortcuts.skip_text_layer;
  if (unseen && !blank) {
    Result<bool> ink = shows_ink(page, content.width_pt, content.height_pt);
    if (!ink) return ink.error();
    blank = !*ink;
  }

  PageRecord record = document::analyse_page(input);
  record.text_layer = verdict.verdict;
  record.reasons = verdict.reasons;
  if (record.blocks.empty() && blank) record.status = PageStatus::kBlank;
  if (!shortcuts.why.empty() || !content.problem.empty()) {
    record.problem = !shortcuts.why.empty() ? shortcuts.why : content.problem;
  }
  if (!shortcuts.why.empty()) {
    record.status = PageStatus::kDegraded;
    record.error_code = static_cast<uint16_t>(shortcuts.code);
  }
  note_truncation(content, settings_.limits, record);
  note_scripts(scripts, record);
  if (!options.images || shortcuts.skip_raster || save_ == nullptr) {
    for (document::Block& block : record.blocks) block.asset.clear();
  } else {
    Status saved = save_figures(record, turned, skew);
    if (!saved) return saved.error();
  }
  if (save_picture_ && !shortcuts.skip_raster) {
    Status saved = save_picture(record, turned, skew);
    if (!saved) return saved.error();
  }
  return record;
}

}  // namespace pdf2md::worker
