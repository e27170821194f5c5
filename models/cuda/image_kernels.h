// What is done to images on CUDA, with the same results, to the byte, as models/image.h has on the
// host: cut out, resized, made into a network's input; and the best class of each step of a text
// recogniser. Everything is queued on the current stream.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/aten.h"
#include "models/image.h"

namespace pdf2md::models::cuda {

// The kernels' machine code for the device of this number (models/cuda/program.h). Throws c10::Error.
std::vector<char> compile_image_kernels(int device);
// Makes it ready in the context that is current, once for the process. Throws c10::Error.
void load_image_kernels(const std::vector<char>& code);

// An image in the device's memory, which is to be resized (as resized() does).
struct Source {
  const uint8_t* data = nullptr;  // null: nothing
  int stride = 0, channels = 1;
  int width = 0, height = 0;
  int to_width = 0, to_height = 0;
  int64_t to = 0;  // resize(): where its pixels go, from the start of the output
};

// Each source in the top-left corner of one row of a batch: [sources, 3, height, width] in half
// precision, channels last, x / 255 normalised; zero elsewhere.
struct Normalisation {
  std::array<float, 3> scale{}, shift{};  // of bytes, by channel of the network
  bool bgr = false;
};
at::Tensor to_input(const std::vector<Source>& rows, int width, int height,
                    const Normalisation& normalisation, const at::Device& device);

// Each source resized, into `bytes` of memory.
at::Tensor resize(const std::vector<Source>& sources, int64_t bytes, const at::Device& device);

// What crop_quad makes of a quad, its pixels at `to` in the output.
struct Crop {
  const uint8_t* data = nullptr;
  int stride = 0, channels = 1;
  int image_width = 0, image_height = 0;
  int width = 0, height = 0;
  int stands = 0;
  int unused = 0;
  double map[8] = {};  // a ... h of Projection
  int64_t to = 0;
};
at::Tensor crop(const std::vector<Crop>& crops, int64_t bytes, const at::Device& device);

// For each column of each source (not resized) whether its brightness varies less than `range`: 1
// or 0, at Source::to in an output of `bytes`.
at::Tensor blank_columns(const std::vector<Source>& sources, int64_t bytes, int range,
                         const at::Device& device);

// The best class of each of the last axis' vectors, the first of equals, and its probability
// (softmax). logits: half, [rows, steps, classes], contiguous. Of the first `rows` rows only.
// Returns [rows, steps] of int and of float.
std::pair<at::Tensor, at::Tensor> best_classes(const at::Tensor& logits, int64_t rows);

}  // namespace pdf2md::models::cuda
