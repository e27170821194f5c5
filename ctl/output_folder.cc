#include "ctl/output_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>

#include "ctl/file_output.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

namespace fs = std::filesystem;

uint64_t remove_temporaries(const std::string& folder) {
  uint64_t removed = 0;
  std::error_code problem;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                      problem);
  for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    if (!is_temporary_name(at->path().filename().native())) continue;
    std::error_code ignored;
    if (fs::remove(at->path(), ignored)) ++removed;
  }
  return removed;
}

}  // namespace

Result<OutputFolder> OutputFolder::open(const std::string& path, bool shared) {
  std::error_code problem;
  fs::create_directories(path, problem);
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return io_error(printable(path));
  // A file system without locks is used without them.
  if (::flock(folder.get(), (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return Error{ErrorCode::kBusy, printable(path) + ": another pdf2mdctl is writing there",
                 "wait for it, or share the work with --shard"};
  }
  return OutputFolder(std::move(folder), shared ? 0 : remove_temporaries(path));
}

}  // namespace pdf2md::ctl
