// From images to the tensor that a network takes, in batches over shape buckets, and from
// what comes out to the host.
#pragma once

#include "models/aten.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "models/cuda/fence.h"
#include "models/cuda/image_kernels.h"
#include "models/manifest.h"
#include "models/onnx/network.h"
#include "models/picture.h"

namespace pdf2md::models {

// A result that the device may still be working on: waits for it, and makes what it means of it.
// From any thread, once. Throws c10::Error.
template <class R>
using Deferred = std::function<R()>;
template <class R>
using DeferredList = std::vector<Deferred<R>>;  // one for each image of a call, in order

// What a picture refers to on the device.
struct DeviceBytes {
  at::Tensor bytes;  // of any shape; kByte
};

// The picture with its pixels on the device as well; the copy is queued on the current stream.
// Throws c10::Error.
Picture to_device(const Picture& picture, const at::Device& device);

// To be resized, by a kernel; the picture must be on the device.
cuda::Source source_of(const Picture& picture, int to_width, int to_height);

struct InputShape {
  int width = 0, height = 0;
  auto operator<=>(const InputShape&) const =
      default;  // NOLINT(modernize-use-nullptr): a slip of it
};

// A batch of one shape on its way to the device.
class InputBatch {
 public:
  InputBatch(int64_t rows, InputShape shape, const ModelEntry& entry, const onnx::Network& network);

  // Brings the picture to this size, which must not be larger than the shape, and puts it into the
  // top-left corner of a row. Grey becomes three equal channels. What it does not cover is zero
  // after normalisation.
  void place(int64_t row, const Picture& picture, int width, int height);

  // [rows, 3, height, width], channels last, on the network's device.
  at::Tensor tensor() const;

 private:
  void copy(int64_t row, const ImageView& image);

  const ModelEntry& entry_;
  const onnx::Network& network_;
  InputShape shape_;
  std::vector<cuda::Source> sources_;  // on CUDA: one a row
  std::vector<Picture> uploaded_;      // likewise, what was not there yet
  at::Tensor bytes_;                   // elsewhere: [rows, height, width, 3]
  at::Tensor covered_;                 // likewise, [2, rows]: width and height of each image
  bool all_covered_ = true;
};

// How many rows a batch runs with that has `count` images and may have `most`: as few as hold them,
// where the network takes any batch, else always the same.
int64_t rows_to_run(const onnx::Network& network, int64_t count, int64_t most);

// Groups the indices 0 … shapes.size()−1 by shape and calls `run` for each group in pieces of at
// most `batch(shape)`; `run` fills up the batch with blank rows (rows_to_run). This is what makes a
// result independent of its neighbours: on CUDA another size of batch means other kernels, and
// other last digits.
void for_each_batch(
    const std::vector<InputShape>& shapes, const std::function<int64_t(InputShape)>& batch,
    const std::function<void(InputShape, int64_t rows, std::span<const size_t>)>& run);

// A tensor on its way to the host, contiguous. Floating point becomes float, integers int.
class HostCopy {
 public:
  // The copy is queued on the current stream. Throws c10::Error.
  explicit HostCopy(const at::Tensor& tensor);
  // Waits; from any thread. Throws c10::Error.
  const at::Tensor& wait() const;

 private:
  at::Tensor tensor_;
  std::unique_ptr<const cuda::Fence> fence_;  // null: it is there
};

}  // namespace pdf2md::models
