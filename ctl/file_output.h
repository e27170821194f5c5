// Results on disk: written to temporaries beside their places, put there by rename when all are
// complete. What is not committed leaves nothing behind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/input.h"
#include "ctl/output_plan.h"

namespace pdf2md::ctl {

// Standard output, interruptible. A reader that went away interrupts with SIGPIPE. Errors: kIo,
// kCancelled.
Status write_standard_output(std::string_view bytes);

PathKind probe_path(const std::string& path);

// When a file was last changed, in nanoseconds since 1970; nothing where there is none.
std::optional<int64_t> modified_ns(const std::string& path);

// What the temporaries of a FileSet are called.
bool is_temporary_name(std::string_view name);

// The identities of the inputs, which no result may replace.
FileIds ids_of(const std::vector<std::string>& inputs);
// Errors: kBadOptions where `path` is one of them.
Status refuse_input(const std::string& path, const FileIds& inputs);

class FileSet {
 public:
  explicit FileSet(const FileIds& inputs) : inputs_(inputs) {}
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;
  ~FileSet();

  // Starts a file; missing folders are made. A device, pipe or socket is written to directly.
  Status begin(const std::string& path);
  Status write(std::string_view bytes);  // to the file begun last
  // Puts all files in place, in the order begun.
  Status commit();
  std::vector<std::string> paths() const;

 private:
  struct Pending {
    std::string path;       // as given
    std::string place;      // links resolved
    std::string temporary;  // empty: written to directly
  };
  Status make_folders(const std::string& path);

  const FileIds& inputs_;
  std::vector<Pending> files_;
  std::vector<std::string> new_folders_;
  Fd current_;
};

}  // namespace pdf2md::ctl
