#include "ctl/job_json.h"

#include "ctl/follow.h"

namespace pdf2md::ctl {

void write_json(JsonWriter& json, const Error& error) {
  json.begin_object()
      .field("code", static_cast<unsigned>(error.code))
      .field("name", name(error.code))
      .field("message", error.message)
      .field("hint", error.hint)
      .end_object();
}

void write_json(JsonWriter& json, const proto::JobInfo& job) {
  json.begin_object()
      .field("id", job.id)
      .field("name", job.name)
      .field("uid", job.uid)
      .field("state", proto::name(job.state))
      .field("priority", job.priority)
      .field("held", job.held)
      .field("position", job.position)
      .field("eta_ms", job.eta_ms)
      .field("document_bytes", job.document_bytes)
      .field("pages_total", job.pages_total)
      .field("pages_done", job.pages_done)
      .numbers("pages_failed", job.pages_failed)
      .numbers("pages_degraded", job.pages_degraded)
      .field("attempts", job.attempts)
      .field("submitted_unix_ms", job.submitted_unix_ms)
      .field("started_unix_ms", job.started_unix_ms)
      .field("finished_unix_ms", job.finished_unix_ms)
      .key("error");
  if (job.error_code == 0 && job.error.empty()) {
    json.null();
  } else {
    write_json(json, Error{static_cast<ErrorCode>(job.error_code), job.error, job.hint});
  }
  json.key("outputs").begin_array();
  for (const proto::OutputInfo& output : job.outputs) {
    json.begin_object().field("name", output.name).field("size", output.size).end_object();
  }
  json.end_array().end_object();
}

void write_json(JsonWriter& json, const proto::Event& event) {
  static constexpr const char* kKinds[] = {"state", "page", "log"};
  size_t kind = static_cast<size_t>(event.kind);
  json.begin_object()
      .field("job", event.job)
      .field("event", kind < std::size(kKinds) ? kKinds[kind] : "unknown")
      .field("state", proto::name(event.state))
      .field("held", event.held)
      .field("pages_done", event.pages_done)
      .field("pages_total", event.pages_total)
      .field("pages_failed", event.pages_failed);
  if (event.kind == proto::EventKind::kPage) {
    json.field("page", event.page)
        .field("page_status", page_status_name(event.page_status))
        .field("page_ms", event.page_ms);
  }
  if (!event.text.empty()) json.field("text", event.text);
  if (event.error_code != 0) {
    json.key("error");
    write_json(json, Error{static_cast<ErrorCode>(event.error_code), event.text, event.hint});
  }
  json.end_object();
}

void write_json(JsonWriter& json, const proto::WorkerInfo& worker) {
  json.begin_object()
      .field("slot", worker.slot)
      .field("pid", worker.pid)
      .field("state", worker.state)
      .field("device", worker.device)
      .field("device_name", worker.device_name)
      .field("pages_done", worker.pages_done)
      .field("jobs_done", worker.jobs_done)
      .field("restarts", worker.restarts)
      .field("rss_bytes", worker.rss_bytes)
      .field("job", worker.job)
      .field("page", worker.page)
      .field("page_ms", worker.page_ms)
      .field("last_exit", worker.last_exit)
      .field("proof_age_ms", worker.proof_age_ms)
      .field("crash_looping", worker.crash_looping)
      .field("vram_bytes", worker.vram_bytes)
      .field("recycled", worker.recycled)
      .field("note", worker.note)
      .end_object();
}

void write_json(JsonWriter& json, const proto::HealthReport& health) {
  json.begin_object()
      .field("status", health.status)
      .field("model_loaded", health.model_loaded)
      .field("gpu_available", health.gpu_available)
      .field("device", health.device)
      .field("pool_size", health.pool_size)
      .field("workers_ready", health.workers_ready)
      .field("workers_busy", health.workers_busy)
      .field("queue_length", health.queue_length)
      .field("canary_age_ms", health.canary_age_ms)
      .field("canary_ms", health.canary_ms)
      .field("oldest_page_ms", health.oldest_page_ms)
      .field("supervisor_rss_bytes", health.supervisor_rss_bytes)
      .field("uptime_ms", health.uptime_ms)
      .field("detail", health.detail)
      .field("live", health.live)
      .field("ready", health.ready)
      .numbers("crash_looping", health.crash_looping)
      .field("device_note", health.device_note)
      .field("paused", health.paused)
      .end_object();
}

void write_json(JsonWriter& json, const proto::Death& death) {
  json.begin_object()
      .field("unix_ms", death.unix_ms)
      .field("slot", death.slot)
      .field("pid", death.pid)
      .field("device", death.device)
      .field("stage", death.stage)
      .field("exit", death.exit_text)
      .field("signal", death.signal)
      .field("exit_code", death.exit_code)
      .field("job", death.job)
      .field("page", death.page)
      .field("reason", death.reason)
      .end_object();
}

void write_json(JsonWriter& json, const proto::Pool& pool) {
  json.begin_object()
      .field("workers", pool.workers)
      .field("ready", pool.ready)
      .field("leaving", pool.leaving)
      .field("paused", pool.paused)
      .field("tasks", pool.tasks)
      .field("jobs", pool.jobs)
      .end_object();
}

void write_json(JsonWriter& json, const proto::Reloaded& reloaded) {
  json.begin_object().key("changes").begin_array();
  for (const proto::SettingChange& change : reloaded.changes) {
    json.begin_object()
        .field("key", change.key)
        .field("before", change.before)
        .field("after", change.after)
        .field("effect", change.effect)
        .end_object();
  }
  json.end_array().key("problems").begin_array();
  for (const proto::SettingProblem& problem : reloaded.problems)
    json.begin_object().field("where", problem.where).field("what", problem.what).end_object();
  json.end_array().end_object();
}

}  // namespace pdf2md::ctl
