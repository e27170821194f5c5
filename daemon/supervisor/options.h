// The command line of pdf2mdd.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proto/result.h"

namespace pdf2md::supervisor {

struct Options {
  std::string config_path;
  bool config_given = false;
  std::vector<std::pair<std::string, std::string>> settings;  // full key name → text, in order
  std::vector<std::string> spelled;  // the flags as given, for messages; same length
  bool check_config = false;
  bool print_config = false;
  bool help = false;
  bool version = false;
  int ready_fd = -1;
};

// Errors: kBadOptions, naming the argument.
Result<Options> parse_options(const std::vector<std::string>& arguments);
std::string usage();

}  // namespace pdf2md::supervisor
