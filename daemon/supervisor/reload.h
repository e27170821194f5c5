// What a changed configuration means for the running daemon. Pure.
#pragma once

#include <string>
#include <vector>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {

enum class ReloadEffect : uint8_t {
  kNow,      // read wherever it is used
  kWorkers,  // told to a worker when it starts: they are replaced one by one
  kRestart,  // taken at the daemon's start only
};
const char* name(ReloadEffect effect);  // "now", "workers", "restart"

struct ConfigChange {
  const Key* key = nullptr;
  std::string before, after;  // as TOML
  ReloadEffect effect = ReloadEffect::kRestart;
};

// A key that is not listed in reload.cc needs a restart: that is never wrong, only slower.
ReloadEffect effect_of(const Key& key);
std::vector<ConfigChange> changes_between(const Config& running, const Config& wanted);
// `running` with those changes that need no restart.
Config merge(const Config& running, const Config& wanted, const std::vector<ConfigChange>& changes);

}  // namespace pdf2md::supervisor
