// Looks at the machine for `pdf2mdctl doctor`: nothing is changed, and no daemon is asked.
#pragma once

#include "ctl/findings.h"

namespace pdf2md::ctl {

MachineFacts machine_facts();

// "570.86" in the first line of /proc/driver/nvidia/version; empty where there is none. Pure.
std::string driver_version(const std::string& text);

}  // namespace pdf2md::ctl
