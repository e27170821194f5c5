// Client ↔ supervisor: how the workers and the service are doing.
#pragma once

#include "proto/messages.h"

namespace pdf2md::proto {

// Answer: WORKER_LIST.
struct WorkersRequest {
  static constexpr uint16_t kType = kWorkers;
  template <class A>
  void fields(A&) {}
};

struct WorkerInfo {
  uint32_t slot = 0;
  int32_t pid = 0;          // 0: not running
  std::string state;        // down spawning loading ready busy draining backoff broken
  std::string device;       // "cpu", "cuda:0"
  std::string device_name;  // "NVIDIA H200"
  uint32_t pages_done = 0;
  uint32_t jobs_done = 0;
  uint32_t restarts = 0;
  uint64_t rss_bytes = 0;
  uint64_t job = 0;               // being worked on; 0: none
  uint32_t page = 0;              // oldest page in flight; 0: none
  uint32_t page_ms = 0;           // its age
  std::string last_exit;          // "signal 9 (killed)", "exit 66 (bad model)"; empty: never died
  uint64_t vram_bytes = 0;        // held by this process on its device
  uint32_t recycled = 0;          // times that a worker of this slot was replaced in good order
  std::string note;               // "replaces worker 4711"; why it is broken; empty: nothing to say
  uint32_t proof_age_ms = 0;      // since its device last answered; 0: it has not, in this life
  bool crash_looping = false;     // dies again and again without having done anything
  uint64_t vram_total_bytes = 0;  // of its device; 0 on the CPU
  uint64_t vram_free_bytes = 0;   // likewise
  uint32_t batch_rung = 0;        // how often its calls are halved for want of memory; 0: full size
  uint64_t readers_lost = 0;      // that died, hung or lied
  template <class A>
  void fields(A& a) {
    a("slot", slot);
    a("pid", pid);
    a("state", state);
    a("device", device);
    a("device_name", device_name);
    a("pages_done", pages_done);
    a("jobs_done", jobs_done);
    a("restarts", restarts);
    a("rss_bytes", rss_bytes);
    a("job", job);
    a("page", page);
    a("page_ms", page_ms);
    a("last_exit", last_exit);
    a("vram_bytes", vram_bytes);
    a("recycled", recycled);
    a("note", note);
    a("proof_age_ms", proof_age_ms);
    a("crash_looping", crash_looping);
    a("vram_total_bytes", vram_total_bytes);
    a("vram_free_bytes", vram_free_bytes);
    a("batch_rung", batch_rung);
    a("readers_lost", readers_lost);
  }
};

struct WorkerList {
  static constexpr uint16_t kType = kWorkerList;
  std::vector<WorkerInfo> workers;
  template <class A>
  void fields(A& a) {
    a("workers", workers);
  }
};

// Answer: HEALTH_REPORT.
struct HealthRequest {
  static constexpr uint16_t kType = kHealth;
  template <class A>
  void fields(A&) {}
};

struct HealthReport {
  static constexpr uint16_t kType = kHealthReport;
  std::string status;  // "ok": a worker has answered its canary lately; "starting"; "degraded":
                       // some workers do not, or serve from the CPU where a GPU is there;
                       // "failing": none does; "drained": none is wanted
  bool model_loaded = false;  // from a real inference, see canary_age_ms
  bool gpu_available = false;
  std::string device;
  uint32_t pool_size = 0;
  uint32_t workers_ready = 0;
  uint32_t workers_busy = 0;
  uint32_t queue_length = 0;    // jobs waiting
  uint32_t canary_age_ms = 0;   // since the newest canary answer of any worker
  uint32_t canary_ms = 0;       // how long that inference took
  uint32_t oldest_page_ms = 0;  // age of the oldest page in flight
  uint64_t supervisor_rss_bytes = 0;
  uint64_t uptime_ms = 0;
  std::string detail;   // why it is not "ok"
  bool paused = false;  // DRAIN: no work is handed out until RESUME
  bool live = true;     // the loop answers: this report is the proof
  bool ready = false;  // documents can be converted now: a worker has proved its device lately, and
                       // the daemon is not stopping
  std::vector<uint32_t> crash_looping;  // slots of workers that die again and again
  std::string device_note;              // a GPU is there or was asked for, and the CPU serves: why
  template <class A>
  void fields(A& a) {
    a("status", status);
    a("model_loaded", model_loaded);
    a("gpu_available", gpu_available);
    a("device", device);
    a("pool_size", pool_size);
    a("workers_ready", workers_ready);
    a("workers_busy", workers_busy);
    a("queue_length", queue_length);
    a("canary_age_ms", canary_age_ms);
    a("canary_ms", canary_ms);
    a("oldest_page_ms", oldest_page_ms);
    a("supervisor_rss_bytes", supervisor_rss_bytes);
    a("uptime_ms", uptime_ms);
    a("detail", detail);
    a("paused", paused);
    a("live", live);
    a("ready", ready);
    a("crash_looping", crash_looping);
    a("device_note", device_note);
  }
};

// Answer: METRICS_TEXT.
struct MetricsRequest {
  static constexpr uint16_t kType = kMetrics;
  template <class A>
  void fields(A&) {}
};

struct MetricsText {
  static constexpr uint16_t kType = kMetricsText;
  std::string text;  // Prometheus' text format, version 0.0.4
  template <class A>
  void fields(A& a) {
    a("text", text);
  }
};

}  // namespace pdf2md::proto
