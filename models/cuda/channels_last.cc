#include "models/cuda/channels_last.h"

#include <algorithm>

#include "models/cuda/common_source.h"
#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// A thread does one vector of channels of one output pixel; an image is one row of the grid, so that
// 32 bits are enough to count in.
constexpr char kSource[] = R"(
struct Window {
  int in_y, in_x, out_y, out_x, vectors, kernel_y, kernel_x, stride_y, stride_x, pad_y, pad_x;
};

__device__ __forceinline__ unsigned greater(unsigned a, unsigned b) {
  const float2 x = unpacked(a), y = unpacked(b);
  return packed(make_float2(fmaxf(x.x, y.x), fmaxf(x.y, y.y)));
}
__device__ __forceinline__ uint2 greater(uint2 a, uint2 b) {
  return make_uint2(greater(a.x, b.x), greater(a.y, b.y));
}
__device__ __forceinline__ uint4 greater(uint4 a, uint4 b) {
  return make_uint4(greater(a.x, b.x), greater(a.y, b.y), greater(a.z, b.z), greater(a.w, b.w));
}
__device__ __forceinline__ void set_lowest(unsigned& v) { v = 0xfbfffbff; }  // -65504 twice
__device__ __forceinline__ void set_lowest(uint4& v) {
  v = make_uint4(0xfbfffbff, 0xfbfffbff, 0xfbfffbff, 0xfbfffbff);
}

template <class Vector>
__device__ __forceinline__ void pool(const Vector* input, Vector* output, const Window& s) {
  const unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= (unsigned)(s.out_y * s.out_x * s.vectors)) return;
  const unsigned pixel = at / s.vectors, vector = at - pixel * s.vectors;
  const int y = pixel / s.out_x, x = pixel - y * s.out_x;
  const Vector* image = input + (size_t)blockIdx.y * s.in_y * s.in_x * s.vectors + vector;
  Vector most;
  set_lowest(most);
  for (int ky = 0; ky < s.kernel_y; ++ky) {
    const int in_y = y * s.stride_y - s.pad_y + ky;
    if ((unsigned)in_y >= (unsigned)s.in_y) continue;
    for (int kx = 0; kx < s.kernel_x; ++kx) {
      const int in_x = x * s.stride_x - s.pad_x + kx;
      if ((unsigned)in_x >= (unsigned)s.in_x) continue;
      most = greater(most, image[(in_y * s.in_x + in_x) * s.vectors]);
    }
  }
  output[(size_t)blockIdx.y * s.out_y * s.out_x * s.vectors + at] = most;
}

extern "C" __global__ void pool_2(const unsigned* input, unsigned* output, Window s) {
  pool(input, output, s);
}
extern "C" __global__ void pool_8(const uint4* input, uint4* output, Window s) {
  pool(input, output, s);
}

// Vectors of one input, to `offset` of the `out_vectors` of a joined pixel.
template <class Vector>
__device__ __forceinline__ void join(const Vector* input, Vector* output, int vectors,
                                     int out_vectors, int offset, unsigned pixels) {
  const unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= pixels * vectors) return;
  const unsigned pixel = at / vectors;
  output[((size_t)blockIdx.y * pixels + pixel) * out_vectors + offset + (at - pixel * vectors)] =
      input[(size_t)blockIdx.y * pixels * vectors + at];
}
extern "C" __global__ void join_4(const uint2* input, uint2* output, int vectors, int out_vectors,
                                  int offset, unsigned pixels) {
  join(input, output, vectors, out_vectors, offset, pixels);
}
extern "C" __global__ void join_8(const uint4* input, uint4* output, int vectors, int out_vectors,
                                  int offset, unsigned pixels) {
  join(input, output, vectors, out_vectors, offset, pixels);
}

extern "C" __global__ void nearest(const uint4* input, uint4* output, Window s) {
  const unsigned at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= (unsigned)(s.out_y * s.out_x * s.vectors)) return;
  const unsigned pixel = at / s.vectors, vector = at - pixel * s.vectors;
  const unsigned y = pixel / s.out_x, x = pixel - y * s.out_x;
  const unsigned in_y = y * s.in_y / s.out_y, in_x = x * s.in_x / s.out_x;
  output[(size_t)blockIdx.y * s.out_y * s.out_x * s.vectors + at] =
      input[((size_t)blockIdx.y * s.in_y * s.in_x + in_y * s.in_x + in_x) * s.vectors + vector];
}
)";

enum Function : size_t { kPool2, kPool8, kJoin4, kJoin8, kNearest };
const std::vector<std::string> kNames = {"pool_2", "pool_8", "join_4", "join_8", "nearest"};
constexpr unsigned kThreads = 256;

struct Window {  // as in the source
  int in_y, in_x, out_y, out_x, vectors, kernel_y, kernel_x, stride_y, stride_x, pad_y, pad_x;
};

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

const Program& loaded() {
  TORCH_CHECK(program() != nullptr, "the device was not opened");
  return *program();
}

// For so many threads an image.
Extent grid_for(int64_t threads, int64_t images) {
  TORCH_CHECK(threads <= std::numeric_limits<int>::max() && images <= 65'535,
              "a tensor is too large: ", threads, " threads for each of ", images, " images");
  return {static_cast<unsigned>((threads + kThreads - 1) / kThreads),
          static_cast<unsigned>(images)};
}

at::Tensor checked(const at::Tensor& input, int64_t multiple) {
  TORCH_CHECK(input.dim() == 4 && input.scalar_type() == at::kHalf && input.size(1) % multiple == 0,
              "a kernel for channels in steps of ", multiple, " is given ", input.sizes());
  return input.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor empty_like(const at::Tensor& input, int64_t channels, int64_t height, int64_t width) {
  return at::empty({input.size(0), channels, height, width}, input.options(),
                   at::MemoryFormat::ChannelsLast);
}

Window window(const at::Tensor& in, const at::Tensor& out, int64_t vector) {
  Window s{};
  s.in_y = static_cast<int>(in.size(2));
  s.in_x = static_cast<int>(in.size(3));
  s.out_y = static_cast<int>(out.size(2));
  s.out_x = static_cast<int>(out.size(3));
  s.vectors = static_cast<int>(in.size(1) / vector);
  return s;
}

}  // namespace

std::vector<char> compile_channels_last(int device) {
  return compile(std::string(kCommonSource) + kSource, device);
}

void load_channels_last(const std::vector<char>& code) {
  program() = std::make_unique<const Program>(code, kNames);
}

at::Tensor max_pool(const at::Tensor& input, const std::array<int64_t, 2>& kernel,
                    const std::array<int64_t, 2>& strides, const std::array<int64_t, 4>& pads) {
  const at::Tensor in = checked(input, 2);
  const at::Tensor out =
      empty_like(in, in.size(1), (in.size(2) + pads[0] + pads[1] - kernel[0]) / strides[0] + 1,
                 (in.size(3) + pads[2] + pads[3] - kernel[1]) / strides[1] + 1);
  if (out.numel() == 0) return out;
  const bool wide = in.size(1) % 8 == 0;
  Window s = window(in, out, wide ? 8 : 2);
  s.kernel_y = static_cast<int>(kernel[0]);
  s.kernel_x = static_cast<int>(kernel[1]);
  s.stride_y = static_cast<int>(strides[0]);
  s.stride_x = static_cast<int>(strides[1]);
  s.pad_y = static_cast<int>(pads[0]);
  s.pad_x = static_cast<int>(pads[2]);
  const void* from = in.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(wide ? kPool8 : kPool2, in.device(),
                  grid_for(int64_t{s.out_y} * s.out_x * s.vectors, in.size(0)), kThreads,
                  {&from, &to, &s});
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
  bool wide = true;
  for (const at::Tensor& part : parts) {
    channels += part.size(1);
    wide = wide && part.size(1) % 8 == 0;
  }
  const int64_t vector = wide ? 8 : 4;
  const at::Tensor out = empty_like(parts[0], channels, parts[0].size(2), parts[0].size(3));
  int offset = 0;
  for (const at::Tensor& part : parts) {
    const at::Tensor in = checked(part, vector);
    if (in.numel() == 0) continue;
    int vectors = static_cast<int>(in.size(1) / vector);
    int out_vectors = static_cast<int>(channels / vector);
    const Extent grid = grid_for(in.size(2) * in.size(3) * vectors, in.size(0));
    unsigned pixels = static_cast<unsigned>(in.size(2) * in.size(3));
    const void* from = in.const_data_ptr();
    void* to = out.mutable_data_ptr();
    loaded().launch(wide ? kJoin8 : kJoin4, in.device(), grid, kThreads,
                    {&from, &to, &vectors, &out_vectors, &offset, &pixels});
    offset += vectors;
  }
  return out;
}

at::Tensor resize_nearest(const at::Tensor& input, int64_t height, int64_t width) {
  const at::Tensor in = checked(input, 8);
  const at::Tensor out = empty_like(in, in.size(1), height, width);
  if (out.numel() == 0) return out;
  Window s = window(in, out, 8);
  const void* from = in.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(kNearest, in.device(), grid_for(height * width * s.vectors, in.size(0)), kThreads,
                  {&from, &to, &s});
  return out;
}

}  // namespace pdf2md::models::cuda
