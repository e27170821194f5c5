// The JSON output: {"document": {...}, "pages": [{..., "blocks": [...]}]}. Boxes are in page space:
// points, origin top-left. Written page by page; numbers have a fixed number of digits.
#pragma once

#include <vector>

#include "document/markdown.h"
#include "document/stages.h"
#include "document/statistics.h"

namespace pdf2md::document {

Status write_json(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                  const Statistics& statistics, const std::string& asset_prefix,
                  const PageLoader& load, const ByteSink& sink);

// Fixed-point, without the locale: "12.50". Not finite: 0.
std::string fixed(double value, int digits);

}  // namespace pdf2md::document
