// The options of all commands: which command takes which, and what a value has to look like.
#pragma once

#include <charconv>
#include <span>
#include <string>

#include "ctl/args.h"

namespace pdf2md::ctl {

constexpr uint64_t bit(Command command) {
  return uint64_t{1} << static_cast<unsigned>(command);
}
// Returns what is wrong with the value; empty: nothing.
using OptionSetter = std::string (*)(Options& options, const std::string& value);

struct OptionSpec {
  const char* name;  // without the dashes
  char letter;       // 0: none
  bool takes_value;
  uint64_t commands;  // bits of those that take it
  OptionSetter set;
};

std::span<const OptionSpec> all_options();

// By name, or by letter where that is not 0; that of the command, where several have it. Null: there
// is none.
const OptionSpec* find_option(const std::string& name, char letter, Command command);

// The whole text is a number that fits.
template <class Number>
bool parse_number(const std::string& text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Returns what is wrong with the value, as an OptionSetter does.
std::string set_priority(Options& options, const std::string& value);

}  // namespace pdf2md::ctl
