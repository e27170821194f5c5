// Writes JSON (RFC 8259), compact, keys in the order given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace pdf2md::ctl {

// A JSON string with its quotes; ill-formed UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

// Usage: JsonWriter w; w.begin_object().field("id", 7).key("pages").begin_array()...
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name) {
    separate();
    text_ += json_string(name) + ':';
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) { return raw(json_string(text)); }
  JsonWriter& value(const char* text) { return raw(json_string(text)); }
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  template <class Number>
  requires(std::is_arithmetic_v<Number> &&
           !std::is_same_v<Number, bool>) JsonWriter& value(Number number) {
    return raw(number_text(number));
  }
  JsonWriter& null() { return raw("null"); }
  // JSON already, such as a number of another writer.
  JsonWriter& verbatim(std::string_view json) { return raw(json); }
  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  template <class Numbers>
  JsonWriter& numbers(std::string_view name, const Numbers& all) {
    key(name).begin_array();
    for (const auto& number : all) value(number);
    return end_array();
  }

  const std::string& text() const { return text_; }

 private:
  template <class Number>
  static std::string number_text(Number number) {
    if constexpr (std::is_integral_v<Number>)
      return std::to_string(number);
    else
      return decimal(number);
  }
  static std::string decimal(double number);  // three decimals at most
  void separate() {
    if (!first_) text_ += ',';
  }
  JsonWriter& raw(std::string_view json) {
    separate();
    text_ += json;
    first_ = false;
    return *this;
  }
  JsonWriter& open(char c) {
    separate();
    text_ += c;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char c) {
    text_ += c;
    first_ = false;
    return *this;
  }

  std::string text_;
  bool first_ = true;  // nothing stands before the next value that would need a comma
};

}  // namespace pdf2md::ctl
