// The file system and the network, as far as the kernel's Landlock can take them away
// (landlock(7)).
#pragma once

#include <string>
#include <vector>

namespace pdf2md::sandbox {

// For this process, for good: nothing can be written, made, removed or run, and only what lies at
// or below `readable` can be read; paths that do not exist are left out. From ABI 4 on no TCP port
// can be bound or connected to, from 6 on no signal and no abstract socket reaches another process.
// Needs PR_SET_NO_NEW_PRIVS. Returns the ABI in force; 0: this kernel has no Landlock.
int enter_landlock(const std::vector<std::string>& readable);

}  // namespace pdf2md::sandbox
