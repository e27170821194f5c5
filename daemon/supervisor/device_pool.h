// Which device each slot's worker gets, and which device is out of service. Pure.
//
// A GPU that is lost ends every worker that is started on it. After a few of them in a row, with
// none that got any work done, it is left alone for a while and its slots get the others; a GPU is
// never left alone when there is no other one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pdf2md::supervisor {

class DevicePool {
 public:
  // `devices` is not empty. `max_faults` in a row put one out of service for `pause_ms`.
  DevicePool(std::vector<std::string> devices, uint32_t max_faults, int64_t pause_ms);

  // The slot's own device (slots are dealt round), else one that is in service.
  const std::string& device_for(uint32_t slot, int64_t now_ms) const;

  // A worker finished something on it.
  void worked(const std::string& device);
  // A worker on it ended with a fault of the device, without having finished anything. True: this
  // put it out of service.
  bool failed(const std::string& device, int64_t now_ms);

  std::vector<std::string> out_of_service(int64_t now_ms) const;

 private:
  struct Device {
    std::string name;
    uint32_t faults = 0;       // in a row
    int64_t out_until_ms = 0;  // 0: was never out, or has worked since
  };
  static bool in_service(const Device& device, int64_t now_ms) {
    return device.out_until_ms <= now_ms;
  }

  std::vector<Device> devices_;
  uint32_t max_faults_;
  int64_t pause_ms_;
};

}  // namespace pdf2md::supervisor
