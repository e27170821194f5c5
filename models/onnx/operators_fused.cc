// Operators that fuse_for_cuda() makes: each is a few kernels of models/cuda.
#include "models/aten.h"

#include "models/cuda/attention.h"
#include "models/cuda/best_class.h"
#include "models/cuda/gate.h"
#include "models/onnx/operators.h"

namespace pdf2md::models::onnx {

namespace {

// x, then weight and bias of the two products.
Kernel squeeze_excite(Preparation& p) {
  const Attributes& a = p.node.attributes;
  const auto gate = std::make_shared<const cuda::Gate>(
      p.on_target(p.take(1)), p.on_target(p.take(2)), p.on_target(p.take(3)),
      p.on_target(p.take(4)), a.number("alpha", 0.2), a.number("beta", 0.5), a.number("more", 0));
  return unary([gate](const at::Tensor& x) { return gate->run(x); });
}

// [rows, steps, 3 · heads · channels]: queries, keys and values.
Kernel attention(Preparation& p) {
  const int64_t heads = static_cast<int64_t>(p.node.attributes.number("heads", 1));
  const double scale = p.node.attributes.number("scale", 1);
  return unary([=](const at::Tensor& x) {
    const int64_t channels = x.size(2) / 3 / heads;
    if (cuda::has_attention(x.size(1), channels)) return cuda::attention(x, heads, scale);
    const at::Tensor parts =
        x.view({x.size(0), x.size(1), 3, heads, channels}).permute({2, 0, 3, 1, 4});
    const at::Tensor weights =
        at::softmax(at::matmul(parts[0] * scale, parts[1].transpose(2, 3)), -1);
    return at::matmul(weights, parts[2]).transpose(1, 2).reshape({x.size(0), x.size(1), -1});
  });
}

// As Linear.
Kernel best_class(Preparation& p) {
  const auto kernel =
      std::make_shared<const cuda::BestClass>(p.on_target(p.take(1)), p.on_target(p.take(2)));
  return unary([kernel](const at::Tensor& x) { return kernel->run(x); });
}

}  // namespace

std::vector<OperatorEntry> fused_operators() {
  return {{"SqueezeExcite", squeeze_excite, 5},
          {"Attention", attention, 1},
          {"BestClass", best_class, 3}};
}

}  // namespace pdf2md::models::onnx
