#include "ctl/tar_archive.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace pdf2md::ctl {
namespace {

constexpr size_t kBlock = 512;

struct Header {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
  char magic[6], version[2], owner[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
static_assert(sizeof(Header) == kBlock);

template <size_t N>
void octal(char (&field)[N], uint64_t value) {
  std::snprintf(field, N, "%0*llo", static_cast<int>(N - 1),
                static_cast<unsigned long long>(value));
}

}  // namespace

void TarArchive::add(std::string_view name, std::string_view bytes) {
  Header header{};
  std::copy_n(name.data(), std::min(name.size(), sizeof header.name - 1), header.name);
  octal(header.mode, 0600);
  octal(header.uid, 0);
  octal(header.gid, 0);
  octal(header.size, bytes.size());
  octal(header.mtime, static_cast<uint64_t>(modified_unix_s_));
  header.type = '0';
  std::memcpy(header.magic, "ustar", sizeof header.magic);
  std::memcpy(header.version, "00", sizeof header.version);
  // The sum is made with blanks in its own place.
  std::memset(header.checksum, ' ', sizeof header.checksum);
  unsigned sum = 0;
  const auto* raw = reinterpret_cast<const unsigned char*>(&header);
  for (size_t i = 0; i < sizeof header; ++i) sum += raw[i];
  std::snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
  bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
  bytes_ += bytes;
  bytes_.append((kBlock - bytes.size() % kBlock) % kBlock, '\0');
}

std::string TarArchive::take() {
  bytes_.append(2 * kBlock, '\0');
  return std::move(bytes_);
}

}  // namespace pdf2md::ctl
