#include "ctl/json_read.h"

#include <algorithm>
#include <charconv>

#include "ctl/json.h"

namespace pdf2md::ctl {
namespace {

constexpr int kMaxDepth = 64;

void append_utf8(std::string& out, unsigned c) {
  auto continuation = [&out, c](int shift) {
    out += static_cast<char>(0x80 | (c >> shift & 0x3F));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    continuation(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<JsonValue> read() {
    JsonValue value;
    if (read_value(value, 0)) {
      skip_space();
      if (at_ == text_.size()) return value;
    }
    return Error{ErrorCode::kBadMessage, "no JSON at offset " + std::to_string(at_), ""};
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool read_value(JsonValue& value, int depth) {
    using Kind = JsonValue::Kind;
    skip_space();
    if (at_ == text_.size() || depth > kMaxDepth) return false;
    if (take("null")) return true;
    if (take("true")) return value.kind = Kind::kTrue, true;
    if (take("false")) return value.kind = Kind::kFalse, true;
    switch (text_[at_]) {
      case '"':
        value.kind = Kind::kString;
        return read_string(value.text);
      case '[':
        value.kind = Kind::kArray;
        return read_list(']', [&] { return read_value(value.items.emplace_back(), depth + 1); });
      case '{':
        value.kind = Kind::kObject;
        return read_list('}', [&] {
          auto& [name, member] = value.members.emplace_back();
          skip_space();
          if (!read_string(name)) return false;
          skip_space();
          return take(":") && read_value(member, depth + 1);
        });
      default:
        value.kind = Kind::kNumber;
        return read_number(value.text);
    }
  }

  template <class ReadItem>
  bool read_list(char end, ReadItem read_item) {
    ++at_;
    skip_space();
    if (take({&end, 1})) return true;
    for (;;) {
      if (!read_item()) return false;
      skip_space();
      if (take({&end, 1})) return true;
      if (!take(",")) return false;
    }
  }

  bool read_number(std::string& number) {
    double parsed = 0;
    const char* start = text_.data() + at_;
    auto [end, error] = std::from_chars(start, text_.data() + text_.size(), parsed);
    bool digits = *start == '-' || (*start >= '0' && *start <= '9');  // not "inf"
    if (error != std::errc() || !digits) return false;
    number.assign(start, end);
    at_ += number.size();
    return true;
  }

  bool read_hex(unsigned& c) {
    if (text_.size() - at_ < 4) return false;
    const char* start = text_.data() + at_;
    auto [end, error] = std::from_chars(start, start + 4, c, 16);
    at_ += 4;
    return error == std::errc() && end == start + 4;
  }

  bool read_escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ == text_.size()) return false;
    char letter = text_[at_++];
    size_t known = kLetters.find(letter);
    if (known != std::string_view::npos) return out += kMeanings[known], true;
    unsigned c = 0;
    if (letter != 'u' || !read_hex(c)) return false;
    if (c >= 0xD800 && c < 0xDC00) {
      unsigned low = 0;
      if (!take("\\u") || !read_hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    return append_utf8(out, c), true;
  }

  bool read_string(std::string& out) {
    if (!take("\"")) return false;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '"') return true;
      if (c == '\\') {
        if (!read_escape(out)) return false;
      } else {
        out += c;
      }
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

void write(JsonWriter& json, const JsonValue& value) {
  using Kind = JsonValue::Kind;
  switch (value.kind) {
    case Kind::kNull:
      json.null();
      return;
    case Kind::kTrue:
    case Kind::kFalse:
      json.value(value.kind == Kind::kTrue);
      return;
    case Kind::kNumber:
      json.verbatim(value.text);
      return;
    case Kind::kString:
      json.value(value.text);
      return;
    case Kind::kArray:
      json.begin_array();
      for (const JsonValue& item : value.items) write(json, item);
      json.end_array();
      return;
    case Kind::kObject:
      json.begin_object();
      for (const auto& [name, member] : value.members) write(json.key(name), member);
      json.end_object();
      return;
  }
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string JsonValue::string(std::string_view name) const {
  const JsonValue* member = find(name);
  return member != nullptr && member->kind == Kind::kString ? member->text : "";
}

double JsonValue::number() const {
  double value = 0;
  if (kind == Kind::kNumber) std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

double JsonValue::number(std::string_view name) const {
  const JsonValue* member = find(name);
  return member == nullptr ? 0 : member->number();
}

Result<JsonValue> parse_json(std::string_view text) {
  return Reader(text).read();
}

std::string to_text(const JsonValue& value) {
  JsonWriter json;
  write(json, value);
  return json.text();
}

}  // namespace pdf2md::ctl
