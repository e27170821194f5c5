// Device code that several programs share: it stands before their own.
#pragma once

#include <iterator>
#include <string>

namespace pdf2md::models::cuda {

// NVRTC finds no headers of CUDA's, so half precision is converted by hand.
inline constexpr char kCommonSource[] = R"(
__device__ __forceinline__ float2 unpacked(unsigned pair) {
  float2 out;
  asm("{ .reg .b16 low, high; mov.b32 {low, high}, %2;"
      "  cvt.f32.f16 %0, low; cvt.f32.f16 %1, high; }"
      : "=f"(out.x), "=f"(out.y) : "r"(pair));
  return out;
}

__device__ __forceinline__ unsigned packed(float2 value) {
  unsigned out;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(out) : "f"(value.y), "f"(value.x));
#else
  asm("{ .reg .b16 low, high; cvt.rn.f16.f32 low, %1; cvt.rn.f16.f32 high, %2;"
      "  mov.b32 %0, {low, high}; }"
      : "=r"(out) : "f"(value.x), "f"(value.y));
#endif
  return out;
}

// GELU in its form with tanh, which differs from the exact one by less than half precision does.
__device__ __forceinline__ float quick_gelu(float x) {
  const float up = x * fmaf(x * x, -0.1029432f, -2.3022082f);  // -2 log2(e) sqrt(2/pi) (x + ...)
  float power, inverse;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(up));
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(1.0f + power));
  return x * inverse;
}

__device__ __noinline__ float activated(float x, int activation) {
  switch (activation) {
    case 1: return fmaxf(x, 0.0f);
    case 2: return x * fminf(fmaxf(x + 3.0f, 0.0f), 6.0f) * (1.0f / 6.0f);
    case 3: return x / (1.0f + expf(-x));
    case 4: return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case 5: return 1.0f / (1.0f + expf(-x));
    default: return x;
  }
}
)";

// In the order of activated() above.
inline constexpr const char* kActivations[] = {"", "Relu", "HardSwish", "Silu", "Gelu", "Sigmoid"};

// −1 where there is none of this name.
inline int activation_number(const std::string& name) {
  for (size_t i = 0; i < std::size(kActivations); ++i) {
    if (name == kActivations[i]) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace pdf2md::models::cuda
