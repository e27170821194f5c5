// A row of numbers as a row of bars, one column each.
#pragma once

#include <deque>
#include <string>

namespace pdf2md::ctl {

// The newest `columns` values, the newest last; the highest of them is a full bar, 0 is none.
// Fewer values stand at the right. Where `unicode` is false, in ASCII.
std::string sparkline(const std::deque<double>& values, size_t columns, bool unicode);

}  // namespace pdf2md::ctl
