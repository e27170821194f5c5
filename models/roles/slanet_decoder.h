// SLANet's decoder (C. Li et al., "PP-StructureV2", 2022): a GRU with additive attention over the
// features, one token of HTML structure and one cell box a step. In the .onnx it is a Loop, whose
// body is some 350 nodes of shape arithmetic; here it is written out, with the weights taken from
// the file by name.
#pragma once

#include "models/aten.h"

#include <memory>
#include <string>
#include <vector>

#include "models/onnx/network.h"
#include "proto/result.h"

namespace pdf2md::models {

class SlanetDecoder {
 public:
  // The constants that Network::load must keep.
  static std::vector<std::string> weight_names();
  // Errors: kBadModel where a weight is missing or has another shape.
  static Result<std::unique_ptr<SlanetDecoder>> create(const onnx::Network& network);

  struct Output {
    at::Tensor tokens;         // [rows, steps] int, on the host
    at::Tensor probabilities;  // [rows, steps] float, of the token chosen
    at::Tensor boxes;          // [rows, steps, 8] float: corners as fractions of the input
  };
  // features: [rows, positions, channels]. Stops when every row has said end_token, or after
  // max_steps. Throws c10::Error.
  Output run(const at::Tensor& features, int64_t end_token, int64_t max_steps) const;

  int64_t classes() const { return structure_weight_.size(0); }

 private:
  SlanetDecoder() = default;

  // Matrices are [out, in], as at::linear takes them.
  at::Tensor key_weight_, query_weight_, query_bias_, energy_weight_;
  at::Tensor gru_input_weight_, gru_input_bias_, gru_hidden_weight_, gru_hidden_bias_;
  // Two linear layers without anything between them are one.
  at::Tensor structure_weight_, structure_bias_, box_weight_, box_bias_;
  at::Tensor one_hot_;
};

}  // namespace pdf2md::models
