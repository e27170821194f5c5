// Faults that tests inject. Programs for use are linked with faults_none.cc, in which nothing
// happens; those that `make hooks` builds with faults_injected.cc, which says how.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

#include "models/model_set.h"

namespace pdf2md::worker {

// Called by a page thread before each try of a page; its reader has the document open.
void fault_at_page(uint64_t job, uint32_t page, pid_t reader);

// The models, with whatever is to happen to their calls.
std::unique_ptr<models::ModelSet> with_faults(std::unique_ptr<models::ModelSet> models,
                                              const models::DeviceInfo& device);

}  // namespace pdf2md::worker
