#include "document/visual_order.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

enum class Kind : uint8_t { kLeft, kRight, kNumber, kSeparator, kNeutral };

Kind kind_of(const std::u32string& text) {
  for (char32_t c : text) {
    if (is_right_to_left(c)) return Kind::kRight;
    if (is_digit(c)) return Kind::kNumber;
    if (is_letter(c)) return Kind::kLeft;
    if (c == '.' || c == ',' || c == ':' || c == '/' || c == '-' || c == '%' || c == '+' ||
        c == 0x66B || c == 0x66C || c == 0x66A || c == '#' || c == '$' || c == 0x20AC)
      return Kind::kSeparator;
  }
  return Kind::kNeutral;
}

}  // namespace

LogicalOrder logical_order(const std::vector<std::u32string>& visual, bool right_to_left_page) {
  const size_t n = visual.size();
  LogicalOrder result;
  result.order.resize(n);
  std::iota(result.order.begin(), result.order.end(), 0u);
  result.mirror.assign(n, false);

  std::vector<Kind> kinds(n);
  size_t right = 0, left = 0;
  for (size_t i = 0; i < n; ++i) {
    kinds[i] = kind_of(visual[i]);
    right += kinds[i] == Kind::kRight;
    left += kinds[i] == Kind::kLeft;
  }
  if (right == 0) return result;
  const bool base_right = right_to_left_page || right >= left;

  // Which entries belong to left-to-right runs: Latin letters, numbers, and what stands between two
  // such within one run. Between numbers alone only a single separator joins.
  std::vector<bool> is_left(n, false);
  for (size_t i = 0; i < n; ++i) is_left[i] = kinds[i] == Kind::kLeft || kinds[i] == Kind::kNumber;
  for (size_t i = 0; i < n;) {
    if (is_left[i] || kinds[i] == Kind::kRight) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < n && !is_left[end] && kinds[end] != Kind::kRight) ++end;
    const bool before = i > 0 && is_left[i - 1], after = end < n && is_left[end];
    bool joins = false;
    if (!base_right) {
      // Left-to-right line: only what stands between two right-to-left words is theirs.
      joins = i == 0 || end == n || before || after;
    } else if (before && after) {
      // A run's own first letter decides: "V1.1 2" is Latin throughout, "10 20" are two numbers.
      size_t first = i;
      while (first > 0 && is_left[first - 1]) --first;
      bool latin = false;
      for (size_t k = first; k < i; ++k) latin = latin || kinds[k] == Kind::kLeft;
      for (size_t k = end; k < n && is_left[k]; ++k) latin = latin || kinds[k] == Kind::kLeft;
      joins = latin || (end - i == 1 && kinds[i] == Kind::kSeparator);
    } else if (after && end - i == 1 && kinds[i] == Kind::kSeparator) {
      // A sign or "#" directly before a number or name belongs to it.
      const char32_t c = visual[i].empty() ? 0 : visual[i].front();
      joins = c == '-' || c == '+' || c == '#' || c == '$' || c == '/';
    } else if (before && end - i >= 1 && kinds[i] == Kind::kSeparator && !visual[i].empty() &&
               visual[i].front() == '%') {
      is_left[i] = true;
    }
    if (joins)
      for (size_t k = i; k < end; ++k) is_left[k] = true;
    i = end;
  }

  if (base_right) {
    std::reverse(result.order.begin(), result.order.end());
    for (size_t i = 0; i < n; ++i) result.mirror[i] = !is_left[result.order[i]];
    for (size_t i = 0; i < n;) {
      if (!is_left[result.order[i]]) {
        ++i;
        continue;
      }
      size_t end = i;
      while (end < n && is_left[result.order[end]]) ++end;
      std::reverse(result.order.begin() + static_cast<ptrdiff_t>(i),
                   result.order.begin() + static_cast<ptrdiff_t>(end));
      i = end;
    }
  } else {
    for (size_t i = 0; i < n;) {
      if (is_left[i]) {
        ++i;
        continue;
      }
      size_t end = i;
      while (end < n && !is_left[end]) ++end;
      std::reverse(result.order.begin() + static_cast<ptrdiff_t>(i),
                   result.order.begin() + static_cast<ptrdiff_t>(end));
      for (size_t k = i; k < end; ++k) result.mirror[k] = true;
      i = end;
    }
  }
  return result;
}

}  // namespace pdf2md::document
