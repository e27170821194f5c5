// Result<T>: a value, or an Error that says what happened, to what, and what to do.
//
// Nothing of ours throws. Exceptions from libraries are caught in the file that includes the
// library and become Errors there.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "proto/error_code.h"

namespace pdf2md {

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // what happened, to what, why
  std::string hint;     // what the reader of the message can do; may be empty
};

// "message (hint)": the form in which a person sees it.
std::string to_string(const Error& error);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only after ok().
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Only after !ok().
  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value.
struct Ok {};
using Status = Result<Ok>;

}  // namespace pdf2md
