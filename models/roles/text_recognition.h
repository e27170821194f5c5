// The role text-recognition: what a line of text says.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/model_set.h"
#include "models/roles/input.h"

namespace pdf2md::models {

class TextRecognition {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<TextRecognition>> create(const ModelEntry& entry,
                                                         std::unique_ptr<onnx::Network> network);
  // Lines of height(), in pieces of at most widths().back(). Throws c10::Error.
  DeferredList<RecognisedText> run(std::span<const TextLine> lines) const;

  int height() const { return height_; }
  const std::vector<int64_t>& widths() const { return widths_; }

 private:
  TextRecognition(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}

  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  std::vector<std::string> charset_;
  std::vector<int64_t> widths_, batches_;
  int height_ = 0;
};

}  // namespace pdf2md::models
