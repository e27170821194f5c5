#include "ctl/follow.h"

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr int kCuriousMs = 1000;
constexpr int kRareMs = 20'000;
constexpr int kSilenceMs = 60'000;
constexpr int kCancelMs = 10'000;

}  // namespace

bool is_final(proto::JobState state) {
  return state != proto::JobState::kQueued && state != proto::JobState::kRunning;
}

std::string state_text(proto::JobState state, bool held) {
  if (!held) return proto::name(state);
  return state == proto::JobState::kRunning ? "running, held" : "held";
}

Status follow_job(Connection& connection, uint64_t job, bool curious,
                  const FollowHandlers& handlers) {
  bool asked = false;  // for health, and not answered yet
  bool told = false;
  for (;;) {
    int timeout = asked ? kSilenceMs : curious ? kCuriousMs : kRareMs;
    Result<proto::Message> message = connection.receive(told ? -1 : timeout);
    if (!message && message.error().code == ErrorCode::kTimedOut) {
      if (asked) {
        told = true;
        if (handlers.on_silence) handlers.on_silence();
        continue;
      }
      Status sent = connection.send(proto::HealthRequest());
      if (!sent) return sent;
      asked = true;
      continue;
    }
    if (!message) return message.error();
    told = false;
    if (message->type == proto::kHealthReport) {
      asked = false;
      Result<proto::HealthReport> health = proto::body_of<proto::HealthReport>(*message);
      if (!health) return health.error();
      if (handlers.on_health) handlers.on_health(*health);
    } else if (message->type == proto::kEvent) {
      Result<proto::Event> event = proto::body_of<proto::Event>(*message);
      if (!event) return event.error();
      if (event->job != job) continue;
      if (handlers.on_event) handlers.on_event(*event);
      if (!is_final(event->state)) continue;
      // The answer to a question that is still open must not be taken for that of the next one.
      if (asked) {
        Result<proto::HealthReport> health = connection.expect<proto::HealthReport>();
        if (!health) return health.error();
      }
      return Ok{};
    } else if (message->type == proto::kError) {
      return error_of(*message);
    } else {
      return Error{ErrorCode::kUnexpected,
                   "message " + std::to_string(message->type) + " came while the job was running",
                   "pdf2mdctl and pdf2mdd may be of different versions"};
    }
  }
}

bool cancel_and_confirm(Connection& connection, uint64_t job) {
  if (!connection.send(proto::Cancel{job})) return false;
  for (;;) {
    Result<proto::Message> message = connection.receive(kCancelMs);
    if (!message || message->type == proto::kError) return false;
    if (message->type == proto::kDone) return true;
  }
}

std::string waiting_note(const proto::HealthReport& health) {
  if (health.status == "starting" || (!health.model_loaded && health.status != "failing")) {
    return "workers are loading their models";
  }
  if (health.status == "failing") {
    return "no worker is healthy" + (health.detail.empty() ? "" : ": " + printable(health.detail));
  }
  if (health.queue_length > 0)
    return "waiting, " + count_of(health.queue_length, "job") + " in the queue";
  return "being opened";
}

const char* page_status_name(uint8_t status) {
  static constexpr const char* kNames[] = {"ok", "blank", "degraded", "failed"};
  return status < std::size(kNames) ? kNames[status] : "unknown";
}

}  // namespace pdf2md::ctl
