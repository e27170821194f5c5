// The folder that a batch writes to: made, and kept for this program alone.
#pragma once

#include <string>

#include "proto/fd.h"

namespace pdf2md::ctl {

class OutputFolder {
 public:
  // Makes it where it is missing. Of several programs that write to one folder, only parts of a
  // batch may do so at once (`shared`). What a killed one left behind is removed, where nobody else
  // can be writing. Errors: kBusy, kIo.
  static Result<OutputFolder> open(const std::string& path, bool shared);

  uint64_t temporaries_removed() const { return temporaries_removed_; }

 private:
  OutputFolder(Fd lock, uint64_t removed) : lock_(std::move(lock)), temporaries_removed_(removed) {}

  Fd lock_;  // of the folder itself: it leaves nothing behind, however this program ends
  uint64_t temporaries_removed_;
};

}  // namespace pdf2md::ctl
