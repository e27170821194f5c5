#include "daemon/sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "proto/fd.h"

namespace pdf2md::sandbox {
namespace {

// linux/landlock.h as of ABI 6; the header of the machine that builds this may be older.
struct Ruleset {
  uint64_t files = 0;
  uint64_t network = 0;  // from ABI 4
  uint64_t scoped = 0;   // from ABI 6
};
constexpr uint64_t kNetwork = 3;  // bind and connect TCP
constexpr uint64_t kScoped = 3;   // abstract Unix sockets and signals

// The rights over files that an ABI knows are numbered from bit 0: 13 at first, REFER with ABI 2,
// TRUNCATE with 3, IOCTL_DEV with 5.
uint64_t file_rights(int abi) {
  const int count = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return (uint64_t{1} << count) - 1;
}

size_t known_size(int abi) {
  return abi >= 6 ? sizeof(Ruleset) : (abi >= 4 ? 2 : 1) * sizeof(uint64_t);
}

void allow_reading(int ruleset, const std::string& path) {
  Fd at(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info {};
  if (!at.valid() || ::fstat(at.get(), &info) != 0) return;
  struct landlock_path_beneath_attr rule {};
  rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  if (S_ISDIR(info.st_mode)) rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
  rule.parent_fd = at.get();
  ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

}  // namespace

int enter_landlock(const std::vector<std::string>& readable) {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return 0;
  Ruleset rules{file_rights(static_cast<int>(abi)), kNetwork, kScoped};
  Fd ruleset(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &rules, known_size(static_cast<int>(abi)), 0)));
  if (!ruleset.valid()) return 0;
  for (const std::string& path : readable) allow_reading(ruleset.get(), path);
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return 0;
  return static_cast<int>(abi);
}

}  // namespace pdf2md::sandbox
