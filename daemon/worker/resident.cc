#include "daemon/worker/resident.h"

#include <unistd.h>

#include <cstdio>

#include "proto/fd.h"

namespace pdf2md::worker {

uint64_t resident_bytes() {
  Result<std::string> statm = read_file("/proc/self/statm", 4096);
  unsigned long long size = 0, resident = 0;
  if (!statm || std::sscanf(statm->c_str(), "%llu %llu", &size, &resident) != 2) return 0;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace pdf2md::worker
