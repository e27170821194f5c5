// What a client asks about jobs that exist, and the events that it is sent.
#include <algorithm>

#include "daemon/supervisor/client.h"
#include "daemon/supervisor/forecast.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

constexpr size_t kMaxWatched = 10'000;

}  // namespace

const Job* Client::visible(uint64_t id) {
  const Job* job = service_.queue().find(id);
  if (job == nullptr) {
    refuse(Error{ErrorCode::kNoSuchJob, "there is no job " + std::to_string(id),
                 "finished jobs are kept for retention.max_age_s"});
  } else if (job->uid != uid_ && !admin_) {
    refuse(
        Error{ErrorCode::kNotYours, "job " + std::to_string(id) + " belongs to another user", ""});
    return nullptr;
  }
  return job;
}

void Client::watch(uint64_t id) {
  const Job* job = visible(id);
  if (job == nullptr) return;
  if (watched_.size() >= kMaxWatched)
    return refuse(Error{ErrorCode::kBadOptions, "too many jobs are watched", "use STATUS"});
  connection_.send(state_of(*job));
  if (!job->end_told) watched_.insert(id);
}

proto::JobInfo Client::info_of(const Forecast& forecast, const Job& job) const {
  proto::JobInfo info = forecast.info(job);
  if (!job.over() || job.end_told) return info;
  info.state = proto::JobState::kRunning;
  info.finished_unix_ms = 0;
  info.error_code = 0;
  info.error = info.hint = "";
  info.outputs.clear();
  return info;
}

proto::Event Client::state_of(const Job& job) const {
  proto::Event event = job.event(proto::EventKind::kState);
  if (!job.over() || job.end_told) return event;
  event.state = proto::JobState::kRunning;
  event.text = event.hint = "";
  event.error_code = 0;
  return event;
}

void Client::tell(const proto::Event& event) {
  if (watched_.count(event.job) == 0) return;
  bool last = event.kind == proto::EventKind::kState && event.state >= proto::JobState::kDone;
  if (connection_.above_high_water())
    behind_.insert(event.job);
  else
    connection_.send(event);
  if (last) watched_.erase(event.job);
}

void Client::status(const proto::StatusRequest& request) {
  std::vector<proto::JobInfo> infos;
  Forecast forecast(service_.queue());
  if (request.job) {
    const Job* job = visible(*request.job);
    if (job == nullptr) return;
    infos.push_back(info_of(forecast, *job));
  } else {
    for (const auto& [id, job] : service_.queue().jobs()) {
      if (job.uid == uid_ || admin_) infos.push_back(info_of(forecast, job));
    }
  }
  connection_.send(fit_into_frame(std::move(infos)));
}

template <class Change>
void Client::change(uint64_t id, const char* what, Change change) {
  if (visible(id) == nullptr) return;
  Status changed = change(service_.queue());
  if (!changed) return refuse(changed.error());
  log(LogLevel::kInfo, std::string("job ") + what,
      {{"job", std::to_string(id)}, {"by_uid", std::to_string(uid_)}});
  connection_.hold(true);  // requests are answered in order
  service_.once_journalled([this, here = here_] {
    if (!*here || left_) return;
    connection_.hold(false);
    connection_.send(proto::Done{});
  });
}

void Client::cancel(uint64_t id) {
  change(id, "cancelled", [&](Queue& queue) { return queue.cancel(id, service_.now()); });
}

void Client::hold(uint64_t id) {
  change(id, "held", [&](Queue& queue) { return queue.hold(id, service_.now()); });
}

void Client::unhold(uint64_t id) {
  change(id, "released", [&](Queue& queue) { return queue.unhold(id, service_.now()); });
}

void Client::set_priority(const proto::SetPriority& wish) {
  Status possible = check_priority(wish.priority);
  if (!possible) return refuse(possible.error());
  change(wish.job, "has another priority",
         [&](Queue& queue) { return queue.set_priority(wish.job, wish.priority); });
}

void Client::remove(uint64_t id) {
  change(id, "removed", [&](Queue& queue) { return queue.forget(id); });
}

void Client::explain(const proto::Explain& request) {
  if (visible(request.job) != nullptr)
    connection_.send(service_.explain(request.job, request.page));
}

// The document of a failed job is kept; its passwords are not.
void Client::retry(const proto::Retry& request) {
  const Job* failed = visible(request.job);
  if (failed == nullptr) return;
  if (!failed->end_told || failed->state != proto::JobState::kFailed || failed->attached) {
    return refuse(Error{ErrorCode::kUnexpected,
                        "job " + std::to_string(failed->id) + " is " +
                            proto::name(info_of(Forecast(service_.queue()), *failed).state) +
                            ": only failed ones can be tried again",
                        "submit the document again"});
  }
  Job job;
  job.uid = failed->uid;
  job.options = failed->options;
  job.options.passwords = request.passwords;
  job.document_bytes = failed->document_bytes;
  job.priority = failed->priority;
  job.max_workers = failed->max_workers;
  if (request.passwords.empty()) job.cache_key = failed->cache_key;
  Status possible = service_.takes_jobs();
  if (possible) possible = check_options(job.options);
  if (possible) possible = service_.room_for(0);  // its bytes are there already
  std::string full = service_.queue().no_room(job.uid, job.document_bytes);
  if (possible && !full.empty()) possible = Error{ErrorCode::kBusy, full, ""};
  if (!possible) return refuse_job(possible.error());
  job.id = service_.queue().reserve(job.uid, job.document_bytes);
  job.folder = service_.spool().folder(job.id);
  Status made = service_.spool().make_folder_with_document(job.id, failed->folder);
  if (!made) {
    service_.queue().release(job.id);
    return refuse(made.error());
  }
  connection_.hold(true);  // requests are answered in order
  service_.intake().accept_again(
      std::move(job),
      [this, here = here_, since_ms = service_.now().monotonic_ms](const Result<uint64_t>& id) {
        if (*here && !left_) accepted(id, false, since_ms);
      });
}

void Client::spool() {
  constexpr size_t kMostListed = 1000;
  proto::SpoolReport report = service_.spool_report();
  for (const auto& [id, job] : service_.queue().jobs()) {
    if (job.uid != uid_ && !admin_) continue;
    report.jobs.push_back({id, job.options.name, job.state,
                           job.over() ? job.kept_bytes : job.document_bytes, job.finished_unix_ms});
  }
  std::stable_sort(
      report.jobs.begin(), report.jobs.end(),
      [](const proto::SpooledJob& a, const proto::SpooledJob& b) { return a.bytes > b.bytes; });
  // Names are long at times.
  while (report.jobs.size() > kMostListed ||
         (!report.jobs.empty() && proto::pack(report).size() > proto::kMaxFrameBytes / 2)) {
    size_t half = report.jobs.size() / 2;
    report.omitted += static_cast<uint32_t>(report.jobs.size() - half);
    report.jobs.resize(half);
  }
  connection_.send(report);
}

}  // namespace pdf2md::supervisor
