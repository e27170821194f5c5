// From the structure tokens of a table (HTML tags) to cells in a grid. No vendor headers.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "models/model_set.h"

namespace pdf2md::models {

struct TableToken {
  std::string text;  // "<tr>", "<td", " colspan=\"2\"", ">", "<td></td>", ...
  float probability = 0;
  std::array<float, 8> box{};  // corners x, y, x, y, ... of the cell that the token opens
};

// Cells fall into the first free place of their row, as in HTML. Boxes are multiplied by the scales
// and clamped to 0 … width, 0 … height.
TableStructure assemble_table(std::span<const TableToken> tokens, float scale_x, float scale_y,
                              float width, float height);

}  // namespace pdf2md::models
