// The role table-structure: rows, columns and cells of a table's image.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/model_set.h"
#include "models/roles/input.h"
#include "models/roles/slanet_decoder.h"

namespace pdf2md::models {

class TableRecognition {
 public:
  // Errors: kBadModel.
  static Result<std::unique_ptr<TableRecognition>> create(const ModelEntry& entry,
                                                          std::unique_ptr<onnx::Network> network);
  // Throws c10::Error.
  DeferredList<TableStructure> run(std::span<const Picture> tables) const;

 private:
  TableRecognition(const ModelEntry& entry, std::unique_ptr<onnx::Network> network)
      : entry_(entry), network_(std::move(network)) {}

  ModelEntry entry_;
  std::unique_ptr<onnx::Network> network_;
  std::unique_ptr<SlanetDecoder> decoder_;
  std::vector<std::string> tokens_;  // of each class; the first begins, the last ends the sequence
  int size_ = 0;
  int64_t max_steps_ = 0, batch_ = 1;
};

}  // namespace pdf2md::models
