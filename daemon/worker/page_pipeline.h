// One page, from the reader to its record: the one place that composes the stages.
//
//   reader → text-layer trust → (raster → OCR) → layout → table structure → analysis → record,
//   figures
#pragma once

#include <functional>
#include <string>

#include "daemon/worker/page_models.h"
#include "daemon/worker/reader_client.h"
#include "document/foreign_scripts.h"
#include "document/page_record.h"
#include "document/stages.h"
#include "proto/messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::worker {

struct PageSettings {
  proto::JobOptions options;
  proto::DocumentLimits limits;
  uint32_t ocr_dpi = 200;
  bool on_gpu = false;
};

// What is left out because it failed before. Each makes the page `degraded`, with `why` in its
// record.
struct PageShortcuts {
  bool skip_text_layer = false;  // READ_PAGE failed: OCR only
  bool skip_raster = false;      // RENDER failed: text layer only, no figures
  bool skip_models = false;      // the page killed workers: text layer only
  std::string why;
  ErrorCode code = ErrorCode::kOk;
};

// Which request the reader was working on when it failed.
enum class ReaderStage { kNone, kReadPage, kRender };

// Saves a figure's PNG under the name that its block carries.
using SaveAsset = std::function<Status(const std::string& name, const std::string& png)>;
// Saves a page's picture, upright and straight as its record sees the page.
using SavePicture = std::function<Status(const std::string& png)>;

class PagePipeline {
 public:
  // models may be null: then pages are done with their text layer alone, without that counting as
  // degraded.
  PagePipeline(const PageSettings& settings, ReaderClient& reader, PageModels* models,
               SaveAsset save, SavePicture save_picture = nullptr)
      : settings_(settings),
        reader_(reader),
        models_(models),
        save_(std::move(save)),
        save_picture_(std::move(save_picture)) {}

  // The reader has the document open. Errors: those of ReaderClient, with stage() telling where,
  // and those of the models and of `save`. kCancelled where reader or models say so.
  Result<document::PageRecord> convert(uint32_t page, const PageShortcuts& shortcuts);
  ReaderStage stage() const { return stage_; }

 private:
  Result<MappedRaster> render(uint32_t page, double dpi, bool grey, const document::Box& clip);
  double dpi_within_limits(double wanted, float width_pt, float height_pt) const;
  Status check_sample(const document::PageContent& content,
                      const std::vector<document::Line>& lines, document::TrustVerdict& verdict);
  Status save_figures(document::PageRecord& record, int turned, float skew);
  Status save_picture(const document::PageRecord& record, int turned, float skew);
  Result<document::PageRecord> convert_flow(const document::PageContent& content);
  Status read_pictures(const document::PageContent& content, document::PageInput& input,
                       document::ScriptFinding& scripts);
  Result<bool> shows_ink(uint32_t page, float width_pt, float height_pt);
  int time_left_ms() const;

  const PageSettings& settings_;
  ReaderClient& reader_;
  PageModels* models_;
  SaveAsset save_;
  SavePicture save_picture_;  // may be empty
  ReaderStage stage_ = ReaderStage::kNone;
  int64_t deadline_ms_ = 0;
};

}  // namespace pdf2md::worker
