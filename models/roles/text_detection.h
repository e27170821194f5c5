// The role text-detection: where lines of text stand on a page.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/model_set.h"
#include "models/roles/input.h"
#include "models/roles/text_boxes.h"

namespace pdf2md::models {

class TextDetection {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<TextDetection>> create(const ModelEntry& entry,
                                                       std::unique_ptr<onnx::Network> network);
  // Throws c10::Error.
  DeferredList<std::vector<TextBox>> run(std::span<const Picture> pages) const;

  // The shape in which a page runs: a function of its size alone.
  InputShape input_shape(int width, int height) const;

 private:
  std::vector<TextBox> boxes(const float* map, InputShape shape, const ImageView& page) const;
  TextDetection(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}

  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  TextBoxSettings settings_;
  double max_long_side_ = 0, max_pixels_ = 0, min_short_side_ = 0, step_ = 0;
  int64_t batch_ = 1;
};

}  // namespace pdf2md::models
