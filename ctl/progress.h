// The line of progress: what it says is a pure function of what has happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace pdf2md::ctl {

enum class ProgressUnit { kPages, kBytes };

struct Progress {
  struct Entry {
    std::string label;
    uint64_t done = 0;
    uint64_t total = 0;  // 0: not known yet
    std::string note;    // "waiting: 3 jobs ahead"; empty: nothing to say
  };
  ProgressUnit unit = ProgressUnit::kPages;
  size_t documents = 1;
  size_t finished = 0;
  uint64_t done_finished = 0;      // pages of documents that are through
  std::map<size_t, Entry> active;  // by the document's number
  double seconds = 0;              // since the first page came in; 0: none came
  uint64_t done_before = 0;        // pages that were there at that moment
};

// A bar, how much is done, how fast, how long it will take, and what is waited for. At most `columns`
// wide; where there are few, the bar goes first.
std::string progress_line(const Progress& progress, size_t columns);

// "[=====>    ]"; share: 0 to 1.
std::string progress_bar(double share, size_t columns);

}  // namespace pdf2md::ctl
