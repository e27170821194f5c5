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

// Answer: CAPABILITY_LIST.
struct CapabilitiesRequest {
  static constexpr uint16_t kType = kCapabilities;
  template <class A>
  void fields(A&) {}
};

// What this daemon can be asked for, and how much of it.
struct CapabilityList {
  static constexpr uint16_t kType = kCapabilityList;
  std::vector<std::string> inputs;                    // kinds of documents: "pdf"
  std::vector<std::string> outputs;                   // "md", "json"
  std::vector<std::string> ocr, layout, blank_pages;  // what these options may be
  std::string device;                                 // as configured: "auto"
  uint32_t workers = 0;
  uint32_t readers = 0;  // of each
  uint64_t max_document_bytes = 0;
  uint32_t max_pages = 0;
  uint32_t page_timeout_ms = 0;
  int64_t job_timeout_ms = 0;
  uint32_t max_jobs = 0;            // unfinished ones
  uint32_t max_jobs_per_owner = 0;  // 0: no limit of its own
  int64_t retention_ms = 0;         // of finished jobs
  bool cache = false;               // the same question is answered once
  bool admin = false;               // the asker may see and end the jobs of all
  std::string log;                  // where its log goes: "journal", a path; empty: not known
  template <class A>
  void fields(A& a) {
    a("inputs", inputs);
    a("outputs", outputs);
    a("ocr", ocr);
    a("layout", layout);
    a("blank_pages", blank_pages);
    a("device", device);
    a("workers", workers);
    a("readers", readers);
    a("max_document_bytes", max_document_bytes);
    a("max_pages", max_pages);
    a("page_timeout_ms", page_timeout_ms);
    a("job_timeout_ms", job_timeout_ms);
    a("max_jobs", max_jobs);
    a("max_jobs_per_owner", max_jobs_per_owner);
    a("retention_ms", retention_ms);
    a("cache", cache);
    a("admin", admin);
    a("log", log);
  }
};

}  // namespace pdf2md::proto
