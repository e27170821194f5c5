// Cutting the lines of text out of a picture, on the host or on the device.
#pragma once

#include "models/aten.h"

#include <span>
#include <vector>

#include "models/picture.h"

namespace pdf2md::models {

// Each quad straightened (crop_quad), brought to `height` and cut into pieces of at most `widest`
// columns. On CUDA everything is queued on the current stream, which is waited for only where a line
// has to be cut. Throws c10::Error.
std::vector<TextLine> cut_lines(const Picture& picture, std::span<const Quad> quads, int height,
                                int widest, const at::Device& device);

}  // namespace pdf2md::models
