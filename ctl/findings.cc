#include "ctl/findings.h"

#include <cstdlib>

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr int kOldestDriver = 580;                   // for CUDA 13.0; scripts/deps.sh says the same
constexpr uint64_t kEnoughMemoryBytes = 3ull << 30;  // a worker with its weights and two readers

Finding gpu(const MachineFacts& facts) {
  if (facts.driver.empty())
    return {Level::kGood, "gpu", "no NVIDIA driver: documents are converted on the CPU", ""};
  const std::string driver = "NVIDIA driver " + printable(facts.driver);
  if (std::atoi(facts.driver.c_str()) < kOldestDriver) {
    return {Level::kBad, "gpu", driver + " is too old for CUDA 13.0: the CPU is used",
            "update the driver to " + std::to_string(kOldestDriver) + " or newer"};
  }
  if (!facts.cuda_libraries) {
    return {Level::kBad, "gpu", driver + ", but the CUDA libraries are missing: the CPU is used",
            "fetch them: pdf2md-setup --cuda, or make deps CUDA=1"};
  }
  return {Level::kGood, "gpu", driver + " and the CUDA libraries", ""};
}

Finding sandbox(const MachineFacts& facts) {
  const std::string landlock = "landlock" + std::to_string(facts.landlock_abi);
  if (facts.seccomp && facts.landlock_abi > 0)
    return {Level::kGood, "sandbox", "seccomp+" + landlock, ""};
  if (facts.seccomp) {
    return {Level::kDoubtful, "sandbox", "seccomp; this kernel has no Landlock",
            "add landlock to the kernel's lsm= list"};
  }
  return {Level::kBad, "sandbox", "this kernel has no seccomp: readers are hardly confined",
          "run the daemon as a user of its own"};
}

Finding weights(const MachineFacts& facts) {
  if (facts.model_folder.empty()) {
    return {Level::kBad, "models", "the weights are missing",
            "fetch them: pdf2md-setup, or make deps"};
  }
  if (facts.missing_weights.empty())
    return {Level::kGood, "models", printable(facts.model_folder), ""};
  return {Level::kBad, "models",
          printable(facts.model_folder) + " lacks " + printable(facts.missing_weights[0]),
          "fetch them again: pdf2md-setup, or make deps"};
}

}  // namespace

const char* name(Level level) {
  switch (level) {
    case Level::kGood:
      return "ok";
    case Level::kDoubtful:
      return "note";
    case Level::kBad:
      return "bad";
  }
  return "bad";
}

std::vector<Finding> findings_of(const MachineFacts& facts) {
  std::vector<Finding> all = {gpu(facts), sandbox(facts), weights(facts)};
  if (facts.fonts == 0) {
    all.push_back({Level::kBad, "fonts", "none: text that brings no font along is not drawn",
                   "install fonts-dejavu-core and fonts-liberation2"});
  } else {
    all.push_back({Level::kGood, "fonts", count_of(facts.fonts, "file"), ""});
  }
  if (!facts.poppler_data) {
    all.push_back({Level::kDoubtful, "fonts",
                   "poppler's data are missing: Chinese, Japanese and Korean text may be lost",
                   "install poppler-data"});
  }
  const bool enough = facts.memory_available_bytes >= kEnoughMemoryBytes;
  all.push_back(
      {enough ? Level::kGood : Level::kDoubtful, "memory",
       format_bytes(facts.memory_available_bytes) + " available",
       enough ? "" : "a worker with its readers may need 3 GiB: fewer workers or readers"});
  for (const std::string& path : facts.stale_sockets) {
    all.push_back({Level::kDoubtful, "socket", printable(path) + ": nothing listens there",
                   "remove it, or start the daemon that it belongs to"});
  }
  return all;
}

std::vector<Finding> findings_of(const proto::HealthReport& health) {
  const std::string state =
      printable(health.status) + (health.detail.empty() ? "" : ": " + printable(health.detail));
  std::vector<Finding> all;
  all.push_back({health.ready ? Level::kGood : Level::kBad, "health", state,
                 health.ready ? "" : "pdf2mdctl workers, and pdf2mdctl logs, say more"});
  all.push_back({Level::kGood, "device", printable(health.device), ""});
  if (!health.device_note.empty())
    all.push_back({Level::kDoubtful, "device", printable(health.device_note), ""});
  if (!health.crash_looping.empty()) {
    all.push_back({Level::kBad, "workers",
                   count_of(health.crash_looping.size(), "worker") + " die again and again",
                   "pdf2mdctl workers --deaths says how"});
  }
  return all;
}

std::vector<Finding> findings_of(const proto::SpoolReport& spool) {
  const bool room = spool.free_bytes >= 2 * spool.min_free_bytes;
  const bool none = spool.free_bytes < spool.min_free_bytes;
  std::vector<Finding> all;
  all.push_back({none   ? Level::kBad
                 : room ? Level::kGood
                        : Level::kDoubtful,
                 "disk", format_bytes(spool.free_bytes) + " free at " + printable(spool.state_dir),
                 room ? ""
                      : "documents are refused below " + format_bytes(spool.min_free_bytes) +
                            ": free some space, or lower retention.*"});
  if (!spool.journal_problem.empty())
    all.push_back({Level::kBad, "journal", printable(spool.journal_problem), ""});
  return all;
}

Finding finding_of_builds(const std::string& own, const std::string& daemon) {
  if (own == daemon) return {Level::kGood, "daemon", "build " + printable(daemon), ""};
  return {Level::kDoubtful, "daemon",
          "build " + printable(daemon) + "; this program is of build " + printable(own),
          "restart the daemon after an upgrade"};
}

}  // namespace pdf2md::ctl
