// From images to the tensor that a network takes, and fixed-size batches over shape buckets.
#pragma once

#include "models/aten.h"

#include <functional>
#include <span>
#include <vector>

#include "models/image.h"
#include "models/manifest.h"
#include "models/onnx/network.h"

namespace pdf2md::models {

struct InputShape {
  int width = 0, height = 0;
  auto operator<=>(const InputShape&) const =
      default;  // NOLINT(modernize-use-nullptr): a slip of it
};

// A batch of one shape on its way to the device: bytes on the host, then normalised numbers there.
class InputBatch {
 public:
  InputBatch(int64_t rows, InputShape shape, const ModelEntry& entry, const onnx::Network& network);

  // Copies the image to the top-left corner of a row; it must not be larger than the shape. Grey
  // becomes three equal channels. What the image does not cover is zero after normalisation.
  void place(int64_t row, const ImageView& image);

  // [rows, 3, height, width], channels last, on the network's device.
  at::Tensor tensor() const;

 private:
  const ModelEntry& entry_;
  const onnx::Network& network_;
  InputShape shape_;
  at::Tensor bytes_;    // [rows, height, width, 3] on the host
  at::Tensor covered_;  // [2, rows]: width and height of each image
  bool all_covered_ = true;
};

// Groups the indices 0 … shapes.size()−1 by shape and calls `run` for each group in pieces of at
// most `batch(shape)`; `run` fills the rest of the batch with blank rows. This is what makes a
// result independent of its neighbours: on CUDA another size of batch means other kernels, and
// other last digits.
void for_each_batch(
    const std::vector<InputShape>& shapes, const std::function<int64_t(InputShape)>& batch,
    const std::function<void(InputShape, int64_t rows, std::span<const size_t>)>& run);

// Copies to the host as contiguous floats.
at::Tensor to_host(const at::Tensor& tensor);

}  // namespace pdf2md::models
