#include "daemon/supervisor/job.h"

namespace pdf2md::supervisor {

bool Job::has_work(bool allow_alone) const {
  if (held) return false;
  switch (stage) {
    case Stage::kProbe:
    case Stage::kAssemble:
      return !stage_out && (allow_alone || !stage_suspect);
    case Stage::kPages:
      return pages.has_work(allow_alone);
    case Stage::kOver:
      return false;
  }
  return false;
}

proto::JobInfo Job::info() const {
  proto::JobInfo info;
  info.id = id;
  info.name = options.name;
  info.uid = uid;
  info.state = state;
  info.priority = priority;
  info.held = held;
  info.document_bytes = document_bytes;
  info.pages_total = pages.total();
  info.pages_done = pages.done();
  info.pages_failed = pages.failed();
  info.pages_degraded = pages.degraded();
  info.attempts = pages.retries();
  info.submitted_unix_ms = submitted_unix_ms;
  info.started_unix_ms = started_unix_ms;
  info.finished_unix_ms = finished_unix_ms;
  if (state == proto::JobState::kFailed) {
    info.error_code = static_cast<uint16_t>(error.code);
    info.error = error.message;
    info.hint = error.hint;
  }
  info.outputs = outputs;
  return info;
}

proto::Event Job::event(proto::EventKind kind) const {
  proto::Event event;
  event.job = id;
  event.kind = kind;
  event.state = state;
  event.held = held;
  event.pages_done = pages.done();
  event.pages_total = pages.total();
  event.pages_failed = static_cast<uint32_t>(pages.failed().size());
  if (kind == proto::EventKind::kState && state == proto::JobState::kFailed) {
    event.error_code = static_cast<uint16_t>(error.code);
    event.text = error.message;
    event.hint = error.hint;
  }
  return event;
}

}  // namespace pdf2md::supervisor
