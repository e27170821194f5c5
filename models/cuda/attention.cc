#include "models/cuda/attention.h"

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// A block does one head of one row; a thread, one query, in one pass over keys and values, which lie in
// shared memory. They are few: the tensor cores would wait for the softmax.
constexpr char kSource[] = R"(
constexpr int kMostSteps = 256, kMostChannels = 16;

extern "C" __global__ void __launch_bounds__(256)
attention(const unsigned short* input, unsigned short* output, int steps, int heads, int channels,
          float scale) {
  __shared__ __align__(16) float keys[kMostSteps * kMostChannels], values[kMostSteps * kMostChannels];
  const int head = blockIdx.x, width = heads * channels;
  const unsigned short* row = input + (size_t)blockIdx.y * steps * 3 * width + head * channels;
  for (int i = threadIdx.x; i < steps * kMostChannels; i += blockDim.x) {
    const int step = i / kMostChannels, c = i % kMostChannels;
    const unsigned short* from = row + (size_t)step * 3 * width + c;
    keys[i] = c < channels ? unpacked(from[width]).x : 0.0f;
    values[i] = c < channels ? unpacked(from[2 * width]).x : 0.0f;
  }
  __syncthreads();
  const int step = threadIdx.x;
  if (step >= steps) return;
  float query[kMostChannels], sums[kMostChannels];
#pragma unroll
  for (int c = 0; c < kMostChannels; ++c) {
    query[c] = c < channels ? unpacked(row[(size_t)step * 3 * width + c]).x * scale : 0.0f;
    sums[c] = 0.0f;
  }
  float most = -3.4e38f, total = 0.0f;
  for (int k = 0; k < steps; ++k) {
    const float4* key = (const float4*)(keys + k * kMostChannels);
    float product = 0.0f;
#pragma unroll
    for (int c = 0; c < kMostChannels / 4; ++c) {
      const float4 part = key[c];
      product = fmaf(query[4 * c], part.x, product);
      product = fmaf(query[4 * c + 1], part.y, product);
      product = fmaf(query[4 * c + 2], part.z, product);
      product = fmaf(query[4 * c + 3], part.w, product);
    }
    if (product > most) {
      const float smaller = __expf(most - product);
      total *= smaller;
#pragma unroll
      for (int c = 0; c < kMostChannels; ++c) sums[c] *= smaller;
      most = product;
    }
    const float weight = __expf(product - most);
    total += weight;
    const float4* value = (const float4*)(values + k * kMostChannels);
#pragma unroll
    for (int c = 0; c < kMostChannels / 4; ++c) {
      const float4 part = value[c];
      sums[4 * c] = fmaf(weight, part.x, sums[4 * c]);
      sums[4 * c + 1] = fmaf(weight, part.y, sums[4 * c + 1]);
      sums[4 * c + 2] = fmaf(weight, part.z, sums[4 * c + 2]);
      sums[4 * c + 3] = fmaf(weight, part.w, sums[4 * c + 3]);
    }
  }
  unsigned short* to = output + ((size_t)blockIdx.y * steps + step) * width + head * channels;
#pragma unroll
  for (int c = 0; c < kMostChannels; ++c) {
    if (c < channels) to[c] = (unsigned short)packed(make_float2(sums[c] / total, 0.0f));
  }
}
)";

constexpr int64_t kMostSteps = 256, kMostChannels = 16;  // as in the source

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

}  // namespace

std::vector<char> compile_attention(int device) {
  return compile(std::string(kCommonSource) + kSource, device);
}

void load_attention(const std::vector<char>& code) {
  program() = std::make_unique<const Program>(code, std::vector<std::string>{"attention"});
}

bool has_attention(int64_t steps, int64_t channels_a_head) {
  return program() != nullptr && steps <= kMostSteps && channels_a_head <= kMostChannels;
}

at::Tensor attention(const at::Tensor& input, int64_t heads, double scale) {
  const at::Tensor in = input.contiguous();
  TORCH_CHECK(in.dim() == 3 && in.size(2) % (3 * heads) == 0 && in.scalar_type() == at::kHalf &&
                  has_attention(in.size(1), in.size(2) / 3 / heads) && in.size(0) <= 65'535,
              "attention with ", heads, " heads is given ", in.sizes());
  int steps = static_cast<int>(in.size(1)), head_count = static_cast<int>(heads);
  int channels = static_cast<int>(in.size(2) / 3 / heads);
  float factor = static_cast<float>(scale);
  at::Tensor out = at::empty({in.size(0), in.size(1), in.size(2) / 3}, in.options());
  if (out.numel() == 0) return out;
  const void* from = in.const_data_ptr();
  void* to = out.mutable_data_ptr();
  program()->launch(0, in.device(),
                    {static_cast<unsigned>(head_count), static_cast<unsigned>(in.size(0))},
                    static_cast<unsigned>((steps + 31) / 32 * 32),
                    {&from, &to, &steps, &head_count, &channels, &factor});
  return out;
}

}  // namespace pdf2md::models::cuda
