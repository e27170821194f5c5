// The device code of models/cuda/convolution.cc, behind kTensorCoreSource.
#pragma once

namespace pdf2md::models::cuda {

// An implicit product of matrices, [pixels, depth] x [depth, outputs], where the depth goes over kernel
// rows, kernel columns and input channels, in steps of 32. A block computes 128 pixels by 16 to 96
// outputs; a warp, MT × 16 pixels by NT × 8 outputs of them, on the tensor cores out of shared memory,
// into which the next two steps are on their way meanwhile. Rows of 64 bytes lie there with their
// quarters exchanged so that eight of them fall into different banks.
inline constexpr char kConvolutionSource[] = R"(
struct Shape {
  int in_y, in_x, inputs, out_y, out_x, outputs;
  int kernel_y, kernel_x, stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
  int depth, activation, output_tiles, unused;
  long long pixels;
};

constexpr int kStep = 32, kStages = 3;

// Byte offset of eight numbers of a row of a stage.
__device__ __forceinline__ unsigned place(int row, int quarter) {
  return row * (kStep * 2) + ((quarter ^ (row >> 1 & 3)) * 16);
}

// Bias, activation and the sum with another image, for 16 pixels by NT × 8 outputs that a warp has left
// in shared memory. Each lane does eight outputs of every so many pixels.
template <int NT>
__device__ __noinline__ void finish(const float* sums, long long first_pixel, long long pixels,
                                    int channel, int outputs, int activation, const float* bias,
                                    const half_bits* residual, half_bits* output) {
  constexpr int kPitch = NT * 8 + 8, kRowsAtOnce = 32 / NT;
  const int lane = threadIdx.x % 32, first = lane / NT, column = lane % NT * 8;
  channel += column;
  if (first >= kRowsAtOnce || channel >= outputs) return;
  const float4 low = *(const float4*)(bias + channel), high = *(const float4*)(bias + channel + 4);
  const float shifts[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
  size_t at = (size_t)(first_pixel + first) * outputs + channel;
  const int rows = (int)min(16ll, pixels - first_pixel);
#pragma unroll 1
  for (int row = first; row < rows; row += kRowsAtOnce, at += (size_t)kRowsAtOnce * outputs) {
    float values[8];
    *(float4*)values = *(const float4*)(sums + row * kPitch + column);
    *(float4*)(values + 4) = *(const float4*)(sums + row * kPitch + column + 4);
#pragma unroll
    for (int k = 0; k < 8; ++k) values[k] += shifts[k];
    if (activation == 1) {
#pragma unroll
      for (int k = 0; k < 8; ++k) values[k] = fmaxf(values[k], 0.0f);
    } else if (activation == 4) {
#pragma unroll
      for (int k = 0; k < 8; ++k) values[k] = quick_gelu(values[k]);
    } else if (activation != 0) {
#pragma unroll
      for (int k = 0; k < 8; ++k) values[k] = activated(values[k], activation);
    }
    if (outputs % 8 == 0) {
      if (residual != nullptr) {
        const uint4 other = *(const uint4*)(residual + at);
        const unsigned pairs[4] = {other.x, other.y, other.z, other.w};
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          const float2 two = unpacked(pairs[k]);
          values[2 * k] += two.x, values[2 * k + 1] += two.y;
        }
      }
      *(uint4*)(output + at) = make_uint4(packed(make_float2(values[0], values[1])),
                                          packed(make_float2(values[2], values[3])),
                                          packed(make_float2(values[4], values[5])),
                                          packed(make_float2(values[6], values[7])));
      continue;
    }
#pragma unroll
    for (int k = 0; k < 8; ++k) {
      if (channel + k >= outputs) break;
      if (residual != nullptr) values[k] += unpacked(residual[at + k]).x;
      output[at + k] = (half_bits)packed(make_float2(values[k], 0.0f));
    }
  }
}

// The same for all that a warp has summed up. `staging`: of this warp, 16 rows of NT × 8 + 8 floats.
template <int MT, int NT>
__device__ __forceinline__ void finish_all(const float (&sums)[MT][NT][4], float* staging,
                                           long long first_pixel, long long pixels,
                                           int first_output, const float* bias,
                                           const half_bits* residual, half_bits* output,
                                           const Shape& s) {
  constexpr int kPitch = NT * 8 + 8;
  float* to = staging + threadIdx.x % 32 / 4 * kPitch + threadIdx.x % 4 * 2;
#pragma unroll
  for (int m = 0; m < MT; ++m) {
#pragma unroll
    for (int n = 0; n < NT; ++n) {
      *(float2*)(to + n * 8) = make_float2(sums[m][n][0], sums[m][n][1]);
      *(float2*)(to + 8 * kPitch + n * 8) = make_float2(sums[m][n][2], sums[m][n][3]);
    }
    __syncwarp();
    finish<NT>(staging, first_pixel + m * 16, pixels, first_output, s.outputs, s.activation, bias,
               residual, output);
    __syncwarp();
  }
}

// Where in the depth a thread loads, for kernels of more than one pixel.
struct Tap {
  int channel, y, x;
  __device__ __forceinline__ void settle(const Shape& s) {
    while (channel >= s.inputs) {
      channel -= s.inputs;
      if (++x == s.kernel_x) x = 0, ++y;
    }
  }
};

template <int MT, int NT, int WARPS_M, int WARPS_N, bool kPointwise>
__device__ __forceinline__ void convolve(const half_bits* input, const half_bits* weight,
                                         const float* bias, const half_bits* residual,
                                         half_bits* output, const Shape& s) {
#if __CUDA_ARCH__ >= 800
  constexpr int kThreads = 32 * WARPS_M * WARPS_N;
  constexpr int kPixels = MT * 16 * WARPS_M, kOutputs = NT * 8 * WARPS_N;
  constexpr int kRows = kThreads / 4;  // that all threads together load at a time
  constexpr int kLoads = kPixels / kRows, kWeightLoads = (kOutputs + kRows - 1) / kRows;
  constexpr unsigned kStageBytes = (kPixels + kOutputs) * kStep * 2;
  static_assert(kPixels % kRows == 0 && NT % 2 == 0, "");
  __shared__ __align__(128) unsigned char shared[kStages * kStageBytes];
  const unsigned base = shared_address(shared);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int warp_row = warp % WARPS_M * MT * 16, warp_output = warp / WARPS_M * NT * 8;
  const long long first = (long long)(blockIdx.x / s.output_tiles) * kPixels;
  const int first_output = blockIdx.x % s.output_tiles * kOutputs;

  // What this thread loads: a quarter of some rows.
  const int row = threadIdx.x / 4, quarter = threadIdx.x % 4;
  const half_bits* from[kLoads];
  bool inside[kLoads];
  int y0[kLoads], x0[kLoads];
#pragma unroll
  for (int i = 0; i < kLoads; ++i) {
    const long long pixel = first + row + i * kRows;
    inside[i] = pixel < s.pixels;
    if (kPointwise) {
      from[i] = input + (inside[i] ? pixel : 0) * s.inputs;
      continue;
    }
    const int area = s.out_y * s.out_x;
    const long long image = inside[i] ? pixel / area : 0;
    const int rest = inside[i] ? (int)(pixel - image * area) : 0, y = rest / s.out_x;
    y0[i] = y * s.stride_y - s.pad_y;
    x0[i] = (rest - y * s.out_x) * s.stride_x - s.pad_x;
    from[i] = input + image * s.in_y * s.in_x * s.inputs;
  }
  Tap tap{quarter * 8, 0, 0};
  tap.settle(s);
  const half_bits* weights = weight + (size_t)(first_output + row) * s.depth + quarter * 8;
  const unsigned to = base + place(row, quarter);
  const auto load = [&](int step) {
    const unsigned stage = to + (unsigned)(step % kStages) * kStageBytes;
#pragma unroll
    for (int i = 0; i < kLoads; ++i) {
      if (kPointwise) {
        const int k = step * kStep + quarter * 8;
        const bool there = inside[i] && k < s.inputs;
        fetch(stage + i * kRows * kStep * 2, from[i] + (there ? k : 0), there);
      } else {
        const int y = y0[i] + tap.y * s.dilation_y, x = x0[i] + tap.x * s.dilation_x;
        const bool there = inside[i] && tap.y < s.kernel_y && (unsigned)y < (unsigned)s.in_y &&
                           (unsigned)x < (unsigned)s.in_x;
        fetch(stage + i * kRows * kStep * 2,
              from[i] + (there ? ((size_t)y * s.in_x + x) * s.inputs + tap.channel : 0), there);
      }
    }
    if (!kPointwise) {
      tap.channel += kStep;
      tap.settle(s);
    }
#pragma unroll
    for (int i = 0; i < kWeightLoads; ++i) {
      if (kOutputs % kRows == 0 || row + i * kRows < kOutputs)
        fetch(stage + (kPixels + i * kRows) * kStep * 2,
              weights + (size_t)i * kRows * s.depth + step * kStep, true);
    }
  };

  float sums[MT][NT][4];
#pragma unroll
  for (int m = 0; m < MT; ++m)
#pragma unroll
    for (int n = 0; n < NT; ++n)
      sums[m][n][0] = sums[m][n][1] = sums[m][n][2] = sums[m][n][3] = 0.0f;

  const int steps = s.depth / kStep;
  load(0);
  end_of_stage();
  if (steps > 1) load(1);
  end_of_stage();
  const int a_row = warp_row + lane % 16, b_row = kPixels + warp_output + lane / 16 * 8 + lane % 8;
  for (int step = 0; step < steps; ++step) {
    arrived<kStages - 2>();
    __syncthreads();
    if (step + kStages - 1 < steps) load(step + kStages - 1);
    end_of_stage();
    const unsigned stage = base + (unsigned)(step % kStages) * kStageBytes;
#pragma unroll
    for (int at = 0; at < kStep / 8; at += 2) {
      unsigned a[MT][4];
#pragma unroll
      for (int m = 0; m < MT; ++m)
        load_tiles(a[m], stage + place(a_row + m * 16, at + lane / 16));
#pragma unroll
      for (int n = 0; n < NT; n += 2) {
        unsigned b[4];
        load_tiles(b, stage + place(b_row + n * 8, at + lane / 8 % 2));
#pragma unroll
        for (int m = 0; m < MT; ++m) {
          multiply(sums[m][n], a[m], b[0], b[1]);
          multiply(sums[m][n + 1], a[m], b[2], b[3]);
        }
      }
    }
  }

  arrived<0>();
  __syncthreads();
  finish_all<MT, NT>(sums, (float*)shared + warp * 16 * (NT * 8 + 8), first + warp_row,
                     s.pixels, first_output + warp_output, bias, residual, output, s);
#endif
}

// Any number of input channels, element by element; a warp computes 16 pixels.
constexpr int kPixels = 128, kRow = kStep + 8;

__device__ __forceinline__ uint4 eight_inputs(const half_bits* image, int y0, int x0, int k,
                                              const Shape& s) {
  half_bits values[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    const int tap = (k + i) / s.inputs, channel = (k + i) % s.inputs;
    const int ky = tap / s.kernel_x;
    const int y = y0 + ky * s.dilation_y, x = x0 + (tap - ky * s.kernel_x) * s.dilation_x;
    const bool inside =
        ky < s.kernel_y && (unsigned)y < (unsigned)s.in_y && (unsigned)x < (unsigned)s.in_x;
    values[i] = inside ? image[((size_t)y * s.in_x + x) * s.inputs + channel] : (half_bits)0;
  }
  return make_uint4(values[0] | (unsigned)values[1] << 16, values[2] | (unsigned)values[3] << 16,
                    values[4] | (unsigned)values[5] << 16, values[6] | (unsigned)values[7] << 16);
}

__device__ __forceinline__ unsigned pair_at(const half_bits* p) { return *(const unsigned*)p; }

template <int TILES>
__device__ __forceinline__ void convolve_odd(const half_bits* input, const half_bits* weight,
                                             const float* bias, const half_bits* residual,
                                             half_bits* output, const Shape& s) {
#if __CUDA_ARCH__ >= 800
  __shared__ __align__(16) half_bits pixels[kPixels * kRow];
  __shared__ __align__(16) half_bits weights[TILES * 8 * kRow];
  __shared__ __align__(16) float staging[8 * 16 * (TILES * 8 + 8)];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int group = lane / 4, quad = lane % 4;
  const long long first = (long long)(blockIdx.x / s.output_tiles) * kPixels;
  const int first_output = blockIdx.x % s.output_tiles * TILES * 8;

  // What this thread loads of each step: 8 numbers of each of two pixels, and 8 weights.
  const int row = threadIdx.x / 4, column = threadIdx.x % 4 * 8;
  int y0[2], x0[2];
  const half_bits* image[2];
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
  float sums[1][TILES][4];
#pragma unroll
  for (int n = 0; n < TILES; ++n) sums[0][n][0] = sums[0][n][1] = sums[0][n][2] = sums[0][n][3] = 0.0f;

  for (int k = 0; k < s.depth; k += kStep) {
    __syncthreads();
    *(uint4*)(pixels + row * kRow + column) = eight_inputs(image[0], y0[0], x0[0], k + column, s);
    *(uint4*)(pixels + (row + 64) * kRow + column) =
        eight_inputs(image[1], y0[1], x0[1], k + column, s);
    if (row < TILES * 8)
      *(uint4*)(weights + row * kRow + column) =
          *(const uint4*)(weight + (size_t)(first_output + row) * s.depth + column + k);
    __syncthreads();
#pragma unroll
    for (int at = 0; at < kStep; at += 16) {
      const half_bits* p = pixels + (warp * 16 + group) * kRow + at + quad * 2;
      const unsigned a[4] = {pair_at(p), pair_at(p + 8 * kRow), pair_at(p + 8),
                             pair_at(p + 8 * kRow + 8)};
#pragma unroll
      for (int n = 0; n < TILES; ++n) {
        const half_bits* b = weights + (n * 8 + group) * kRow + at + quad * 2;
        multiply(sums[0][n], a, pair_at(b), pair_at(b + 8));
      }
    }
  }

  finish_all<1, TILES>(sums, staging + warp * 16 * (TILES * 8 + 8), first + warp * 16, s.pixels,
                       first_output, bias, residual, output, s);
#endif
}
)";

}  // namespace pdf2md::models::cuda
