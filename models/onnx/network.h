// One ONNX network, ready to run on one device.
#pragma once

#include "models/aten.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/operators.h"
#include "proto/result.h"

namespace pdf2md::models::onnx {

struct NetworkOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // weights and activations
  std::vector<std::string> outputs;   // values to compute; empty: the file's own outputs
  // On CUDA the one output, a product with a matrix, is reduced to the class of most probability and
  // that probability, [..., 2] of float (models/cuda/best_class.h), where that can be done.
  bool best_class = false;
  std::vector<std::string> keep;  // constants to keep for the caller (see constant())
};

class Network {
 public:
  // `bytes` is the .onnx file. Errors: kBadModel.
  static Result<std::unique_ptr<Network>> load(std::string_view bytes,
                                               const NetworkOptions& options);

  // Inputs as the file orders them, on the network's device and in its precision; outputs as
  // options.outputs or the file order them, without copies to the host. Throws c10::Error.
  // `runner`, for measuring, is given each step to run it, once or more often.
  using Step = std::function<void()>;
  using Runner = std::function<void(const std::string& op, const Step& step, const Values& out)>;
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs,
                              const Runner& runner = nullptr) const;
  at::Tensor run_one(const at::Tensor& input) const { return run({input}).front(); }

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // A constant named in options.keep, on the device in this precision; undefined where the file has
  // none.
  at::Tensor constant(const std::string& name) const;
  const std::vector<std::string>& outputs() const { return output_names_; }
  // Are an image's numbers the same whatever the size of its batch? Otherwise only in batches of one
  // size.
  bool takes_any_batch() const { return takes_any_batch_; }
  size_t node_count() const { return steps_.size(); }
  at::Device device() const { return device_; }
  at::ScalarType dtype() const { return dtype_; }

 private:
  struct PreparedStep {
    std::string op;
    Kernel kernel;
    std::vector<int> inputs;  // slots; −1: left out
    std::vector<int> outputs;
    std::vector<int> last_use;  // slots that nothing needs after this step
  };

  Network() = default;
  void compile(const Graph& graph);

  at::Device device_ = at::kCPU;
  at::ScalarType dtype_ = at::kFloat;
  bool takes_any_batch_ = false;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, at::Tensor> kept_;
  std::vector<PreparedStep> steps_;
  std::vector<at::Tensor> initial_;  // one a slot: constants, else undefined
  std::vector<int> input_slots_;
  std::vector<int> output_slots_;
  std::vector<std::string> output_names_;
};

}  // namespace pdf2md::models::onnx
