#include "daemon/supervisor/operations.h"

#include "daemon/supervisor/reload.h"
#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

constexpr uint32_t kMaxWorkers = 64;
constexpr size_t kMaxProblems = 20;  // told at once: an answer has to fit into a frame

// What workers are told that follows from several keys.
bool same_share(const Config& a, const Config& b) {
  return a.threads == b.threads && a.readers == b.readers;
}

std::string refusal(const Error& error) {
  return proto::encode_frame(proto::to_reply(error));
}

template <class Body>
std::string frame_of(const Result<Body>& result) {
  return result ? proto::encode_frame(*result) : refusal(result.error());
}

}  // namespace

Operations::Operations(Config asked, Config& live, const Machine& machine, LoadConfig load,
                       Dispatcher& dispatcher, std::function<void()> changed,
                       std::function<void()> reconfigured)
    : asked_(std::move(asked)),
      live_(live),
      machine_(machine),
      load_(std::move(load)),
      dispatcher_(dispatcher),
      changed_(std::move(changed)),
      reconfigured_(std::move(reconfigured)) {}

Result<proto::Pool> Operations::resize(uint32_t workers) {
  if (workers < 1 || workers > kMaxWorkers) {
    return Error{ErrorCode::kBadOptions, std::to_string(workers) + " workers cannot be",
                 "1 to " + std::to_string(kMaxWorkers)};
  }
  dispatcher_.pool().resize(workers);
  changed_();
  return dispatcher_.state_of_pool();
}

proto::Pool Operations::pause(bool paused) {
  dispatcher_.pause(paused);
  changed_();
  return dispatcher_.state_of_pool();
}

Result<proto::Pool> Operations::restart(std::optional<uint32_t> slot) {
  if (!dispatcher_.pool().restart(slot, "asked for")) {
    return Error{ErrorCode::kBadOptions, "there is no worker " + std::to_string(*slot),
                 "there are 0 to " + std::to_string(dispatcher_.pool().slots() - 1)};
  }
  changed_();
  return dispatcher_.state_of_pool();
}

proto::Reloaded Operations::reload() {
  proto::Reloaded answer;
  ConfigProblems problems;
  Config wanted = load_(problems);
  for (const ConfigProblem& problem : problems) {
    if (answer.problems.size() == kMaxProblems) break;
    log(LogLevel::kError, "configuration not reloaded: " + problem.what,
        {{"where", problem.where}});
    answer.problems.push_back({problem.where, problem.what});
  }
  if (!problems.empty()) return answer;
  std::vector<ConfigChange> changes = changes_between(asked_, wanted);
  bool workers_too = false, resized = false;
  for (const ConfigChange& change : changes) {
    workers_too = workers_too || change.effect == ReloadEffect::kWorkers;
    resized = resized || change.key->full_name() == "workers";
    log(LogLevel::kInfo, "setting changed",
        {{"key", change.key->full_name()},
         {"before", change.before},
         {"after", change.after},
         {"effect", name(change.effect)}});
    answer.changes.push_back(
        {change.key->full_name(), change.before, change.after, name(change.effect)});
  }
  asked_ = merge(asked_, wanted, changes);
  Config resolved = resolve(asked_, machine_);
  workers_too = workers_too || !same_share(resolved, live_);
  live_ = std::move(resolved);
  dispatcher_.pool().reconfigured(workers_too);
  // Where the key has not changed, what RESIZE asked for stands.
  if (resized) dispatcher_.pool().resize(live_.workers);
  log(LogLevel::kInfo, "configuration reloaded", {{"changes", std::to_string(changes.size())}});
  reconfigured_();
  changed_();
  return answer;
}

const char* operation_name(const proto::Message& message) {
  switch (message.type) {
    case proto::kResize:
      return "resize";
    case proto::kDrainPool:
      return "drain";
    case proto::kResumePool:
      return "resume";
    case proto::kRestartWorker:
      return "restart-worker";
    case proto::kReload:
      return "reload";
    case proto::kDeaths:
      return "deaths";
    default:
      return nullptr;
  }
}

Result<std::string> answer_operation(Operations& operations, const proto::Message& message,
                                     bool admin, const std::string& who) {
  if (message.type == proto::kDeaths) return proto::encode_frame(operations.deaths());
  std::string name = operation_name(message);
  if (!admin) {
    return refusal(Error{ErrorCode::kNotYours, name + " is for administrators",
                         "root, the daemon's user and the members of socket.admin_group may"});
  }
  log(LogLevel::kInfo, "asked to " + name, {{"by", who}});
  switch (message.type) {
    case proto::kResize: {
      Result<proto::Resize> body = proto::body_of<proto::Resize>(message);
      if (!body) return body.error();
      return frame_of(operations.resize(body->workers));
    }
    case proto::kRestartWorker: {
      Result<proto::RestartWorker> body = proto::body_of<proto::RestartWorker>(message);
      if (!body) return body.error();
      return frame_of(operations.restart(body->slot));
    }
    case proto::kReload:
      return proto::encode_frame(operations.reload());
    default:
      return proto::encode_frame(operations.pause(message.type == proto::kDrainPool));
  }
}

}  // namespace pdf2md::supervisor
