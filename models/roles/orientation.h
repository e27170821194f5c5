// The roles line-orientation (a line stands upside down) and page-orientation (a page is turned).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/model_set.h"
#include "models/roles/input.h"

namespace pdf2md::models {

class LineOrientation {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<LineOrientation>> create(const ModelEntry& entry,
                                                         std::unique_ptr<onnx::Network> network);
  // True where the network is sure that the line is upside down. Throws c10::Error.
  DeferredList<bool> run(std::span<const TextLine> lines) const;

 private:
  LineOrientation(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}
  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  InputShape shape_;
  float threshold_ = 0;
  int64_t batch_ = 1;
};

class PageOrientation {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<PageOrientation>> create(const ModelEntry& entry,
                                                         std::unique_ptr<onnx::Network> network);
  // Throws c10::Error.
  DeferredList<ModelSet::Orientation> run(std::span<const Picture> pages) const;

 private:
  PageOrientation(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}
  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  std::vector<int> degrees_;  // of each class
  int short_side_ = 0, size_ = 0;
  int64_t batch_ = 1;
};

}  // namespace pdf2md::models
