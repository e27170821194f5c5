#include "models/cuda/best_class.h"

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"
#include "models/cuda/tensor_core_source.h"

namespace pdf2md::models::cuda {
namespace {

// A block does 128 steps and a part of the classes, 64 at a time: its inputs stay in registers, the
// weights go by in shared memory. A thread keeps the best and the sum of exponentials of the classes that
// it sees; in the end those of one step are put together, then the parts. There are always as many
// parts: more for fewer steps would be another order of sums.
constexpr char kSource[] = R"(
constexpr int kSteps = 128, kClasses = 64, kDepth = 128, kStages = 3, kParts = 4, kThreads = 128;
constexpr unsigned kStageBytes = kClasses * kDepth * 2;

struct Best {
  float value, sum;
  int index;
};

__device__ __forceinline__ Best joined(const Best& a, const Best& b) {
  const bool first = a.value > b.value || (a.value == b.value && a.index < b.index);
  Best out = first ? a : b;
  out.sum = a.sum * __expf(a.value - out.value) + b.sum * __expf(b.value - out.value);
  return out;
}

__device__ __forceinline__ unsigned place(int row, int eighth) {
  return row * (kDepth * 2) + ((eighth ^ (row & 7)) * 16);
}

extern "C" __global__ void __launch_bounds__(kThreads)
best_of_part(const half_bits* input, const half_bits* weight, const float* bias, Best* parts,
             int steps, int inputs, int tiles) {
#if __CUDA_ARCH__ >= 800
  __shared__ __align__(128) unsigned char shared[kStages * kStageBytes];
  const unsigned base = shared_address(shared);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, quad = lane % 4;
  const int first = blockIdx.x * kSteps + warp * 32 + lane / 4;
  unsigned a[2][kDepth / 16][4];
#pragma unroll
  for (int m = 0; m < 2; ++m)
#pragma unroll
    for (int k = 0; k < kDepth / 16; ++k)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int step = first + m * 16 + i % 2 * 8, at = k * 16 + quad * 2 + i / 2 * 8;
        a[m][k][i] = step < steps && at < inputs
                         ? *(const unsigned*)(input + (size_t)step * inputs + at) : 0u;
      }
  const int tiles_a_part = (tiles + kParts - 1) / kParts;
  const int begin = blockIdx.y * tiles_a_part, end = min(begin + tiles_a_part, tiles);
  const auto load = [&](int tile) {
    const unsigned stage = base + (unsigned)((tile - begin) % kStages) * kStageBytes;
#pragma unroll
    for (int i = 0; i < kClasses * kDepth / 8 / kThreads; ++i) {
      const int at = i * kThreads + threadIdx.x, row = at / 16, eighth = at % 16;
      fetch(stage + place(row, eighth),
            weight + ((size_t)tile * kClasses + row) * kDepth + eighth * 8, true);
    }
  };
  Best best[2][2];
#pragma unroll
  for (int m = 0; m < 2; ++m) best[m][0] = best[m][1] = Best{-3.0e38f, 0.0f, 0x7fffffff};
  if (begin < end) load(begin);
  end_of_stage();
  if (begin + 1 < end) load(begin + 1);
  end_of_stage();
  const int b_row = lane / 16 * 8 + lane % 8;
  for (int tile = begin; tile < end; ++tile) {
    arrived<kStages - 2>();
    __syncthreads();
    if (tile + kStages - 1 < end) load(tile + kStages - 1);
    end_of_stage();
    const unsigned stage = base + (unsigned)((tile - begin) % kStages) * kStageBytes;
    float sums[2][8][4];
#pragma unroll
    for (int n = 0; n < 8; ++n) {
      const float2 shift = *(const float2*)(bias + tile * kClasses + n * 8 + quad * 2);
#pragma unroll
      for (int m = 0; m < 2; ++m) {
        sums[m][n][0] = sums[m][n][2] = shift.x;
        sums[m][n][1] = sums[m][n][3] = shift.y;
      }
    }
#pragma unroll
    for (int k = 0; k < kDepth / 16; ++k) {
#pragma unroll
      for (int n = 0; n < 8; n += 2) {
        unsigned b[4];
        load_tiles(b, stage + place(b_row + n * 8, k * 2 + lane / 8 % 2));
#pragma unroll
        for (int m = 0; m < 2; ++m) {
          multiply(sums[m][n], a[m][k], b[0], b[1]);
          multiply(sums[m][n + 1], a[m][k], b[2], b[3]);
        }
      }
    }
#pragma unroll
    for (int m = 0; m < 2; ++m)
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        Best& own = best[m][i];
        const float before = own.value;
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            if (sums[m][n][2 * i + e] > own.value) {
              own.value = sums[m][n][2 * i + e];
              own.index = tile * kClasses + n * 8 + quad * 2 + e;
            }
          }
        own.sum *= __expf(before - own.value);
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) own.sum += __expf(sums[m][n][2 * i + e] - own.value);
      }
  }
#pragma unroll
  for (int m = 0; m < 2; ++m)
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      Best own = best[m][i];
#pragma unroll
      for (int other = 1; other < 4; other *= 2) {
        Best theirs;
        theirs.value = __shfl_xor_sync(0xffffffff, own.value, other);
        theirs.sum = __shfl_xor_sync(0xffffffff, own.sum, other);
        theirs.index = __shfl_xor_sync(0xffffffff, own.index, other);
        own = lane & other ? joined(theirs, own) : joined(own, theirs);
      }
      const int step = first + m * 16 + i * 8;
      if (quad == 0 && step < steps) parts[(size_t)blockIdx.y * steps + step] = own;
    }
#endif
}

extern "C" __global__ void best_of_all(const Best* parts, float2* output, int steps) {
  const int step = blockIdx.x * blockDim.x + threadIdx.x;
  if (step >= steps) return;
  Best best = parts[step];
  for (int i = 1; i < kParts; ++i) best = joined(best, parts[(size_t)i * steps + step]);
  output[step] = make_float2((float)best.index, 1.0f / best.sum);
}
)";

enum Function : size_t { kBestOfPart, kBestOfAll };
constexpr int64_t kSteps = 128, kClasses = 64, kDepth = 128, kParts = 4;  // as in the source
constexpr int64_t kBestBytes = 12;
constexpr unsigned kThreads = 128;
constexpr double kNever = -1e30;  // of classes that are none

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

}  // namespace

std::vector<char> compile_best_class(int device) {
  if (!has_half_tensor_cores(device)) return {};
  return compile(std::string(kCommonSource) + kTensorCoreSource + kSource, device);
}

void load_best_class(const std::vector<char>& code) {
  if (code.empty()) return;
  program() = std::make_unique<const Program>(
      code, std::vector<std::string>{"best_of_part", "best_of_all"});
}

bool BestClass::has(int64_t inputs) {
  return program() != nullptr && inputs % 8 == 0 && inputs <= kDepth;
}

BestClass::BestClass(const at::Tensor& weight, const at::Tensor& bias) {
  const int64_t classes = weight.size(0), rows = (classes + kClasses - 1) / kClasses * kClasses;
  weight_ = at::zeros({rows, kDepth}, weight.options().dtype(at::kHalf));
  weight_.narrow(0, 0, classes).narrow(1, 0, weight.size(1)).copy_(weight);
  bias_ = at::full({rows}, kNever, weight.options().dtype(at::kFloat));
  bias_.narrow(0, 0, classes).copy_(bias);
}

at::Tensor BestClass::run(const at::Tensor& input) const {
  const at::Tensor in = input.contiguous();
  TORCH_CHECK(in.dim() == 3 && has(in.size(2)) && in.scalar_type() == at::kHalf &&
                  in.size(0) * in.size(1) <= std::numeric_limits<int>::max() / kParts,
              "the best class of ", in.sizes(), " is asked for");
  int steps = static_cast<int>(in.size(0) * in.size(1)), inputs = static_cast<int>(in.size(2));
  int tiles = static_cast<int>(weight_.size(0) / kClasses);
  at::Tensor out = at::empty({in.size(0), in.size(1), 2}, bias_.options());
  if (steps == 0) return out;
  const at::Tensor parts = at::empty({kParts * steps * kBestBytes}, in.options().dtype(at::kByte));
  const void* data[] = {in.const_data_ptr(), weight_.const_data_ptr(), bias_.const_data_ptr()};
  void* between = parts.mutable_data_ptr();
  program()->launch(kBestOfPart, in.device(),
                    {static_cast<unsigned>((steps + kSteps - 1) / kSteps), kParts}, kThreads,
                    {&data[0], &data[1], &data[2], &between, &steps, &inputs, &tiles});
  void* to = out.mutable_data_ptr();
  program()->launch(kBestOfAll, in.device(),
                    {static_cast<unsigned>((steps + kThreads - 1) / kThreads), 1}, kThreads,
                    {&between, &to, &steps});
  return out;
}

}  // namespace pdf2md::models::cuda
