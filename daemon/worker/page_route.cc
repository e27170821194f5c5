#include "daemon/worker/page_route.h"

#include <algorithm>

namespace pdf2md::worker {
namespace {

struct RoleName {
  ModelRole role;
  const char* name;
};
constexpr RoleName kRoleNames[] = {
    {ModelRole::kLayout, "layout"},           {ModelRole::kTables, "tables"},
    {ModelRole::kDetection, "detection"},     {ModelRole::kRecognition, "recognition"},
    {ModelRole::kOrientation, "orientation"},
};

}  // namespace

proto::PageRoute route_of(const document::PageRecord& record, unsigned models_asked) {
  proto::PageRoute route;
  route.text_layer = document::name(record.text_layer);
  route.reasons = record.reasons;
  for (const RoleName& known : kRoleNames) {
    if ((models_asked & static_cast<unsigned>(known.role)) != 0)
      route.models.emplace_back(known.name);
  }
  float sum = 0;
  for (const document::Block& block : record.blocks) {
    ++route.blocks;
    if (block.source != document::Source::kOcr) continue;
    ++route.ocr_blocks;
    sum += block.confidence;
    route.least_confidence = std::min(route.least_confidence, block.confidence);
  }
  if (route.ocr_blocks > 0) route.mean_confidence = sum / static_cast<float>(route.ocr_blocks);
  return route;
}

}  // namespace pdf2md::worker
