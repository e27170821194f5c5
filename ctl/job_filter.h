// Which jobs are meant: by number, owner and state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/args.h"
#include "ctl/connection.h"

namespace pdf2md::ctl {

// Bits of a set of states; held jobs are queued or running as well.
constexpr unsigned job_state_bit(proto::JobState state) {
  return 1u << static_cast<unsigned>(state);
}
constexpr unsigned kHeldJobs = 1u << 8;
constexpr unsigned kUnfinishedJobs =
    job_state_bit(proto::JobState::kQueued) | job_state_bit(proto::JobState::kRunning);
constexpr unsigned kFinishedJobs = job_state_bit(proto::JobState::kDone) |
                                   job_state_bit(proto::JobState::kFailed) |
                                   job_state_bit(proto::JobState::kCancelled);

// "failed,cancelled"; as with lpstat(1), also "completed", "not-completed" and "all". Nothing for
// anything else.
std::optional<unsigned> parse_job_states(const std::string& text);

struct JobFilter {
  std::optional<uint32_t> uid;
  unsigned states = 0;  // 0: any
};
bool matches(const JobFilter& filter, const proto::JobInfo& job);

// Errors: kBadOptions: there is no such user.
Result<JobFilter> filter_of(const Options& options);

// The jobs that were named; otherwise those that the filter meets and that are in one of the states
// `possible`. Errors: kBadOptions, those of the conversation.
Result<std::vector<uint64_t>> choose_jobs(Connection& connection, const Options& options,
                                          unsigned possible);

// The name of a user; the number where it has none.
std::string user_name(uint32_t uid);

}  // namespace pdf2md::ctl
