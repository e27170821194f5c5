// Reads JSON (RFC 8259): what this program or the daemon wrote earlier. Bounded depth; numbers keep
// their text, so that nothing is lost of what is only handed on.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/result.h"

namespace pdf2md::ctl {

struct JsonValue {
  enum class Kind { kNull, kTrue, kFalse, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;  // of a number as it stands there, of a string resolved
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;

  // The value of a member, or null (also where this is no object).
  const JsonValue* find(std::string_view name) const;
  // A string member's text; empty where there is none.
  std::string string(std::string_view name) const;
  // A number member, or an element; 0 where it is none.
  double number(std::string_view name) const;
  double number() const;
};

// Errors: kBadMessage, with the offset.
Result<JsonValue> parse_json(std::string_view text);
// The same as JSON again, compact.
std::string to_text(const JsonValue& value);

}  // namespace pdf2md::ctl
