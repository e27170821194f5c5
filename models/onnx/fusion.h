// Load-time fusion: patterns of several ONNX nodes become one. It about halves the number of nodes.
//
// Operators of ours that come out: Gelu, HardSwish, Silu, LayerNorm, Linear (x · Wᵀ + b), and Conv
// and ConvTranspose with the attribute kActivation.
#pragma once

#include "models/onnx/graph.h"

namespace pdf2md::models::onnx {

// The operator whose function a convolution applies to its result ("Relu", "HardSwish", ...).
inline constexpr char kActivation[] = "pdf2md.activation";

// Rewrites the graph; its outputs are the same up to rounding.
void fuse(Graph& graph);

// The activation as a change in place; nullptr for none. Throws c10::Error where it is not known.
using InPlace = void (*)(at::Tensor&);
InPlace in_place_activation(const std::string& name);

}  // namespace pdf2md::models::onnx
