#include "models/cuda/convolution.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/convolution_source.h"
#include "models/cuda/program.h"
#include "models/cuda/stem_source.h"
#include "models/cuda/tensor_core_source.h"

namespace pdf2md::models::cuda {
namespace {

// Outputs a block, how they are split, and how fast one output is computed beside those of the others.
// Of larger blocks than of 64 outputs there is room for fewer at a time.
struct Tile {
  int64_t outputs;
  const char* arguments;  // of convolve(): MT, NT, WARPS_M, WARPS_N
  double speed;
};
constexpr Tile kTiles[] = {{16, "2, 2, 4, 1", 0.3},
                           {32, "2, 4, 4, 1", 0.5},
                           {48, "2, 6, 4, 1", 0.65},
                           {64, "2, 8, 4, 1", 1.1},
                           {96, "2, 12, 4, 1", 1}};
// Likewise, of eight outputs a block: of convolve_odd(), and of stem().
constexpr int64_t kOddTiles[] = {2, 4, 6};
constexpr int64_t kStemTiles[] = {2, 4, 6};
constexpr int64_t kStep = 32, kPixels = 128, kStemDepth = 48;  // as in the source
constexpr unsigned kThreads = 128, kOddThreads = 256;

struct Shape {  // as in the source
  int in_y, in_x, inputs, out_y, out_x, outputs;
  int kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
  int depth, activation, output_tiles, unused;
  long long pixels;
};

struct Variant {
  std::string name, call;
};

// In the order of the functions: tiles, pointwise first; odd; stem.
std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const Tile& tile : kTiles) {
    for (const char* kind : {"true", "false"}) {
      all.push_back({"convolve_" + std::to_string(tile.outputs) + "_" + kind,
                     std::string("convolve<") + tile.arguments + ", " + kind +
                         ">(input, weight, bias, residual, output, s)"});
    }
  }
  for (int64_t tiles : kOddTiles) {
    const std::string number = std::to_string(tiles);
    all.push_back({"convolve_odd_" + number,
                   "convolve_odd<" + number + ">(input, weight, bias, residual, output, s)"});
  }
  for (int64_t tiles : kStemTiles) {
    const std::string number = std::to_string(tiles);
    all.push_back({"stem_" + number, "stem<" + number + ">(input, weight, bias, output, s)"});
  }
  return all;
}
constexpr size_t kFirstOdd = 2 * std::size(kTiles);
constexpr size_t kFirstStem = kFirstOdd + std::size(kOddTiles);

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

int narrow(int64_t value) {
  TORCH_CHECK(value >= 0 && value <= std::numeric_limits<int>::max(), "a convolution's size ",
              value, " is too large");
  return static_cast<int>(value);
}

int64_t rounded_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

// The first of the numbers that is large enough; the last where none is.
size_t fitting(const int64_t* begin, const int64_t* end, int64_t wanted) {
  const int64_t* found = std::find_if(begin, end - 1, [&](int64_t n) { return n >= wanted; });
  return static_cast<size_t>(found - begin);
}

// [outputs, depth], both rounded up and filled with 0.
at::Tensor padded(const at::Tensor& weight, int64_t rows, int64_t depth) {
  at::Tensor out = at::zeros({rows, depth}, weight.options().dtype(at::kHalf));
  out.narrow(0, 0, weight.size(0)).narrow(1, 0, weight.size(1)).copy_(weight);
  return out;
}

// Three numbers of each pixel, nine of each row, in the depth of stem(): from its second number on.
at::Tensor stem_weights(const at::Tensor& weight, int64_t rows) {
  const int64_t outputs = weight.size(0);
  at::Tensor deep = at::zeros({outputs, 3, 16}, weight.options().dtype(at::kHalf));
  deep.narrow(2, 1, 9).copy_(weight.permute({0, 2, 3, 1}).reshape({outputs, 3, 9}));
  return padded(deep.flatten(1), rows, kStemDepth);
}

}  // namespace

std::vector<char> compile_convolution(int device) {
  if (!has_half_tensor_cores(device)) return {};
  std::string source =
      std::string(kCommonSource) + kTensorCoreSource + kConvolutionSource + kStemSource;
  const std::vector<Variant> all = variants();
  for (size_t i = 0; i < all.size(); ++i) {
    const bool odd = i >= kFirstOdd && i < kFirstStem;
    source.append("extern \"C\" __global__ void __launch_bounds__(");
    source.append(std::to_string(odd ? kOddThreads : kThreads)).append(") ").append(all[i].name);
    source.append(
        "(const half_bits* input, const half_bits* weight, const float* bias, "
        "const half_bits* residual, half_bits* output, Shape s) {\n  ");
    source.append(all[i].call).append(";\n}\n");
  }
  return compile(source, device);
}

void load_convolution(const std::vector<char>& code) {
  if (code.empty()) return;
  std::vector<std::string> names;
  for (const Variant& variant : variants()) names.push_back(variant.name);
  program() = std::make_unique<const Program>(code, names);
}

bool DenseConvolution::has(const std::string& activation, int64_t input_channels) {
  return program() != nullptr && activation_number(activation) >= 0 && input_channels > 0;
}

DenseConvolution::DenseConvolution(const std::string& activation, const at::Tensor& weight,
                                   const std::optional<at::Tensor>& bias,
                                   const std::vector<int64_t>& strides,
                                   const std::vector<int64_t>& dilations)
    : activation_(activation_number(activation)),
      inputs_(weight.size(1)),
      outputs_(weight.size(0)),
      kernel_y_(weight.size(2)),
      kernel_x_(weight.size(3)),
      strides_(strides),
      dilations_(dilations),
      odd_(inputs_ % 8 != 0) {
  int64_t outputs_a_block = 0;
  if (odd_) {
    tile_ = fitting(std::begin(kOddTiles), std::end(kOddTiles), (outputs_ + 7) / 8);
    outputs_a_block = kOddTiles[tile_] * 8;
  } else {
    const auto cost = [&](const Tile& tile) {
      return static_cast<double>(rounded_up(outputs_, tile.outputs)) / tile.speed;
    };
    const Tile* best =
        std::min_element(std::begin(kTiles), std::end(kTiles),
                         [&](const Tile& a, const Tile& b) { return cost(a) < cost(b); });
    tile_ = static_cast<size_t>(best - kTiles);
    outputs_a_block = best->outputs;
  }
  const int64_t depth = kernel_y_ * kernel_x_ * inputs_;
  const int64_t rows = rounded_up(outputs_, outputs_a_block);
  depth_ = rounded_up(depth, kStep);
  weight_ = padded(weight.permute({0, 2, 3, 1}).reshape({outputs_, depth}), rows, depth_);
  bias_ = at::zeros({rows}, weight.options().dtype(at::kFloat));
  if (bias) bias_.narrow(0, 0, outputs_).copy_(*bias);
  if (inputs_ == 3 && kernel_y_ == 3 && kernel_x_ == 3 && outputs_ % 4 == 0 && outputs_ <= 48 &&
      strides_ == std::vector<int64_t>{2, 2} && dilations_ == std::vector<int64_t>{1, 1})
    stem_weight_ = stem_weights(weight, rounded_up(outputs_, 16));
}

at::Tensor DenseConvolution::run(const at::Tensor& input, const std::array<int64_t, 4>& pads,
                                 const at::Tensor& residual) const {
  const at::Tensor in = input.contiguous(at::MemoryFormat::ChannelsLast);
  TORCH_CHECK(in.dim() == 4 && in.size(1) == inputs_ && in.scalar_type() == at::kHalf,
              "a convolution of ", inputs_, " channels is given ", in.sizes());
  const int64_t images = in.size(0);
  const auto outputs_along = [&](size_t axis, int64_t kernel) {
    const int64_t size =
        in.size(static_cast<int64_t>(axis) + 2) + pads[2 * axis] + pads[2 * axis + 1];
    return (size - dilations_[axis] * (kernel - 1) - 1) / strides_[axis] + 1;
  };
  Shape s{};
  s.in_y = narrow(in.size(2));
  s.in_x = narrow(in.size(3));
  s.inputs = narrow(inputs_);
  s.out_y = narrow(outputs_along(0, kernel_y_));
  s.out_x = narrow(outputs_along(1, kernel_x_));
  s.outputs = narrow(outputs_);
  s.kernel_y = narrow(kernel_y_);
  s.kernel_x = narrow(kernel_x_);
  s.stride_y = narrow(strides_[0]);
  s.stride_x = narrow(strides_[1]);
  s.dilation_y = narrow(dilations_[0]);
  s.dilation_x = narrow(dilations_[1]);
  s.pad_y = narrow(pads[0]);
  s.pad_x = narrow(pads[2]);
  s.depth = narrow(depth_);
  s.activation = activation_;
  s.pixels = images * s.out_y * s.out_x;
  at::Tensor out =
      at::empty({images, outputs_, s.out_y, s.out_x}, in.options(), at::MemoryFormat::ChannelsLast);
  if (out.numel() == 0) return out;
  if (residual.defined() && residual.sizes() != out.sizes())
    return at::add(run(input, pads), residual);
  at::Tensor addend;
  if (residual.defined()) addend = residual.contiguous(at::MemoryFormat::ChannelsLast);
  const bool stem =
      stem_weight_.defined() && !addend.defined() && pads == std::array<int64_t, 4>{1, 1, 1, 1};
  const bool pointwise = kernel_y_ == 1 && kernel_x_ == 1 && s.stride_y == 1 && s.stride_x == 1 &&
                         pads == std::array<int64_t, 4>{0, 0, 0, 0};
  size_t function = 2 * tile_ + (pointwise ? 0 : 1);
  int64_t outputs_a_block = kTiles[std::min(tile_, std::size(kTiles) - 1)].outputs;
  if (odd_) {
    function = kFirstOdd + tile_;
    outputs_a_block = kOddTiles[tile_] * 8;
  }
  s.output_tiles = narrow(weight_.size(0) / outputs_a_block);
  int64_t blocks = (s.pixels + kPixels - 1) / kPixels * s.output_tiles;
  if (stem) {
    function =
        kFirstStem + fitting(std::begin(kStemTiles), std::end(kStemTiles), (outputs_ + 7) / 8);
    blocks = images * s.out_y * ((s.out_x + kPixels - 1) / kPixels);
  }
  const void* data[] = {
      in.const_data_ptr(), stem ? stem_weight_.const_data_ptr() : weight_.const_data_ptr(),
      bias_.const_data_ptr(), addend.defined() ? addend.const_data_ptr() : nullptr};
  void* to = out.mutable_data_ptr();
  program()->launch(function, in.device(), {static_cast<unsigned>(narrow(blocks)), 1},
                    odd_ && !stem ? kOddThreads : kThreads,
                    {&data[0], &data[1], &data[2], &data[3], &to, &s});
  return out;
}

}  // namespace pdf2md::models::cuda
