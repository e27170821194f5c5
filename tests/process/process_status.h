// What the kernel says of a process.
#pragma once

#include <sys/types.h>

#include <string>

#include "proto/fd.h"

namespace pdf2md::test {

// A line of /proc/PID/status, without its name.
inline std::string status_of(pid_t pid, const std::string& name) {
  Result<std::string> text = read_file("/proc/" + std::to_string(pid) + "/status", 1 << 16);
  if (!text) return "";
  size_t at = text->find("\n" + name + ":");
  if (at == std::string::npos) return "";
  size_t from = text->find_first_not_of(" \t", at + name.size() + 2);
  return text->substr(from, text->find('\n', from) - from);
}

}  // namespace pdf2md::test
