#include "document/table_columns.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "document/markers.h"

namespace pdf2md::document {

uint32_t column_at(const std::vector<Interval>& separators, float u) {
  uint32_t column = 0;
  while (column < separators.size() && u > (separators[column].a + separators[column].b) / 2)
    ++column;
  return column;
}

void join_currency_columns(std::vector<Interval>& separators, const TextLines& rows) {
  const size_t columns = separators.size() + 1;
  std::vector<size_t> signs(columns, 0), others(columns, 0);
  for (const std::vector<const Fragment*>& row : rows)
    for (const Fragment* f : row) {
      const uint32_t first = column_at(separators, f->box.x0 + 1),
                     last = column_at(separators, f->box.x1 - 1);
      // A header may reach over it from the numbers' side.
      if (first == last) ++(is_currency(f->text) ? signs : others)[first];
    }
  for (size_t c = columns - 1; c-- > 0;)
    if (signs[c] > 0 && others[c] == 0)
      separators.erase(separators.begin() + static_cast<ptrdiff_t>(c));
}

void drop_stray_columns(std::vector<Interval>& separators, const TextLines& rows) {
  if (rows.size() < 4) return;
  for (uint32_t c = static_cast<uint32_t>(separators.size()); c-- > 1;) {
    size_t texts = 0, beside = 0;
    for (const std::vector<const Fragment*>& row : rows) {
      bool here = false, neighbour = false;
      for (const Fragment* f : row) {
        const uint32_t first = column_at(separators, f->box.x0 + 1),
                       last = column_at(separators, f->box.x1 - 1);
        here = here || (first <= c && c <= last);
        neighbour = neighbour || (first <= c + 1 && c + 1 <= last) || (first < c && c - 1 <= last);
      }
      texts += here;
      beside += here && neighbour;
    }
    if (texts == 1 && beside == 0) separators.erase(separators.begin() + c);
  }
}

bool share_baselines(const Sheet& sheet, std::span<const Row> rows) {
  size_t beside = 0, shared = 0;
  for (const Row& row : rows) {
    if (row.fragments.size() < 2) continue;
    const Fragment& left = sheet.fragments[row.fragments.front()];
    const Fragment& right = sheet.fragments[row.fragments.back()];
    ++beside;
    // What OCR measures is less exact.
    const float slack = (left.line.source == Source::kOcr ? 0.2f : 0.05f) * left.size;
    shared += std::abs(left.base - right.base) < slack;
  }
  return shared * 2 >= beside;
}

bool region_says_table(const Sheet& sheet, const Box& box) {
  return std::any_of(sheet.regions.begin(), sheet.regions.end(), [&](const Region& region) {
    return region.type == RegionType::kTable && region.score > 0.6f &&
           intersection(region.box, box).area() > 0.7f * box.area();
  });
}

}  // namespace pdf2md::document
