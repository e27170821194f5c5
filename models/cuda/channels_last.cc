#include "models/cuda/channels_last.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

constexpr char kSource[] = R"(
struct Pool {
  int in_y, in_x, out_y, out_x, pairs, kernel_y, kernel_x, stride_y, stride_x, pad_y, pad_x;
  long long outputs;
};

// Two channels a thread.
extern "C" __global__ void max_pool(const unsigned* input, unsigned* output, Pool s) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= s.outputs) return;
  const int pair = (int)(at % s.pairs);
  const long long pixel = at / s.pairs;
  const int x = (int)(pixel % s.out_x);
  const long long line = pixel / s.out_x;
  const int y = (int)(line % s.out_y);
  const unsigned* image = input + line / s.out_y * s.in_y * s.in_x * s.pairs + pair;
  float2 most = make_float2(-3.4e38f, -3.4e38f);
  for (int ky = 0; ky < s.kernel_y; ++ky) {
    const int in_y = y * s.stride_y - s.pad_y + ky;
    if ((unsigned)in_y >= (unsigned)s.in_y) continue;
    for (int kx = 0; kx < s.kernel_x; ++kx) {
      const int in_x = x * s.stride_x - s.pad_x + kx;
      if ((unsigned)in_x >= (unsigned)s.in_x) continue;
      const float2 value = unpacked(image[((size_t)in_y * s.in_x + in_x) * s.pairs]);
      most.x = fmaxf(most.x, value.x);
      most.y = fmaxf(most.y, value.y);
    }
  }
  output[at] = packed(most);
}

// Four numbers a thread, of `quads` of a pixel, to `offset` of the `out_quads` of the joined pixel.
extern "C" __global__ void join(const uint2* input, uint2* output, int quads, int out_quads,
                                int offset, long long count) {
  const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= count) return;
  const long long pixel = at / quads;
  output[pixel * out_quads + offset + (at - pixel * quads)] = input[at];
}
)";

enum Function : size_t { kMaxPool, kJoin };
constexpr unsigned kThreads = 256;

struct Pool {  // as in the source
  int in_y, in_x, out_y, out_x, pairs, kernel_y, kernel_x, stride_y, stride_x, pad_y, pad_x;
  long long outputs;
};

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

const Program& loaded() {
  TORCH_CHECK(program() != nullptr, "the device was not opened");
  return *program();
}

unsigned blocks_for(int64_t threads) {
  const int64_t blocks = (threads + kThreads - 1) / kThreads;
  TORCH_CHECK(blocks <= std::numeric_limits<int>::max(), "a tensor is too large");
  return static_cast<unsigned>(blocks);
}

}  // namespace

std::vector<char> compile_channels_last(int device) {
  return compile(std::string(kCommonSource) + kSource, device);
}

void load_channels_last(const std::vector<char>& code) {
  program() = std::make_unique<const Program>(code, std::vector<std::string>{"max_pool", "join"});
}

at::Tensor max_pool(const at::Tensor& input, const std::array<int64_t, 2>& kernel,
                    const std::array<int64_t, 2>& strides, const std::array<int64_t, 4>& pads) {
  const at::Tensor in = input.contiguous(at::MemoryFormat::ChannelsLast);
  TORCH_CHECK(in.dim() == 4 && in.scalar_type() == at::kHalf && in.size(1) % 2 == 0,
              "a pooling is given ", in.sizes());
  const int64_t out_y = (in.size(2) + pads[0] + pads[1] - kernel[0]) / strides[0] + 1;
  const int64_t out_x = (in.size(3) + pads[2] + pads[3] - kernel[1]) / strides[1] + 1;
  at::Tensor out = at::empty({in.size(0), in.size(1), out_y, out_x}, in.options(),
                             at::MemoryFormat::ChannelsLast);
  if (out.numel() == 0) return out;
  Pool s{
      static_cast<int>(in.size(2)), static_cast<int>(in.size(3)),     static_cast<int>(out_y),
      static_cast<int>(out_x),      static_cast<int>(in.size(1) / 2), static_cast<int>(kernel[0]),
      static_cast<int>(kernel[1]),  static_cast<int>(strides[0]),     static_cast<int>(strides[1]),
      static_cast<int>(pads[0]),    static_cast<int>(pads[2]),        out.numel() / 2};
  const void* from = in.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(kMaxPool, in.device(), {blocks_for(s.outputs), 1}, kThreads, {&from, &to, &s});
  return out;
}

bool can_join_channels(const std::vector<at::Tensor>& parts, int64_t axis) {
  return axis == 1 && std::all_of(parts.begin(), parts.end(), [&](const at::Tensor& part) {
           return part.is_cuda() && part.dim() == 4 && part.scalar_type() == at::kHalf &&
                  part.size(1) % 4 == 0 && part.size(0) == parts[0].size(0) &&
                  part.size(2) == parts[0].size(2) && part.size(3) == parts[0].size(3);
         });
}

at::Tensor join_channels(const std::vector<at::Tensor>& parts) {
  int64_t channels = 0;
  for (const at::Tensor& part : parts) channels += part.size(1);
  at::Tensor out = at::empty({parts[0].size(0), channels, parts[0].size(2), parts[0].size(3)},
                             parts[0].options(), at::MemoryFormat::ChannelsLast);
  int offset = 0;
  for (const at::Tensor& part : parts) {
    const at::Tensor in = part.contiguous(at::MemoryFormat::ChannelsLast);
    if (in.numel() == 0) continue;
    int quads = static_cast<int>(in.size(1) / 4), out_quads = static_cast<int>(channels / 4);
    long long count = in.numel() / 4;
    const void* from = in.const_data_ptr();
    void* to = out.mutable_data_ptr();
    loaded().launch(kJoin, in.device(), {blocks_for(count), 1}, kThreads,
                    {&from, &to, &quads, &out_quads, &offset, &count});
    offset += quads;
  }
  return out;
}

}  // namespace pdf2md::models::cuda
