#include "models/cuda/convolution.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// A block computes 128 output pixels by TILES × 8 output channels; a warp, 16 of the pixels. Along the
// depth (kernel rows, kernel columns, input channels) it goes in steps of 32: while the tensor cores
// work on one step out of shared memory, the next is on its way into registers.
constexpr char kSource[] = R"(
struct Shape {
  int in_y, in_x, inputs, out_y, out_x, outputs;
  int kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
  int depth, activation;
  long long pixels;
};

constexpr int kPixels = 128, kStep = 32, kThreads = 256;
constexpr int kRow = kStep + 8;  // of shared memory: rows fall into different banks

template <bool kVectors>
__device__ __forceinline__ uint4 eight_inputs(const unsigned short* image, int y0, int x0, int k,
                                              const Shape& s) {
  uint4 out = make_uint4(0, 0, 0, 0);
  if (kVectors) {
    const int tap = k / s.inputs, channel = k % s.inputs;
    const int ky = tap / s.kernel_x;
    const int y = y0 + ky * s.dilation_y, x = x0 + (tap - ky * s.kernel_x) * s.dilation_x;
    if (ky < s.kernel_y && (unsigned)y < (unsigned)s.in_y && (unsigned)x < (unsigned)s.in_x)
      out = *(const uint4*)(image + ((size_t)y * s.in_x + x) * s.inputs + channel);
    return out;
  }
  unsigned short values[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const int tap = (k + i) / s.inputs, channel = (k + i) % s.inputs;
    const int ky = tap / s.kernel_x;
    const int y = y0 + ky * s.dilation_y, x = x0 + (tap - ky * s.kernel_x) * s.dilation_x;
    const bool inside =
        ky < s.kernel_y && (unsigned)y < (unsigned)s.in_y && (unsigned)x < (unsigned)s.in_x;
    values[i] = inside ? image[((size_t)y * s.in_x + x) * s.inputs + channel] : (unsigned short)0;
  }
  out.x = values[0] | (unsigned)values[1] << 16;
  out.y = values[2] | (unsigned)values[3] << 16;
  out.z = values[4] | (unsigned)values[5] << 16;
  out.w = values[6] | (unsigned)values[7] << 16;
  return out;
}

__device__ __forceinline__ unsigned pair_at(const unsigned short* p) { return *(const unsigned*)p; }

template <int TILES, bool kVectors>
__device__ __forceinline__ void convolve(const unsigned short* input, const unsigned short* weight,
                                         const float* bias, unsigned short* output,
                                         const Shape& s) {
#if __CUDA_ARCH__ >= 800
  __shared__ __align__(16) unsigned short pixels[kPixels * kRow];
  __shared__ __align__(16) unsigned short weights[TILES * 8 * kRow];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int group = lane / 4, quad = lane % 4;
  const long long first = (long long)blockIdx.x * kPixels;
  const int first_output = blockIdx.y * TILES * 8;

  // What this thread loads of each step: 8 numbers of each of two pixels, and 8 weights.
  const int row = threadIdx.x / 4, column = threadIdx.x % 4 * 8;
  int y0[2], x0[2];
  const unsigned short* image[2];
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const long long pixel = first + row + i * 64;
    const int area = s.out_y * s.out_x;
    const long long which = pixel / area;
    const int rest = (int)(pixel - which * area), y = rest / s.out_x;
    y0[i] = pixel < s.pixels ? y * s.stride_y - s.pad_y : -0x10000000;
    x0[i] = (rest - y * s.out_x) * s.stride_x - s.pad_x;
    image[i] = input + (pixel < s.pixels ? which : 0) * s.in_y * s.in_x * s.inputs;
  }
  const bool loads_weights = row < TILES * 8;
  const unsigned short* my_weights = weight + (size_t)(first_output + row) * s.depth + column;

  uint4 next[2], next_weights = make_uint4(0, 0, 0, 0);
  next[0] = eight_inputs<kVectors>(image[0], y0[0], x0[0], column, s);
  next[1] = eight_inputs<kVectors>(image[1], y0[1], x0[1], column, s);
  if (loads_weights) next_weights = *(const uint4*)my_weights;

  float sums[TILES][4];
#pragma unroll
  for (int n = 0; n < TILES; ++n) sums[n][0] = sums[n][1] = sums[n][2] = sums[n][3] = 0.0f;

  for (int k = 0; k < s.depth; k += kStep) {
    __syncthreads();
    *(uint4*)(pixels + row * kRow + column) = next[0];
    *(uint4*)(pixels + (row + 64) * kRow + column) = next[1];
    if (loads_weights) *(uint4*)(weights + row * kRow + column) = next_weights;
    __syncthreads();
    if (k + kStep < s.depth) {
      next[0] = eight_inputs<kVectors>(image[0], y0[0], x0[0], k + kStep + column, s);
      next[1] = eight_inputs<kVectors>(image[1], y0[1], x0[1], k + kStep + column, s);
      if (loads_weights) next_weights = *(const uint4*)(my_weights + k + kStep);
    }
#pragma unroll
    for (int at = 0; at < kStep; at += 16) {
      const unsigned short* a = pixels + (warp * 16 + group) * kRow + at + quad * 2;
      const unsigned a0 = pair_at(a), a1 = pair_at(a + 8 * kRow), a2 = pair_at(a + 8),
                     a3 = pair_at(a + 8 * kRow + 8);
#pragma unroll
      for (int n = 0; n < TILES; ++n) {
        const unsigned short* b = weights + (n * 8 + group) * kRow + at + quad * 2;
        const unsigned b0 = pair_at(b), b1 = pair_at(b + 8);
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3},"
            " {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(sums[n][0]), "+f"(sums[n][1]), "+f"(sums[n][2]), "+f"(sums[n][3])
            : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
      }
    }
  }

#pragma unroll
  for (int n = 0; n < TILES; ++n) {
    const int channel = first_output + n * 8 + quad * 2;
    if (channel >= s.outputs) continue;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const long long pixel = first + warp * 16 + group + i * 8;
      if (pixel >= s.pixels) continue;
      float2 value;
      value.x = activated(sums[n][2 * i] + bias[channel], s.activation);
      value.y = activated(sums[n][2 * i + 1] + bias[channel + 1], s.activation);
      unsigned short* to = output + pixel * s.outputs + channel;
      const unsigned both = packed(value);
      if (s.outputs % 2 == 0) {
        *(unsigned*)to = both;
      } else {
        to[0] = (unsigned short)both;
        if (channel + 1 < s.outputs) to[1] = (unsigned short)(both >> 16);
      }
    }
  }
#endif
}
)";

// Of 8 outputs a block.
constexpr int64_t kTiles[] = {2, 3, 4, 6, 8};
constexpr int64_t kStep = 32, kPixels = 128;  // as in the source
constexpr unsigned kThreads = 256;

struct Shape {  // as in the source
  int in_y, in_x, inputs, out_y, out_x, outputs;
  int kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
  int depth, activation;
  long long pixels;
};

std::string name_of(int64_t tiles, bool vectors) {
  return "convolve_" + std::to_string(tiles) + (vectors ? "_vectors" : "_scalars");
}

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

}  // namespace

std::vector<char> compile_convolution(int device) {
  if (!has_half_tensor_cores(device)) return {};
  std::string source = std::string(kCommonSource) + kSource;
  for (int64_t tiles : kTiles) {
    for (bool vectors : {false, true}) {
      source.append("extern \"C\" __global__ void __launch_bounds__(256) ");
      source.append(name_of(tiles, vectors));
      source.append(
          "(const unsigned short* input, const unsigned short* weight, const float* bias, "
          "unsigned short* output, Shape s) {\n  convolve<");
      source.append(std::to_string(tiles)).append(vectors ? ", true" : ", false");
      source.append(">(input, weight, bias, output, s);\n}\n");
    }
  }
  return compile(source, device);
}

void load_convolution(const std::vector<char>& code) {
  if (code.empty()) return;
  std::vector<std::string> names;
  for (int64_t tiles : kTiles) {
    for (bool vectors : {false, true}) names.push_back(name_of(tiles, vectors));
  }
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
      dilations_(dilations) {
  const int64_t wanted = (outputs_ + 7) / 8;
  const int64_t* fits = std::find_if(std::begin(kTiles), std::end(kTiles) - 1,
                                     [&](int64_t tiles) { return tiles >= wanted; });
  tiles_ = *fits;
  const int64_t depth = kernel_y_ * kernel_x_ * inputs_;
  const int64_t rows = rounded_up(outputs_, tiles_ * 8);
  depth_ = rounded_up(depth, kStep);
  weight_ = at::zeros({rows, depth_}, weight.options().dtype(at::kHalf));
  weight_.narrow(0, 0, outputs_)
      .narrow(1, 0, depth)
      .copy_(weight.permute({0, 2, 3, 1}).reshape({outputs_, depth}));
  bias_ = at::zeros({rows}, weight.options().dtype(at::kFloat));
  if (bias) bias_.narrow(0, 0, outputs_).copy_(*bias);
}

at::Tensor DenseConvolution::run(const at::Tensor& input,
                                 const std::array<int64_t, 4>& pads) const {
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
  // Eight channels are one load where they lie so.
  const bool vectors = inputs_ % 8 == 0;
  const size_t which = static_cast<size_t>(std::find(std::begin(kTiles), std::end(kTiles), tiles_) -
                                           std::begin(kTiles));
  const void* data[] = {in.const_data_ptr(), weight_.const_data_ptr(), bias_.const_data_ptr()};
  void* to = out.mutable_data_ptr();
  program()->launch(2 * which + (vectors ? 1 : 0), in.device(),
                    {static_cast<unsigned>(narrow((s.pixels + kPixels - 1) / kPixels)),
                     static_cast<unsigned>(weight_.size(0) / (tiles_ * 8))},
                    kThreads, {&data[0], &data[1], &data[2], &to, &s});
  return out;
}

}  // namespace pdf2md::models::cuda
