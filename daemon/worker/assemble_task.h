// Page records on disk → the outputs of a job.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/messages.h"

namespace pdf2md::worker {

// Writes every output that the options ask for below `folder` (job_folder.h), each by temporary and
// rename; says what there is to fetch, assets included. Doing it twice gives the same bytes.
// Errors: kIo, kBadOptions, kInternal; kCancelled where `abandoned` becomes true meanwhile.
Result<std::vector<proto::OutputInfo>> assemble_outputs(const std::string& folder,
                                                        const std::vector<uint32_t>& pages,
                                                        const proto::JobOptions& options,
                                                        const std::atomic<bool>& abandoned);

}  // namespace pdf2md::worker
