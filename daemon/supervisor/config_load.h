// All layers of the configuration put together: at start, and again on reload.
#pragma once

#include "daemon/supervisor/config.h"
#include "daemon/supervisor/options.h"

namespace pdf2md::supervisor {

// Reads the file and our own environment. What is wrong is added to `problems`, all of it.
Config load_config(const Options& options, ConfigProblems& problems);

}  // namespace pdf2md::supervisor
