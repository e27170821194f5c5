// Results that a device may still be working on.
#pragma once

#include <functional>
#include <vector>

#include "proto/result.h"

namespace pdf2md::models {

// Waits for the result. From any thread, once; the images it was asked of must be there until then.
// Errors: those of models/failure.h.
template <class R>
using Pending = std::function<Result<R>()>;

// One for each image of a call, in order.
template <class R>
using PendingList = std::vector<Pending<R>>;

template <class R>
Result<std::vector<R>> wait_for_all(const PendingList<R>& pending) {
  std::vector<R> all;
  for (const Pending<R>& one : pending) {
    Result<R> result = one();
    if (!result) return result.error();
    all.push_back(std::move(*result));
  }
  return all;
}

}  // namespace pdf2md::models
