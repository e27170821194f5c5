#include "ctl/job_filter.h"

#include <pwd.h>

#include <algorithm>

#include "ctl/option_table.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

struct StateName {
  const char* name;
  unsigned states;
};
constexpr StateName kStateNames[] = {
    {"queued", job_state_bit(proto::JobState::kQueued)},
    {"running", job_state_bit(proto::JobState::kRunning)},
    {"held", kHeldJobs},
    {"done", job_state_bit(proto::JobState::kDone)},
    {"failed", job_state_bit(proto::JobState::kFailed)},
    {"cancelled", job_state_bit(proto::JobState::kCancelled)},
    {"completed", kFinishedJobs},
    {"not-completed", kUnfinishedJobs},
    {"all", kFinishedJobs | kUnfinishedJobs},
};

}  // namespace

std::optional<unsigned> parse_job_states(const std::string& text) {
  unsigned states = 0;
  for (size_t start = 0; start <= text.size();) {
    size_t comma = std::min(text.find(',', start), text.size());
    std::string word = text.substr(start, comma - start);
    const StateName* found =
        std::find_if(std::begin(kStateNames), std::end(kStateNames),
                     [&word](const StateName& known) { return word == known.name; });
    if (found == std::end(kStateNames)) return std::nullopt;
    states |= found->states;
    start = comma + 1;
  }
  return states;
}

bool matches(const JobFilter& filter, const proto::JobInfo& job) {
  if (filter.uid && job.uid != *filter.uid) return false;
  unsigned states = job_state_bit(job.state) | (job.held ? kHeldJobs : 0);
  return filter.states == 0 || (filter.states & states) != 0;
}

Result<JobFilter> filter_of(const Options& options) {
  JobFilter filter;
  filter.states = options.states;
  if (options.user.empty()) return filter;
  uint32_t uid = 0;
  if (const struct passwd* user = ::getpwnam(options.user.c_str())) {
    filter.uid = user->pw_uid;
  } else if (parse_number(options.user, uid)) {
    filter.uid = uid;
  } else {
    return Error{ErrorCode::kBadOptions, "there is no user " + printable(options.user),
                 "a number is taken as well"};
  }
  return filter;
}

Result<std::vector<uint64_t>> choose_jobs(Connection& connection, const Options& options,
                                          unsigned possible) {
  if (!options.several_jobs.empty()) return options.several_jobs;
  Result<JobFilter> filter = filter_of(options);
  if (!filter) return filter.error();
  Result<proto::Jobs> jobs = connection.request<proto::Jobs>(proto::StatusRequest());
  if (!jobs) return jobs.error();
  std::vector<uint64_t> chosen;
  for (const proto::JobInfo& job : jobs->jobs) {
    if ((job_state_bit(job.state) & possible) != 0 && matches(*filter, job))
      chosen.push_back(job.id);
  }
  return chosen;
}

std::string user_name(uint32_t uid) {
  const struct passwd* user = ::getpwuid(uid);
  return user != nullptr ? user->pw_name : std::to_string(uid);
}

}  // namespace pdf2md::ctl
