// The role layout: regions of a page and their kinds, by PicoDet (G. Yu et al., "PP-PicoDet",
// 2021).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/model_set.h"
#include "models/roles/input.h"

namespace pdf2md::models {

// Keeps, from the surest down, what overlaps no kept box of the same class by more than `iou` and
// no kept box at all by more than `iou_between_classes`. The result is ordered by score, then by
// place.
std::vector<LayoutBox> suppress_overlaps(std::vector<LayoutBox> boxes, float iou,
                                         float iou_between_classes);

class Layout {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<Layout>> create(const ModelEntry& entry,
                                                std::unique_ptr<onnx::Network> network);
  // Throws c10::Error.
  DeferredList<std::vector<LayoutBox>> run(std::span<const Picture> pages) const;

 private:
  Layout(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}
  std::vector<LayoutBox> decode(const std::vector<at::Tensor>& outputs, int64_t row) const;

  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  InputShape shape_;
  std::vector<int64_t> strides_;
  float threshold_ = 0, iou_ = 0, iou_between_classes_ = 0;
  int64_t batch_ = 1;
};

}  // namespace pdf2md::models
