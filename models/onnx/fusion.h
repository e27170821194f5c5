// Load-time fusion: patterns of several ONNX nodes become one. It about halves the number of nodes.
//
// Operators of ours that come out: Gelu, HardSwish, Silu, LayerNorm, Linear (x · Wᵀ + b), and Conv,
// ConvTranspose and Linear with the attribute kActivation. For CUDA also SqueezeExcite and Attention
// (operators_fused.cc), and Conv and Linear with the attribute kResidual.
#pragma once

#include "models/onnx/graph.h"

namespace pdf2md::models::onnx {

// The operator whose function a convolution applies to its result ("Relu", "HardSwish", ...).
inline constexpr char kActivation[] = "pdf2md.activation";

// Set: the last input is added to the result, behind the activation.
inline constexpr char kResidual[] = "pdf2md.residual";

// Rewrites the graph; its outputs are the same up to rounding.
void fuse(Graph& graph);
// What pays with the kernels of models/cuda, behind fuse().
void fuse_for_cuda(Graph& graph);
// A Linear that is the one output becomes BestClass, where there is a kernel for it.
void fuse_best_class(Graph& graph);

// The activation as a change in place; nullptr for none. Throws c10::Error where it is not known.
using InPlace = void (*)(at::Tensor&);
InPlace in_place_activation(const std::string& name);

}  // namespace pdf2md::models::onnx
