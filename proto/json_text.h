// JSON string literals (RFC 8259), shared by the log, pdf2mdctl --json and the JSON output.
#pragma once

#include <string>
#include <string_view>

namespace pdf2md {

// Appends `text` to `out` as a quoted JSON string. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace pdf2md
