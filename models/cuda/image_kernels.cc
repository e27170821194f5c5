#include "models/cuda/image_kernels.h"

#include <cstring>

#include "models/cuda/program.h"

namespace pdf2md::models::cuda {
namespace {

// Compiled without fused multiply-add: the host has none either, and both have to round alike.
constexpr char kSource[] = R"(
typedef unsigned char byte;

struct Source {
  const byte* data;
  int stride, channels, width, height, to_width, to_height;
  long long to;
};

struct Crop {
  const byte* data;
  int stride, channels, image_width, image_height, width, height, stands, unused;
  double map[8];
  long long to;
};

struct Normalisation {
  float scale[3], shift[3];
  int bgr;
};

__device__ byte to_byte(float value) {
  return (byte)fminf(fmaxf(value + 0.5f, 0.0f), 255.0f);
}

__device__ unsigned short half_of(float value) {
  unsigned short out;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(out) : "f"(value));
  return out;
}

__device__ float float_of(unsigned short value) {
  float out;
  asm("cvt.f32.f16 %0, %1;" : "=f"(out) : "h"(value));
  return out;
}

// Where an output sample comes from along one axis (make_axis() of models/image.cc).
struct Taps {
  int first, count;
  double begin, end, scale;
  float second;
  bool enlarges;
  __device__ Taps(int from, int to, int i) {
    scale = (double)from / to;
    enlarges = to >= from;
    if (enlarges) {
      const double centre = fmin(fmax((i + 0.5) * scale - 0.5, 0.0), from - 1.0);
      first = min((int)centre, from - 1);
      second = (float)(centre - first);
      count = first + 1 < from ? 2 : 1;
    } else {
      begin = i * scale;
      end = (i + 1) * scale;
      first = min((int)begin, from - 1);
      count = min(max((int)ceil(end), first + 1), from) - first;
    }
  }
  __device__ float weight(int k) const {
    if (enlarges) return count == 1 ? 1.0f : k == 0 ? 1.0f - second : second;
    const double covered = fmin(end, (double)(first + k + 1)) - fmax(begin, (double)(first + k));
    return (float)(fmax(0.0, covered) / scale);
  }
};

constexpr int kMostTaps = 24;  // down from 24 times the size; more are weighed one by one

__device__ byte resized(const Source& s, const Taps& across, const Taps& down, const float* weights,
                        int channel) {
  float sum = 0.0f;
  for (int i = 0; i < across.count; ++i) {
    const byte* pixel = s.data + (size_t)down.first * s.stride +
                        (size_t)(across.first + i) * s.channels + channel;
    float column = 0.0f;
    for (int k = 0; k < down.count; ++k, pixel += s.stride)
      column += (k < kMostTaps ? weights[k] : down.weight(k)) * (float)*pixel;
    sum += across.weight(i) * column;
  }
  return to_byte(sum);
}

extern "C" __global__ void to_input(const Source* sources, unsigned short* output, int width,
                                    int height, Normalisation n) {
  const int at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= width * height) return;
  const Source s = sources[blockIdx.y];
  const int x = at % width, y = at / width;
  unsigned short* to = output + ((size_t)blockIdx.y * width * height + at) * 3;
  if (s.data == nullptr || x >= s.to_width || y >= s.to_height) {
    to[0] = to[1] = to[2] = 0;
    return;
  }
  const Taps across(s.width, s.to_width, x), down(s.height, s.to_height, y);
  float weights[kMostTaps];
  for (int k = 0; k < kMostTaps; ++k) weights[k] = k < down.count ? down.weight(k) : 0.0f;
  float value[3];
  value[0] = (float)resized(s, across, down, weights, 0);
  value[1] = value[2] = value[0];
  if (s.channels == 3) {
    value[1] = (float)resized(s, across, down, weights, 1);
    value[2] = (float)resized(s, across, down, weights, 2);
  }
  for (int c = 0; c < 3; ++c)
    to[c] = half_of(value[n.bgr ? 2 - c : c] * n.scale[c] + n.shift[c]);
}

extern "C" __global__ void resize(const Source* sources, byte* output) {
  const Source s = sources[blockIdx.y];
  const int pixels = s.to_width * s.to_height;
  for (int at = blockIdx.x * blockDim.x + threadIdx.x; at < pixels; at += gridDim.x * blockDim.x) {
    const Taps across(s.width, s.to_width, at % s.to_width);
    const Taps down(s.height, s.to_height, at / s.to_width);
    float weights[kMostTaps];
    for (int k = 0; k < kMostTaps; ++k) weights[k] = k < down.count ? down.weight(k) : 0.0f;
    for (int c = 0; c < s.channels; ++c)
      output[s.to + (long long)at * s.channels + c] = resized(s, across, down, weights, c);
  }
}

extern "C" __global__ void crop(const Crop* crops, byte* output) {
  const Crop s = crops[blockIdx.y];
  const int pixels = s.width * s.height;
  const int across = s.stands ? s.height : s.width, down = s.stands ? s.width : s.height;
  for (int at = blockIdx.x * blockDim.x + threadIdx.x; at < pixels; at += gridDim.x * blockDim.x) {
    int x = at % s.width, y = at / s.width;
    if (s.stands) {
      const int lying = x;
      x = across - 1 - y;
      y = lying;
    }
    const double u = (x + 0.5) / across, v = (y + 0.5) / down;
    const double w = s.map[6] * u + s.map[7] * v + 1;
    const double inverse = fabs(w) > 1e-9 ? 1 / w : 0;
    const double sx = fmin(fmax((s.map[0] * u + s.map[1] * v + s.map[2]) * inverse - 0.5, 0.0),
                           s.image_width - 1.0);
    const double sy = fmin(fmax((s.map[3] * u + s.map[4] * v + s.map[5]) * inverse - 0.5, 0.0),
                           s.image_height - 1.0);
    const int x0 = (int)sx, y0 = (int)sy;
    const int x1 = min(x0 + 1, s.image_width - 1), y1 = min(y0 + 1, s.image_height - 1);
    const float fx = (float)(sx - x0), fy = (float)(sy - y0);
    const byte* row0 = s.data + (size_t)y0 * s.stride;
    const byte* row1 = s.data + (size_t)y1 * s.stride;
    for (int c = 0; c < s.channels; ++c) {
      const int i0 = x0 * s.channels + c, i1 = x1 * s.channels + c;
      const float top = row0[i0] + fx * (float)(row0[i1] - row0[i0]);
      const float bottom = row1[i0] + fx * (float)(row1[i1] - row1[i0]);
      output[s.to + (long long)at * s.channels + c] = to_byte(top + fy * (bottom - top));
    }
  }
}

extern "C" __global__ void blank_columns(const Source* sources, byte* output, int range) {
  const Source s = sources[blockIdx.y];
  for (int x = blockIdx.x * blockDim.x + threadIdx.x; x < s.width; x += gridDim.x * blockDim.x) {
    int low = 255, high = 0;
    for (int y = 0; y < s.height; ++y) {
      const int value = s.data[(size_t)y * s.stride + (size_t)x * s.channels];
      low = min(low, value);
      high = max(high, value);
    }
    output[s.to + x] = high - low < range;
  }
}

// A block for each vector of logits, twice over it: its greatest, then the sum of exponentials.
constexpr int kThreads = 256;

extern "C" __global__ void best_classes(const unsigned short* logits, int classes, int* best_class,
                                        float* probability) {
  __shared__ float values[kThreads];
  __shared__ int indices[kThreads];
  const unsigned short* row = logits + (size_t)blockIdx.x * classes;
  float most = -3.4e38f;
  int index = 0x7fffffff;
  for (int i = threadIdx.x; i < classes; i += kThreads) {
    const float value = float_of(row[i]);
    if (value > most) {
      most = value;
      index = i;
    }
  }
  values[threadIdx.x] = most;
  indices[threadIdx.x] = index;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      const float other = values[threadIdx.x + half];
      const int other_index = indices[threadIdx.x + half];
      const bool better = other > values[threadIdx.x] ||
                          (other == values[threadIdx.x] && other_index < indices[threadIdx.x]);
      if (better) {
        values[threadIdx.x] = other;
        indices[threadIdx.x] = other_index;
      }
    }
    __syncthreads();
  }
  most = values[0];
  index = indices[0];
  __syncthreads();
  float sum = 0.0f;
  for (int i = threadIdx.x; i < classes; i += kThreads) sum += expf(float_of(row[i]) - most);
  values[threadIdx.x] = sum;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) values[threadIdx.x] += values[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    best_class[blockIdx.x] = index < classes ? index : 0;
    probability[blockIdx.x] = 1.0f / values[0];
  }
}
)";

enum Function : size_t { kToInput, kResize, kCrop, kBlankColumns, kBestClasses };
const std::vector<std::string> kNames = {"to_input", "resize", "crop", "blank_columns",
                                         "best_classes"};
constexpr unsigned kThreads = 256;       // as in the source
constexpr unsigned kBlocksAnImage = 32;  // of kernels that walk over images of many sizes
constexpr size_t kMostImages = 65'535;   // of the grid's second axis

static_assert(sizeof(Source) == 40 && sizeof(Crop) == 112,
              "the kernels' structures are laid out so");

std::unique_ptr<const Program>& program() {
  static std::unique_ptr<const Program> loaded;
  return loaded;
}

const Program& loaded() {
  TORCH_CHECK(program() != nullptr, "the device was not opened");
  return *program();
}

// A list that a kernel reads. The copy is queued; the host's side lives as long as it must.
template <class T>
at::Tensor on_device(const std::vector<T>& list, const at::Device& device) {
  const int64_t bytes = static_cast<int64_t>(list.size() * sizeof(T));
  const at::Tensor host =
      at::empty({bytes}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  std::memcpy(host.mutable_data_ptr(), list.data(), static_cast<size_t>(bytes));
  return host.to(device, /*non_blocking=*/true);
}

at::Tensor bytes_on(const at::Device& device, int64_t count) {
  return at::empty({count}, at::TensorOptions(device).dtype(at::kByte));
}

unsigned rows_of(size_t count) {
  TORCH_CHECK(count <= kMostImages, count, " images are too many for one call");
  return static_cast<unsigned>(count);
}

}  // namespace

std::vector<char> compile_image_kernels(int device) {
  return compile(kSource, device, {"--fmad=false"});
}

void load_image_kernels(const std::vector<char>& code) {
  program() = std::make_unique<const Program>(code, kNames);
}

at::Tensor to_input(const std::vector<Source>& rows, int width, int height,
                    const Normalisation& normalisation, const at::Device& device) {
  struct {
    float scale[3], shift[3];
    int bgr;
  } n{};
  std::copy(normalisation.scale.begin(), normalisation.scale.end(), n.scale);
  std::copy(normalisation.shift.begin(), normalisation.shift.end(), n.shift);
  n.bgr = normalisation.bgr ? 1 : 0;
  const at::Tensor out = at::empty({static_cast<int64_t>(rows.size()), height, width, 3},
                                   at::TensorOptions(device).dtype(at::kHalf));
  const at::Tensor list = on_device(rows, device);
  const void* sources = list.const_data_ptr();
  void* to = out.mutable_data_ptr();
  const unsigned blocks =
      static_cast<unsigned>((static_cast<size_t>(width) * height + kThreads - 1) / kThreads);
  loaded().launch(kToInput, device, {blocks, rows_of(rows.size())}, kThreads,
                  {&sources, &to, &width, &height, &n});
  return out.permute({0, 3, 1, 2});
}

at::Tensor resize(const std::vector<Source>& sources, int64_t bytes, const at::Device& device) {
  const at::Tensor out = bytes_on(device, bytes), list = on_device(sources, device);
  const void* from = list.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(kResize, device, {kBlocksAnImage, rows_of(sources.size())}, kThreads,
                  {&from, &to});
  return out;
}

at::Tensor crop(const std::vector<Crop>& crops, int64_t bytes, const at::Device& device) {
  const at::Tensor out = bytes_on(device, bytes), list = on_device(crops, device);
  const void* from = list.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(kCrop, device, {kBlocksAnImage, rows_of(crops.size())}, kThreads, {&from, &to});
  return out;
}

at::Tensor blank_columns(const std::vector<Source>& sources, int64_t bytes, int range,
                         const at::Device& device) {
  const at::Tensor out = bytes_on(device, bytes), list = on_device(sources, device);
  const void* from = list.const_data_ptr();
  void* to = out.mutable_data_ptr();
  loaded().launch(kBlankColumns, device, {kBlocksAnImage, rows_of(sources.size())}, kThreads,
                  {&from, &to, &range});
  return out;
}

std::pair<at::Tensor, at::Tensor> best_classes(const at::Tensor& logits, int64_t rows) {
  TORCH_CHECK(logits.dim() == 3 && logits.is_contiguous() && logits.scalar_type() == at::kHalf &&
                  rows <= logits.size(0),
              "logits are given as ", logits.sizes());
  const at::Device device = logits.device();
  const int64_t steps = logits.size(1);
  int classes = static_cast<int>(logits.size(2));
  const at::Tensor index = at::empty({rows, steps}, logits.options().dtype(at::kInt));
  const at::Tensor probability = at::empty({rows, steps}, logits.options().dtype(at::kFloat));
  const void* from = logits.const_data_ptr();
  void* best = index.mutable_data_ptr();
  void* how_sure = probability.mutable_data_ptr();
  loaded().launch(kBestClasses, device, {static_cast<unsigned>(rows * steps), 1}, kThreads,
                  {&from, &classes, &best, &how_sure});
  return {index, probability};
}

}  // namespace pdf2md::models::cuda
