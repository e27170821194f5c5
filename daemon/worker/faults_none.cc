#include "daemon/worker/faults.h"

namespace pdf2md::worker {

void fault_at_page(uint64_t, uint32_t, pid_t) {}

std::unique_ptr<models::ModelSet> with_faults(std::unique_ptr<models::ModelSet> models,
                                              const models::DeviceInfo&) {
  return models;
}

}  // namespace pdf2md::worker
