#include "models/cuda/depthwise.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// One thread computes two channels (which lie beside each other) of a strip of outputs along a row,
// so that an input is loaded once for all outputs of the strip that it reaches. Threads that lie
// beside each other take channels beside each other: their loads are one.
constexpr char kSource[] = R"(
struct Shape {
  int in_y, in_x, out_y, out_x, pairs, strips, stride_y, pad_y, pad_x, activation;
};

template <int KY, int KX, int SX, int STRIP>
__device__ void depthwise(const unsigned* input, const unsigned* weight, const float2* bias,
                          unsigned* output, const Shape& s) {
  const int at = blockIdx.y * blockDim.x + threadIdx.x;
  if (at >= s.strips * s.pairs) return;
  const int pair = at % s.pairs, x0 = at / s.pairs * STRIP;
  const int image = blockIdx.x / s.out_y, y = blockIdx.x % s.out_y;
  float2 sums[STRIP];
#pragma unroll
  for (int i = 0; i < STRIP; ++i) sums[i] = bias[pair];
#pragma unroll 1
  for (int ky = 0; ky < KY; ++ky) {
    const int in_y = y * s.stride_y - s.pad_y + ky;
    if (in_y < 0 || in_y >= s.in_y) continue;
    const unsigned* row = input + ((size_t)image * s.in_y + in_y) * s.in_x * s.pairs + pair;
    float2 taps[KX];
#pragma unroll
    for (int kx = 0; kx < KX; ++kx) taps[kx] = unpacked(weight[(ky * KX + kx) * s.pairs + pair]);
#pragma unroll
    for (int j = 0; j < (STRIP - 1) * SX + KX; ++j) {
      const int in_x = x0 * SX - s.pad_x + j;
      const bool inside = in_x >= 0 && in_x < s.in_x;
      const float2 value = unpacked(inside ? row[(size_t)in_x * s.pairs] : 0u);
#pragma unroll
      for (int i = 0; i < STRIP; ++i) {
        const int kx = j - i * SX;
        if (kx < 0 || kx >= KX) continue;
        sums[i].x = fmaf(value.x, taps[kx].x, sums[i].x);
        sums[i].y = fmaf(value.y, taps[kx].y, sums[i].y);
      }
    }
  }
  unsigned* to = output + ((size_t)blockIdx.x * s.out_x + x0) * s.pairs + pair;
#pragma unroll
  for (int i = 0; i < STRIP; ++i) {
    if (x0 + i >= s.out_x) break;
    sums[i].x = activated(sums[i].x, s.activation);
    sums[i].y = activated(sums[i].y, s.activation);
    to[(size_t)i * s.pairs] = packed(sums[i]);
  }
}
)";

struct Variant {
  int64_t kernel_y, kernel_x, stride_x;
  int64_t strip;  // outputs a thread
};
constexpr Variant kVariants[] = {{3, 3, 1, 8}, {3, 3, 2, 4}, {5, 5, 1, 8},
                                 {5, 5, 2, 4}, {7, 7, 1, 8}, {1, 7, 1, 8}};
constexpr unsigned kThreads = 128;
constexpr int64_t kMostGridY = 65'535;

struct Shape {  // as in the source
  int in_y, in_x, out_y, out_x, pairs, strips, stride_y, pad_y, pad_x, activation;
};

const Variant* variant_of(const DepthwiseShape& shape) {
  const Variant* found =
      std::find_if(std::begin(kVariants), std::end(kVariants), [&](const Variant& v) {
        return v.kernel_y == shape.kernel_y && v.kernel_x == shape.kernel_x &&
               v.stride_x == shape.stride_x;
      });
  return found == std::end(kVariants) ? nullptr : found;
}

std::string name_of(size_t variant) {
  return "depthwise_" + std::to_string(variant);
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

}  // namespace

std::vector<char> compile_depthwise(int device) {
  std::string source = std::string(kCommonSource) + kSource;
  for (size_t i = 0; i < std::size(kVariants); ++i) {
    const Variant& v = kVariants[i];
    std::string arguments;
    for (int64_t value : {v.kernel_y, v.kernel_x, v.stride_x, v.strip})
      arguments.append(arguments.empty() ? "" : ", ").append(std::to_string(value));
    source.append("extern \"C\" __global__ void ").append(name_of(i));
    source.append(
        "(const unsigned* input, const unsigned* weight, const float2* bias, unsigned* output, "
        "Shape s) {\n  depthwise<");
    source.append(arguments).append(">(input, weight, bias, output, s);\n}\n");
  }
  return compile(source, device);
}

void load_depthwise(const std::vector<char>& code) {
  std::vector<std::string> names;
  for (size_t i = 0; i < std::size(kVariants); ++i) names.push_back(name_of(i));
  program() = std::make_unique<const Program>(code, names);
}

bool Depthwise::has(const DepthwiseShape& shape, const std::string& activation, int64_t channels) {
  return channels % 2 == 0 && variant_of(shape) != nullptr && activation_number(activation) >= 0;
}

Depthwise::Depthwise(const DepthwiseShape& shape, const std::string& activation,
                     const at::Tensor& weight, const std::optional<at::Tensor>& bias)
    : shape_(shape),
      function_(static_cast<size_t>(variant_of(shape) - kVariants)),
      activation_(activation_number(activation)) {
  weight_ = weight.squeeze(1).permute({1, 2, 0}).to(at::kHalf).contiguous();
  bias_ = bias ? bias->to(at::kFloat).contiguous()
               : at::zeros({weight.size(0)}, weight.options().dtype(at::kFloat));
}

at::Tensor Depthwise::run(const at::Tensor& input, const std::array<int64_t, 4>& pads) const {
  const at::Tensor in = input.contiguous(at::MemoryFormat::ChannelsLast);
  const int64_t channels = weight_.size(2);
  TORCH_CHECK(in.dim() == 4 && in.size(1) == channels && in.scalar_type() == at::kHalf,
              "a depthwise convolution of ", channels, " channels is given ", in.sizes());
  Shape s{};
  s.in_y = narrow(in.size(2));
  s.in_x = narrow(in.size(3));
  s.out_y = narrow((in.size(2) + pads[0] + pads[1] - shape_.kernel_y) / shape_.stride_y + 1);
  s.out_x = narrow((in.size(3) + pads[2] + pads[3] - shape_.kernel_x) / shape_.stride_x + 1);
  const int64_t strip = kVariants[function_].strip;
  s.pairs = narrow(channels / 2);
  s.strips = narrow((s.out_x + strip - 1) / strip);
  s.stride_y = narrow(shape_.stride_y);
  s.pad_y = narrow(pads[0]);
  s.pad_x = narrow(pads[2]);
  s.activation = activation_;
  at::Tensor out = at::empty({in.size(0), channels, s.out_y, s.out_x}, in.options(),
                             at::MemoryFormat::ChannelsLast);
  if (out.numel() == 0) return out;
  const int64_t blocks = (int64_t{s.strips} * s.pairs + kThreads - 1) / kThreads;
  TORCH_CHECK(blocks <= kMostGridY, "a row of ", s.out_x, " outputs is too long");
  const void* data[] = {in.const_data_ptr(), weight_.const_data_ptr(), bias_.const_data_ptr()};
  void* to = out.mutable_data_ptr();
  TORCH_CHECK(program() != nullptr, "the device was not opened");
  program()->launch(
      function_, in.device(),
      {static_cast<unsigned>(narrow(in.size(0) * s.out_y)), static_cast<unsigned>(blocks)},
      kThreads, {&data[0], &data[1], &data[2], &to, &s});
  return out;
}

}  // namespace pdf2md::models::cuda
