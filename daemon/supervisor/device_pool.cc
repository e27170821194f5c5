#include "daemon/supervisor/device_pool.h"

#include <algorithm>

namespace pdf2md::supervisor {

DevicePool::DevicePool(std::vector<std::string> devices, uint32_t max_faults, int64_t pause_ms)
    : max_faults_(max_faults), pause_ms_(pause_ms) {
  for (std::string& name : devices) devices_.push_back({std::move(name), 0, 0});
}

const std::string& DevicePool::device_for(uint32_t slot, int64_t now_ms) const {
  const Device& own = devices_[slot % devices_.size()];
  if (in_service(own, now_ms)) return own.name;
  std::vector<const Device*> others;
  for (const Device& device : devices_) {
    if (in_service(device, now_ms)) others.push_back(&device);
  }
  return others.empty() ? own.name : others[slot % others.size()]->name;
}

void DevicePool::worked(const std::string& name) {
  for (Device& device : devices_) {
    if (device.name != name) continue;
    device.faults = 0;
    device.out_until_ms = 0;
  }
}

bool DevicePool::failed(const std::string& name, int64_t now_ms) {
  auto at = std::find_if(devices_.begin(), devices_.end(),
                         [&](const Device& device) { return device.name == name; });
  if (at == devices_.end() || !in_service(*at, now_ms)) return false;
  ++at->faults;
  bool other = std::any_of(devices_.begin(), devices_.end(), [&](const Device& device) {
    return device.name != name && in_service(device, now_ms);
  });
  // Back from a pause it is on probation: `faults` was kept, so one more puts it out again.
  if (at->faults < max_faults_ || !other) return false;
  at->out_until_ms = now_ms + pause_ms_;
  return true;
}

std::vector<std::string> DevicePool::out_of_service(int64_t now_ms) const {
  std::vector<std::string> names;
  for (const Device& device : devices_) {
    if (!in_service(device, now_ms)) names.push_back(device.name);
  }
  return names;
}

}  // namespace pdf2md::supervisor
