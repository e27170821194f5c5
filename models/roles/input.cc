#include "models/roles/input.h"

#include <algorithm>
#include <map>

namespace pdf2md::models {

InputBatch::InputBatch(int64_t rows, InputShape shape, const ModelEntry& entry,
                       const onnx::Network& network)
    : entry_(entry), network_(network), shape_(shape) {
  // Pinned where it goes to a GPU: the copy is then several times faster.
  const bool cuda = network.device().is_cuda();
  bytes_ = at::zeros({rows, shape.height, shape.width, 3},
                     at::TensorOptions().dtype(at::kByte).pinned_memory(cuda));
  covered_ = at::zeros({2, rows}, at::kInt);
}

void InputBatch::place(int64_t row, const ImageView& image) {
  TORCH_CHECK(row < bytes_.size(0) && image.width <= shape_.width && image.height <= shape_.height,
              "an image does not fit its batch");
  const size_t row_bytes = static_cast<size_t>(shape_.width) * 3;
  uint8_t* target =
      bytes_.mutable_data_ptr<uint8_t>() + static_cast<size_t>(row) * shape_.height * row_bytes;
  for (int y = 0; y < image.height; ++y, target += row_bytes) {
    const uint8_t* source = image.data + static_cast<size_t>(y) * image.stride;
    for (int x = 0; x < image.width; ++x) {
      uint8_t* pixel = target + static_cast<size_t>(x) * 3;
      if (image.channels == 1) {
        pixel[0] = pixel[1] = pixel[2] = source[x];
      } else {
        const uint8_t* from = source + static_cast<size_t>(x) * 3;
        pixel[0] = from[entry_.bgr ? 2 : 0];
        pixel[1] = from[1];
        pixel[2] = from[entry_.bgr ? 0 : 2];
      }
    }
  }
  int32_t* covered = covered_.mutable_data_ptr<int32_t>();
  covered[row] = image.width;
  covered[bytes_.size(0) + row] = image.height;
  if (image.width < shape_.width || image.height < shape_.height) all_covered_ = false;
}

at::Tensor InputBatch::tensor() const {
  c10::InferenceMode guard;
  const at::Device device = network_.device();
  const at::TensorOptions floats = at::TensorOptions().dtype(at::kFloat);
  std::array<float, 3> scale{}, shift{};
  for (size_t c = 0; c < 3; ++c) {
    scale[c] = 1 / (255 * entry_.std[c]);
    shift[c] = -entry_.mean[c] / entry_.std[c];
  }
  const at::Tensor scales =
      at::tensor(at::ArrayRef<float>(scale), floats).view({1, 3, 1, 1}).to(device);
  const at::Tensor shifts =
      at::tensor(at::ArrayRef<float>(shift), floats).view({1, 3, 1, 1}).to(device);
  // The bytes lie channels last already; the permuted view says so without a copy.
  at::Tensor x = bytes_.to(device).permute({0, 3, 1, 2}).to(at::kFloat);
  x.mul_(scales).add_(shifts);
  if (!all_covered_) {
    const at::Tensor covered = covered_.to(device);
    const at::TensorOptions integers = at::TensorOptions(device).dtype(at::kInt);
    const at::Tensor columns = at::arange(shape_.width, integers).view({1, 1, 1, -1});
    const at::Tensor rows = at::arange(shape_.height, integers).view({1, 1, -1, 1});
    x.masked_fill_(columns >= covered.select(0, 0).view({-1, 1, 1, 1}), 0);
    x.masked_fill_(rows >= covered.select(0, 1).view({-1, 1, 1, 1}), 0);
  }
  return x.to(network_.dtype());
}

void for_each_batch(const std::vector<InputShape>& shapes,
                    const std::function<int64_t(InputShape)>& batch,
                    const std::function<void(InputShape, int64_t, std::span<const size_t>)>& run) {
  std::map<InputShape, std::vector<size_t>> groups;
  for (size_t i = 0; i < shapes.size(); ++i) groups[shapes[i]].push_back(i);
  for (const auto& [shape, members] : groups) {
    const int64_t rows = std::max<int64_t>(1, batch(shape));
    for (size_t first = 0; first < members.size(); first += static_cast<size_t>(rows)) {
      const size_t count = std::min(members.size() - first, static_cast<size_t>(rows));
      run(shape, rows, std::span<const size_t>(members).subspan(first, count));
    }
  }
}

at::Tensor to_host(const at::Tensor& tensor) {
  return tensor.to(at::kCPU, at::kFloat).contiguous();
}

}  // namespace pdf2md::models
