// What is wrong with an installation, and what to do about it. Pure: machine_facts.h looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/service_messages.h"
#include "proto/spool_messages.h"

namespace pdf2md::ctl {

enum class Level { kGood, kDoubtful, kBad };
const char* name(Level level);  // "ok", "note", "bad"

struct Finding {
  Level level = Level::kGood;
  std::string about;  // "gpu", "fonts"
  std::string says;
  std::string advice;  // empty: nothing to do
};

// What can be seen without a daemon.
struct MachineFacts {
  std::string driver;  // version of NVIDIA's driver; empty: none
  bool cuda_libraries = false;
  bool seccomp = false;
  int landlock_abi = 0;       // 0: the kernel has none
  uint64_t fonts = 0;         // files
  bool poppler_data = false;  // for CJK text
  uint64_t memory_available_bytes = 0;
  std::string model_folder;  // empty: none found
  std::vector<std::string> missing_weights;
  std::vector<std::string> stale_sockets;  // nothing listens there
};

std::vector<Finding> findings_of(const MachineFacts& facts);
std::vector<Finding> findings_of(const proto::HealthReport& health);
std::vector<Finding> findings_of(const proto::SpoolReport& spool);
Finding finding_of_builds(const std::string& own, const std::string& daemon);

}  // namespace pdf2md::ctl
