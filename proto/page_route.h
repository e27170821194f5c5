// How a page was done, and why so: told by the worker, kept by the supervisor, shown by pdf2mdctl
// explain.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pdf2md::proto {

struct PageRoute {
  std::string text_layer;            // "trusted", "rejected", "absent"; empty: not told
  std::vector<std::string> reasons;  // why
  std::vector<std::string> models;   // roles that were asked: "layout", "detection"
  uint32_t blocks = 0;
  uint32_t ocr_blocks = 0;
  float least_confidence = 1;  // of the OCR blocks
  float mean_confidence = 1;   // likewise
  template <class A>
  void fields(A& a) {
    a("text_layer", text_layer);
    a("reasons", reasons);
    a("models", models);
    a("blocks", blocks);
    a("ocr_blocks", ocr_blocks);
    a("least_confidence", least_confidence);
    a("mean_confidence", mean_confidence);
  }
};

}  // namespace pdf2md::proto
