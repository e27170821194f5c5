#include "daemon/supervisor/activation.h"

#include <catch2/catch.hpp>
#include <map>

namespace pdf2md::supervisor {
namespace {

Result<int> handed(const std::map<std::string, std::string>& variables, pid_t pid) {
  return handed_descriptors(
      [&variables](const char* name) -> const char* {
        auto at = variables.find(name);
        return at == variables.end() ? nullptr : at->second.c_str();
      },
      pid);
}

TEST_CASE("activation: descriptors are taken only by the process that they are meant for") {
  CHECK(*handed({}, 7) == 0);
  CHECK(*handed({{"LISTEN_FDS", "1"}}, 7) == 0);
  CHECK(*handed({{"LISTEN_PID", "7"}}, 7) == 0);
  CHECK(*handed({{"LISTEN_PID", "8"}, {"LISTEN_FDS", "1"}}, 7) == 0);
  CHECK(*handed({{"LISTEN_PID", "7"}, {"LISTEN_FDS", "0"}}, 7) == 0);
  CHECK(*handed({{"LISTEN_PID", "7"}, {"LISTEN_FDS", "2"}}, 7) == 2);
}

TEST_CASE("activation: variables that make no sense are an error, not a guess") {
  for (const char* count : {"", "x", "1x", "-1", "99999", "99999999999999999999"}) {
    INFO(count);
    CHECK_FALSE(handed({{"LISTEN_PID", "7"}, {"LISTEN_FDS", count}}, 7).ok());
  }
  CHECK_FALSE(handed({{"LISTEN_PID", "seven"}, {"LISTEN_FDS", "1"}}, 7).ok());
  CHECK_FALSE(handed({{"LISTEN_PID", "0"}, {"LISTEN_FDS", "1"}}, 7).ok());
}

}  // namespace
}  // namespace pdf2md::supervisor
