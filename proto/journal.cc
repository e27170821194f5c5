#include "proto/journal.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "proto/fd.h"

namespace pdf2md {
namespace {

constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

Fd connect_to_journal() {
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, kJournalSocket, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address) != 0)
    socket.reset();
  return socket;
}

}  // namespace

void JournalEntry::add(std::string_view name, std::string_view value) {
  text_.append(name);
  if (value.find('\n') == std::string_view::npos) {
    text_.append("=").append(value).append("\n");
    return;
  }
  text_.push_back('\n');
  for (unsigned shift = 0; shift < 64; shift += 8)  // little-endian
    text_.push_back(static_cast<char>(uint64_t{value.size()} >> shift));
  text_.append(value).append("\n");
}

void JournalEntry::add_own(std::string_view key, std::string_view value) {
  std::string name = "PDF2MD_";
  for (char c : key) {
    bool small = c >= 'a' && c <= 'z';
    name.push_back(small ? static_cast<char>(c - 'a' + 'A') : c);
  }
  add(name, value);
}

bool stderr_is_journal(const char* journal_stream) {
  unsigned long long device = 0, inode = 0;
  struct stat info {};
  return journal_stream != nullptr &&
         std::sscanf(journal_stream, "%llu:%llu", &device, &inode) == 2 &&
         ::fstat(STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

bool send_to_journal(const JournalEntry& entry) {
  static const Fd socket = connect_to_journal();
  if (!socket.valid()) return false;
  const std::string& bytes = entry.datagram();
  return ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace pdf2md
