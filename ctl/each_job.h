// One request for each of several jobs: every one is tried, and the first failure decides the exit
// code.
#pragma once

#include <functional>

#include "ctl/commands.h"
#include "ctl/connection.h"

namespace pdf2md::ctl {

std::string label_of_job(uint64_t job);

using JobRequest = std::function<Status(Connection& connection, uint64_t job)>;
CtlExit for_each_job(const Options& options, Reporter& reporter, Connection& connection,
                     const std::vector<uint64_t>& jobs, const JobRequest& request);

// A line of JSON, or with `text` a note.
Status tell_done(const Options& options, Reporter& reporter, const std::string& json,
                 const std::string& text);

}  // namespace pdf2md::ctl
