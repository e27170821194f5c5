// Pooling, joining and enlarging on CUDA in channels_last half precision, which ATen does element by element.
#pragma once

#include <array>
#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

// As in models/cuda/depthwise.h.
std::vector<char> compile_channels_last(int device);
void load_channels_last(const std::vector<char>& code);

// The greatest of each window. pads: top, bottom, left, right; they never win. Throws c10::Error.
at::Tensor max_pool(const at::Tensor& input, const std::array<int64_t, 2>& kernel,
                    const std::array<int64_t, 2>& strides, const std::array<int64_t, 4>& pads);

// Images of one size, channel by channel behind each other. Throws c10::Error.
at::Tensor join_channels(const std::vector<at::Tensor>& parts);
// Can it be done here, better than by at::cat?
bool can_join_channels(const std::vector<at::Tensor>& parts, int64_t axis);

// Pixel (x, y) becomes what stands at (x · width before / width, y likewise), rounded down. Channels
// in steps of eight. Throws c10::Error.
at::Tensor resize_nearest(const at::Tensor& input, int64_t height, int64_t width);

}  // namespace pdf2md::models::cuda
