// The device code for the first convolution of an image, of models/cuda/convolution.cc.
#pragma once

namespace pdf2md::models::cuda {

// 3 x 3 pixels of three channels in steps of two, padded by one: behind kConvolutionSource. A block
// computes 128 pixels of one row. The nine numbers that an output needs of an input row lie beside each
// other: out of shared memory they are, with seven more that meet weights of zero, a step of 16 of the
// tensor cores' depth.
inline constexpr char kStemSource[] = R"(
template <int NT>
__device__ __forceinline__ void stem(const half_bits* input, const half_bits* weight,
                                     const float* bias, half_bits* output, const Shape& s) {
#if __CUDA_ARCH__ >= 800
  constexpr int kSpan = 128 * 6 + 24;  // of an input row, from one number before the first needed
  __shared__ __align__(16) half_bits rows[3][kSpan];
  __shared__ __align__(16) float staging[4 * 16 * (NT * 8 + 8)];
  const int segments = (s.out_x + 127) / 128;
  const int x0 = blockIdx.x % segments * 128, y = blockIdx.x / segments % s.out_y;
  const int image = blockIdx.x / (segments * s.out_y);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, group = lane / 4, quad = lane % 4;
  unsigned b[3][NT][2];
#pragma unroll
  for (int ky = 0; ky < 3; ++ky)
#pragma unroll
    for (int n = 0; n < NT; ++n) {
      const half_bits* from = weight + (n * 8 + group) * 48 + ky * 16 + quad * 2;
      b[ky][n][0] = *(const unsigned*)from;
      b[ky][n][1] = *(const unsigned*)(from + 8);
    }
  const int width = s.in_x * 3, from = x0 * 6 - 4;
#pragma unroll
  for (int ky = 0; ky < 3; ++ky) {
    const int in_y = y * 2 - 1 + ky;
    const half_bits* row = input + ((size_t)image * s.in_y + in_y) * width;
    for (int i = threadIdx.x; i < kSpan; i += 128) {
      const int at = from + i;
      rows[ky][i] = (unsigned)in_y < (unsigned)s.in_y && (unsigned)at < (unsigned)width
                        ? row[at] : (half_bits)0;
    }
  }
  __syncthreads();
  float sums[2][NT][4];
#pragma unroll
  for (int m = 0; m < 2; ++m)
#pragma unroll
    for (int n = 0; n < NT; ++n)
      sums[m][n][0] = sums[m][n][1] = sums[m][n][2] = sums[m][n][3] = 0.0f;
#pragma unroll
  for (int ky = 0; ky < 3; ++ky) {
#pragma unroll
    for (int m = 0; m < 2; ++m) {
      // Output x reads from number 6 x − 3 on, which lies at 6 (x − x0) + 1; the weights begin one later.
      const half_bits* p = rows[ky] + (warp * 32 + m * 16 + group) * 6 + quad * 2;
      const unsigned a[4] = {*(const unsigned*)p, *(const unsigned*)(p + 48),
                             *(const unsigned*)(p + 8), *(const unsigned*)(p + 56)};
#pragma unroll
      for (int n = 0; n < NT; ++n) multiply(sums[m][n], a, b[ky][n][0], b[ky][n][1]);
    }
  }
  const long long first = ((long long)image * s.out_y + y) * s.out_x;
  finish_all<2, NT>(sums, staging + warp * 16 * (NT * 8 + 8), first + x0 + warp * 32,
                    first + s.out_x, 0, bias, nullptr, output, s);
#endif
}
)";

}  // namespace pdf2md::models::cuda
