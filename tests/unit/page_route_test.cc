#include "daemon/worker/page_route.h"

#include <catch2/catch.hpp>

namespace pdf2md::worker {

TEST_CASE("page route: what the record tells") {
  document::PageRecord record;
  record.text_layer = document::TextLayer::kRejected;
  record.reasons = {"31 % of the letters have no Unicode"};
  for (float confidence : {1.0f, 0.5f, 0.75f}) {
    document::Block block;
    block.confidence = confidence;
    block.source = confidence < 1 ? document::Source::kOcr : document::Source::kTextLayer;
    record.blocks.push_back(block);
  }
  unsigned asked =
      static_cast<unsigned>(ModelRole::kDetection) | static_cast<unsigned>(ModelRole::kRecognition);
  proto::PageRoute route = route_of(record, asked);
  CHECK(route.text_layer == "rejected");
  CHECK(route.reasons == record.reasons);
  CHECK(route.models == std::vector<std::string>{"detection", "recognition"});
  CHECK(route.blocks == 3);
  CHECK(route.ocr_blocks == 2);
  CHECK(route.least_confidence == 0.5f);
  CHECK(route.mean_confidence == 0.625f);
}

}  // namespace pdf2md::worker
