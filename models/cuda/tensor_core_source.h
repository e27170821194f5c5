// Device code of those that use the tensor cores: behind kCommonSource. From compute capability 8.0 on.
#pragma once

namespace pdf2md::models::cuda {

inline constexpr char kTensorCoreSource[] = R"(
typedef unsigned short half_bits;

__device__ __forceinline__ unsigned shared_address(const void* p) {
  unsigned out;
  asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(out) : "l"(p));
  return out;
}

// 16 bytes, or zeros, which arrive some time before arrived().
__device__ __forceinline__ void fetch(unsigned to, const half_bits* from, bool inside) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :: "r"(to), "l"(from), "r"(inside ? 16 : 0));
}
__device__ __forceinline__ void end_of_stage() { asm volatile("cp.async.commit_group;"); }
template <int kLater>
__device__ __forceinline__ void arrived() {
  asm volatile("cp.async.wait_group %0;" :: "n"(kLater));
}

__device__ __forceinline__ void load_tiles(unsigned (&to)[4], unsigned from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(from));
}

__device__ __forceinline__ void multiply(float (&sums)[4], const unsigned (&a)[4], unsigned b0,
                                         unsigned b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3},"
      " {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
)";

}  // namespace pdf2md::models::cuda
