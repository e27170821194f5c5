// The system calls that a confined program needs, and no others.
#pragma once

namespace pdf2md::sandbox {

// For this process, for good. What is not on the list fails with EPERM; what only an attacker asks
// for (running a program, tracing, loading code into the kernel) kills the process with SIGSYS.
// False: this kernel has no seccomp filters.
bool enter_seccomp();

}  // namespace pdf2md::sandbox
