// Attention of a short sequence on CUDA in half precision, in one kernel.
#pragma once

#include <vector>

#include "models/aten.h"

namespace pdf2md::models::cuda {

// As in models/cuda/depthwise.h.
std::vector<char> compile_attention(int device);
void load_attention(const std::vector<char>& code);

// Are there so many channels a head that it can be done here, and is the sequence short enough?
bool has_attention(int64_t steps, int64_t channels_a_head);

// input: [rows, steps, 3 · heads · channels], contiguous: each step's queries, keys and values, head by
// head. Returns softmax(scale · q kᵀ) v, [rows, steps, heads · channels]. Each row for itself. Throws
// c10::Error.
at::Tensor attention(const at::Tensor& input, int64_t heads, double scale);

}  // namespace pdf2md::models::cuda
