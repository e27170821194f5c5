#include "document/text_column.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {

bool is_prose(const TextColumn& column) {
  if (column.size() < 4) return false;
  float right = 0, left = 1e9f;
  size_t characters = 0;
  for (const Fragment* f : column) {
    right = std::max(right, f->box.x1);
    left = std::min(left, f->box.x0);
    characters += f->counts.all + f->counts.cjk;  // an ideograph is as wide as two letters
  }
  // Beside a picture lines are shorter, but end where their neighbours do.
  const auto same_edges = [&](size_t i, size_t k) {
    const float slack = 0.6f * column[i]->size;
    return k < column.size() && std::abs(column[i]->box.x0 - column[k]->box.x0) < slack &&
           std::abs(column[i]->box.x1 - column[k]->box.x1) < slack;
  };
  size_t full = 0, close = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    full += column[i]->box.width() > 0.8f * (right - left) || same_edges(i, i + 1) ||
            same_edges(i, i - 1);
    if (i > 0) close += column[i]->base - column[i - 1]->base < 1.6f * column[i]->size;
  }
  return characters > 22 * column.size() && full * 10 >= column.size() * 6 &&
         close * 10 >= column.size() * 7;
}

bool is_running_text(const TextColumn& column) {
  if (column.size() < 8) return false;
  size_t lower = 0, broken = 0;
  for (const Fragment* f : column) {
    const std::string_view text = trimmed(f->text);
    if (text.empty()) continue;
    lower += text.front() >= 'a' && text.front() <= 'z';
    broken += text.size() > 2 && text.back() == '-' && text[text.size() - 2] >= 'a' &&
              text[text.size() - 2] <= 'z';
  }
  return lower * 10 >= column.size() * 6 && broken * 12 >= column.size();
}

bool is_aligned(const TextColumn& column) {
  if (column.size() < 2) return false;
  for (int way = 0; way < 3; ++way) {
    std::vector<float> edges;
    for (const Fragment* f : column)
      edges.push_back(way == 0 ? f->box.x0 : way == 1 ? f->box.x1 : f->box.center_x());
    std::sort(edges.begin(), edges.end());
    // The largest group of edges that agree.
    const float slack = 0.4f * column.front()->size;
    size_t best = 0, from = 0;
    for (size_t to = 0; to < edges.size(); ++to) {
      while (edges[to] - edges[from] > slack) ++from;
      best = std::max(best, to - from + 1);
    }
    if (best * 10 >= column.size() * 6) return true;
  }
  return false;
}

}  // namespace pdf2md::document
