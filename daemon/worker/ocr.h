// A raster → lines of text, through detection and recognition.
#pragma once

#include <vector>

#include "daemon/worker/page_models.h"
#include "document/foreign_scripts.h"
#include "document/page_record.h"
#include "models/image.h"
#include "proto/result.h"

namespace pdf2md::worker {

struct OcrResult {
  std::vector<document::Line> lines;  // in page space of the raster turned upright and straight
  int turned = 0;  // degrees clockwise by which the page stood turned; the raster was turned back
  float skew = 0;  // radians by which it sloped even then (ocr_lines.h)
  float confidence = 0;             // mean over the characters; 0 where nothing was read
  document::ScriptFinding scripts;  // what became of lines that the recogniser does not know
};

// The whole page. The page's orientation is found first, so a sideways scan is read upright.
Result<OcrResult> read_page_raster(PageModels& models, const models::Picture& raster,
                                   double pixels_per_pt);

// Text of given boxes (pixels of the raster), one per box: for comparing with a text layer.
Result<std::vector<models::RecognisedText>> read_boxes(PageModels& models,
                                                       const models::Picture& raster,
                                                       const std::vector<document::Box>& boxes);

}  // namespace pdf2md::worker
