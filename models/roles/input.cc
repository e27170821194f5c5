#include "models/roles/input.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace pdf2md::models {

Picture to_device(const Picture& picture, const at::Device& device) {
  if (picture.device != nullptr || picture.is_empty()) return picture;
  const ImageView& view = picture.view;
  const int64_t row = int64_t{view.width} * view.channels;
  // Pinned: from other memory the copy would stop at each few megabytes.
  const at::Tensor host =
      at::empty({view.height, row}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  uint8_t* to = host.mutable_data_ptr<uint8_t>();
  for (int y = 0; y < view.height; ++y)
    std::memcpy(to + y * row, view.data + static_cast<size_t>(y) * view.stride,
                static_cast<size_t>(row));
  Picture out = picture;
  out.device_stride = static_cast<int>(row);
  out.device_offset = 0;
  out.device = std::make_shared<const DeviceBytes>(host.to(device, /*non_blocking=*/true));
  return out;
}

cuda::Source source_of(const Picture& picture, int to_width, int to_height) {
  const ImageView& view = picture.view;
  return cuda::Source{picture.device->bytes.const_data_ptr<uint8_t>() + picture.device_offset,
                      picture.device_stride,
                      view.channels,
                      view.width,
                      view.height,
                      to_width,
                      to_height,
                      0};
}

InputBatch::InputBatch(int64_t rows, InputShape shape, const ModelEntry& entry,
                       const onnx::Network& network)
    : entry_(entry), network_(network), shape_(shape) {
  if (network.device().is_cuda()) {
    sources_.resize(static_cast<size_t>(rows));
    return;
  }
  bytes_ = at::zeros({rows, shape.height, shape.width, 3}, at::TensorOptions().dtype(at::kByte));
  covered_ = at::zeros({2, rows}, at::kInt);
}

void InputBatch::place(int64_t row, const Picture& picture, int width, int height) {
  TORCH_CHECK(width <= shape_.width && height <= shape_.height, "an image does not fit its batch");
  if (!network_.device().is_cuda()) {
    const ImageView& view = picture.view;
    if (view.width == width && view.height == height) return copy(row, view);
    return copy(row, resized(view, width, height).view());
  }
  cuda::Source& source = sources_.at(static_cast<size_t>(row));
  if (picture.device == nullptr) {
    uploaded_.push_back(to_device(picture, network_.device()));
    source = source_of(uploaded_.back(), width, height);
  } else {
    source = source_of(picture, width, height);
  }
}

void InputBatch::copy(int64_t row, const ImageView& image) {
  TORCH_CHECK(row < bytes_.size(0), "a batch has no row ", row);
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
  cuda::Normalisation normalisation;
  for (size_t c = 0; c < 3; ++c) {
    normalisation.scale[c] = 1 / (255 * entry_.std[c]);
    normalisation.shift[c] = -entry_.mean[c] / entry_.std[c];
  }
  normalisation.bgr = entry_.bgr;
  if (network_.device().is_cuda())
    return cuda::to_input(sources_, shape_.width, shape_.height, normalisation, network_.device());

  const at::TensorOptions floats = at::TensorOptions().dtype(at::kFloat);
  const at::Tensor scales = at::tensor(at::ArrayRef<float>(normalisation.scale), floats);
  const at::Tensor shifts = at::tensor(at::ArrayRef<float>(normalisation.shift), floats);
  // The bytes lie channels last already; the permuted view says so without a copy.
  at::Tensor x = bytes_.permute({0, 3, 1, 2}).to(at::kFloat);
  x.mul_(scales.view({1, 3, 1, 1})).add_(shifts.view({1, 3, 1, 1}));
  if (!all_covered_) {
    const at::Tensor columns = at::arange(shape_.width, at::kInt).view({1, 1, 1, -1});
    const at::Tensor rows = at::arange(shape_.height, at::kInt).view({1, 1, -1, 1});
    x.masked_fill_(columns >= covered_.select(0, 0).view({-1, 1, 1, 1}), 0);
    x.masked_fill_(rows >= covered_.select(0, 1).view({-1, 1, 1, 1}), 0);
  }
  return x.to(network_.dtype());
}

int64_t rows_to_run(const onnx::Network& network, int64_t count, int64_t most) {
  if (!network.takes_any_batch()) return most;
  // In steps, so that the memory of one batch fits the next.
  const int64_t step = count <= 4 ? 1 : 4;
  return std::min(most, (count + step - 1) / step * step);
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

HostCopy::HostCopy(const at::Tensor& tensor) {
  const at::ScalarType type = tensor.is_floating_point() ? at::kFloat : at::kInt;
  const at::Tensor ready = tensor.to(type).contiguous();
  if (ready.device().is_cpu()) {
    tensor_ = ready;
    return;
  }
  tensor_ = at::empty(ready.sizes(), at::TensorOptions().dtype(type).pinned_memory(true));
  tensor_.copy_(ready, /*non_blocking=*/true);
  fence_ = std::make_unique<const cuda::Fence>(ready.device());
}

const at::Tensor& HostCopy::wait() const {
  if (fence_ != nullptr) fence_->wait();
  return tensor_;
}

}  // namespace pdf2md::models
