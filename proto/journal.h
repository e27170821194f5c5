// The native protocol of systemd-journald, which keeps the fields of a log line apart:
// https://systemd.io/JOURNAL_NATIVE_PROTOCOL. One datagram an entry, no library.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pdf2md {

// An entry under construction.
class JournalEntry {
 public:
  // `name`: capital letters, digits and underscores; the value may hold anything.
  void add(std::string_view name, std::string_view value);
  // The same for a field of ours: "page_ms" becomes PDF2MD_PAGE_MS.
  void add_own(std::string_view key, std::string_view value);
  const std::string& datagram() const { return text_; }

 private:
  std::string text_;
};

// Whether descriptor 2 leads to the journal: JOURNAL_STREAM ("device:inode") names what it is.
bool stderr_is_journal(const char* journal_stream);

// Opens the way to the journal once; send_to_journal() returns false where there is none, or where
// it does not take the entry.
bool send_to_journal(const JournalEntry& entry);

}  // namespace pdf2md
