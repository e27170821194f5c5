#include "models/cuda/gate.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// Three kernels: the sums of slices of an image, the factors of an image, the product.
constexpr char kSource[] = R"(
constexpr int kThreads = 256, kMost = 1024;

__device__ __forceinline__ void add(float (&sums)[8], uint4 v) {
  const float2 a = unpacked(v.x), b = unpacked(v.y), c = unpacked(v.z), d = unpacked(v.w);
  sums[0] += a.x, sums[1] += a.y, sums[2] += b.x, sums[3] += b.y;
  sums[4] += c.x, sums[5] += c.y, sums[6] += d.x, sums[7] += d.y;
}

// A thread sums up eight channels of every so many pixels of its slice.
extern "C" __global__ void __launch_bounds__(kThreads)
slice_sums(const uint4* input, float* sums_of_slices, int pixels, int vectors, int slice) {
  __shared__ float shared[kThreads * 8];
  const int rows = kThreads / vectors, row = threadIdx.x / vectors, vector = threadIdx.x % vectors;
  const uint4* image = input + (size_t)blockIdx.y * pixels * vectors;
  const int begin = blockIdx.x * slice, end = min(begin + slice, pixels);
  float sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  if (row < rows) {
    for (int pixel = begin + row; pixel < end; pixel += rows)
      add(sums, image[(size_t)pixel * vectors + vector]);
  }
#pragma unroll
  for (int k = 0; k < 8; ++k) shared[threadIdx.x * 8 + k] = sums[k];
  __syncthreads();
  float* to = sums_of_slices + ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * vectors * 8;
  for (int c = threadIdx.x; c < vectors * 8; c += kThreads) {
    float sum = 0.0f;
    for (int r = 0; r < rows; ++r) sum += shared[r * vectors * 8 + c];
    to[c] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
factors(const float* sums_of_slices, const float* first, const float* first_bias, const float* second,
        const float* second_bias, float* output, int slices, int pixels, int channels, int hidden,
        float alpha, float beta, float more) {
  __shared__ float means[kMost], inner[kMost];
  const float* sums = sums_of_slices + (size_t)blockIdx.x * slices * channels;
  for (int c = threadIdx.x; c < channels; c += kThreads) {
    float sum = 0.0f;
    for (int i = 0; i < slices; ++i) sum += sums[(size_t)i * channels + c];
    means[c] = sum / pixels;
  }
  __syncthreads();
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int h = warp; h < hidden; h += kThreads / 32) {
    float sum = 0.0f;
    for (int c = lane; c < channels; c += 32) sum = fmaf(first[h * channels + c], means[c], sum);
    for (int half = 16; half > 0; half /= 2) sum += __shfl_xor_sync(0xffffffff, sum, half);
    if (lane == 0) inner[h] = fmaxf(sum + first_bias[h], 0.0f);
  }
  __syncthreads();
  for (int c = threadIdx.x; c < channels; c += kThreads) {
    float sum = second_bias[c];
    for (int h = 0; h < hidden; ++h) sum = fmaf(second[h * channels + c], inner[h], sum);
    output[(size_t)blockIdx.x * channels + c] =
        fminf(fmaxf(fmaf(sum, alpha, beta), 0.0f), 1.0f) + more;
  }
}

__device__ __forceinline__ unsigned scaled(unsigned pair, float x, float y) {
  const float2 v = unpacked(pair);
  return packed(make_float2(v.x * x, v.y * y));
}

extern "C" __global__ void __launch_bounds__(kThreads)
scale(const uint4* input, const float4* factors, uint4* output, int pixels, int vectors) {
  const unsigned at = blockIdx.x * kThreads + threadIdx.x;
  if (at >= (unsigned)pixels * vectors) return;
  const float4* by = factors + ((size_t)blockIdx.y * vectors + at % vectors) * 2;
  const float4 low = by[0], high = by[1];
  const size_t where = (size_t)blockIdx.y * pixels * vectors + at;
  const uint4 v = input[where];
  output[where] = make_uint4(scaled(v.x, low.x, low.y), scaled(v.y, low.z, low.w),
                             scaled(v.z, high.x, high.y), scaled(v.w, high.z, high.w));
}
)";

enum Function : size_t { kSliceSums, kFactors, kScale };
constexpr unsigned kThreads = 256;                 // as in the source
constexpr int64_t kMost = 1024;                    // likewise: channels
constexpr int64_t kMostSlices = 64, kSlice = 256;  // pixels a slice, unless there were too many

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

at::Tensor single(const at::Tensor& tensor) {
  return tensor.to(at::kFloat).contiguous();
}

}  // namespace

std::vector<char> compile_gate(int device) {
  return compile(std::string(kCommonSource) + kSource, device);
}

void load_gate(const std::vector<char>& code) {
  program() = std::make_unique<const Program>(
      code, std::vector<std::string>{"slice_sums", "factors", "scale"});
}

bool Gate::has(int64_t channels, int64_t hidden) {
  return program() != nullptr && channels % 8 == 0 && channels <= kMost && hidden <= kMost;
}

Gate::Gate(const at::Tensor& first, const at::Tensor& first_bias, const at::Tensor& second,
           const at::Tensor& second_bias, double alpha, double beta, double more)
    : first_(single(first.flatten(1))),
      first_bias_(single(first_bias)),
      second_(single(second.flatten(1).t())),
      second_bias_(single(second_bias)),
      alpha_(static_cast<float>(alpha)),
      beta_(static_cast<float>(beta)),
      more_(static_cast<float>(more)) {}

at::Tensor Gate::factors(const at::Tensor& input) const {
  const at::Tensor in = input.contiguous(at::MemoryFormat::ChannelsLast);
  int channels = static_cast<int>(first_.size(1)), hidden = static_cast<int>(first_.size(0));
  TORCH_CHECK(in.dim() == 4 && in.size(1) == channels && in.scalar_type() == at::kHalf &&
                  in.numel() > 0 && in.size(0) <= 65'535 &&
                  in.size(2) * in.size(3) <= std::numeric_limits<int>::max() / channels,
              "a gate of ", channels, " channels is given ", in.sizes());
  int pixels = static_cast<int>(in.size(2) * in.size(3)), vectors = channels / 8;
  int slice = std::max(static_cast<int>(kSlice),
                       static_cast<int>((pixels + kMostSlices - 1) / kMostSlices));
  int slices = (pixels + slice - 1) / slice;
  const unsigned images = static_cast<unsigned>(in.size(0));
  const at::Tensor sums = at::empty({in.size(0), slices, channels}, first_.options());
  at::Tensor out = at::empty({in.size(0), channels}, first_.options());
  const void* from = in.const_data_ptr();
  void* to = sums.mutable_data_ptr();
  program()->launch(kSliceSums, in.device(), {static_cast<unsigned>(slices), images}, kThreads,
                    {&from, &to, &pixels, &vectors, &slice});
  const void* data[] = {sums.const_data_ptr(), first_.const_data_ptr(),
                        first_bias_.const_data_ptr(), second_.const_data_ptr(),
                        second_bias_.const_data_ptr()};
  void* factor = out.mutable_data_ptr();
  float alpha = alpha_, beta = beta_, more = more_;
  program()->launch(kFactors, in.device(), {images, 1}, kThreads,
                    {&data[0], &data[1], &data[2], &data[3], &data[4], &factor, &slices, &pixels,
                     &channels, &hidden, &alpha, &beta, &more});
  return out;
}

at::Tensor Gate::run(const at::Tensor& input) const {
  const at::Tensor in = input.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor by = factors(in);
  at::Tensor out = at::empty_like(in);
  int pixels = static_cast<int>(in.size(2) * in.size(3)),
      vectors = static_cast<int>(in.size(1) / 8);
  const void* data[] = {in.const_data_ptr(), by.const_data_ptr()};
  void* to = out.mutable_data_ptr();
  const unsigned blocks =
      static_cast<unsigned>((int64_t{pixels} * vectors + kThreads - 1) / kThreads);
  program()->launch(kScale, in.device(), {blocks, static_cast<unsigned>(in.size(0))}, kThreads,
                    {&data[0], &data[1], &to, &pixels, &vectors});
  return out;
}

}  // namespace pdf2md::models::cuda
