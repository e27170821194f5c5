// What a GPU's memory is held by, asked of the driver without making a CUDA context.
#pragma once

#include <cstdint>
#include <string>

namespace pdf2md::models {

struct DeviceHolders {
  uint64_t total_bytes = 0, free_bytes = 0;
  std::string held_by;  // "2 other processes (pid 811, 812)"; empty: none that the driver shows
};

// All zero where the management library is not there or does not tell. `index` is CUDA's, which
// CUDA_VISIBLE_DEVICES may have renumbered.
DeviceHolders device_holders(int index);

}  // namespace pdf2md::models
