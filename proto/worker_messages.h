// Supervisor ↔ worker, on descriptor 3 of the worker. Both are of one build: the supervisor kills a
// worker whose build id differs.
//
//   worker  WORKER_HELLO                      first thing
//   super.  CONFIGURE                         once
//   worker  READY                             models loaded and run on the device
//   super.  PROBE   → PROBED                  or TASK_FAILED
//   super.  CONVERT → (PAGE_STARTED, PAGE_DONE)*, TASK_DONE
//                                             or TASK_FAILED (the document cannot be opened
//                                             any more)
//   super.  ASSEMBLE → ASSEMBLED              or TASK_FAILED
//   super.  PING → PONG                       PONG comes from the thread that runs the models
//   super.  CANCEL_JOB, DRAIN                 no answer; DRAIN ends with exit 0 when nothing
//                                             is left
//
// Several tasks may be under way at once. EOF on descriptor 3 means that the supervisor is gone:
// leave.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/messages.h"
#include "proto/page_route.h"

namespace pdf2md::proto {

enum WorkerMessage : uint16_t {
  kWorkerHello = 100,
  kConfigure = 101,
  kReady = 102,
  kProbe = 110,
  kProbed = 111,
  kConvert = 112,
  kPageDone = 113,
  kTaskDone = 114,
  kTaskFailed = 115,
  kAssemble = 116,
  kAssembled = 117,
  kCancelJob = 118,
  kPageStarted = 119,
  kPing = 120,
  kPong = 121,
  kDrain = 122,
};

struct WorkerHello {
  static constexpr uint16_t kType = kWorkerHello;
  std::string build_id;
  int32_t pid = 0;
  template <class A>
  void fields(A& a) {
    a("build_id", build_id);
    a("pid", pid);
  }
};

// Limits on one document; enforced by worker and reader, before memory is allocated where that is
// possible.
struct DocumentLimits {
  uint32_t max_pages = 10000;
  double max_page_side_pt = 14400;            // PDF 1.7, annex C: 200 inches
  uint64_t max_pixels = 64'000'000;           // of one raster
  uint32_t max_page_objects = 2'000'000;      // glyphs, rules and images together
  uint32_t page_timeout_ms = 120'000;         // reader and models together
  uint64_t reader_memory_bytes = 2ull << 30;  // RLIMIT_AS of a reader
  template <class A>
  void fields(A& a) {
    a("max_pages", max_pages);
    a("max_page_side_pt", max_page_side_pt);
    a("max_pixels", max_pixels);
    a("max_page_objects", max_page_objects);
    a("page_timeout_ms", page_timeout_ms);
    a("reader_memory_bytes", reader_memory_bytes);
  }
};

struct Configure {
  static constexpr uint16_t kType = kConfigure;
  uint32_t slot = 0;
  std::string device = "auto";        // "auto", "cpu", "cuda", "cuda:N"
  uint32_t threads = 1;               // of the models on the CPU
  uint32_t readers = 1;               // reader processes, and so pages under way
  std::string reader_program;         // absolute path of pdf2md-reader
  std::string model_dir;              // folder with manifest.toml and the weights
  std::string log_format;             // "text", "journal", "json"
  std::string log_level;              // "error", "warning", "info", "debug"
  uint32_t ocr_dpi = 200;             // raster for detection and recognition
  std::string script_reader_program;  // absolute path of pdf2md-script-reader
  std::string ocr_scripts = "auto";   // that it may read: "auto", "none" or "Cyrillic,Greek"
  DocumentLimits limits;
  template <class A>
  void fields(A& a) {
    a("slot", slot);
    a("device", device);
    a("threads", threads);
    a("readers", readers);
    a("reader_program", reader_program);
    a("model_dir", model_dir);
    a("log_format", log_format);
    a("log_level", log_level);
    a("ocr_dpi", ocr_dpi);
    a("script_reader_program", script_reader_program);
    a("ocr_scripts", ocr_scripts);
    a("limits", limits);
  }
};

struct Ready {
  static constexpr uint16_t kType = kReady;
  std::string device;  // "cpu", "cuda:0"
  std::string device_name;
  std::string note;         // "no NVIDIA driver: running on the CPU"; empty: as asked
  uint32_t load_ms = 0;     // reading and checking weights, building graphs
  uint32_t upload_ms = 0;   // to the device
  uint32_t warm_up_ms = 0;  // first real inferences
  // Of the device, before anything was put there; 0 on the CPU, or where the driver does not tell.
  // What is missing from the total then is held by others.
  uint64_t vram_total_bytes = 0;
  uint64_t vram_free_bytes = 0;
  std::string sandbox;  // of its readers: "seccomp+landlock7", "seccomp", "none", ...
  template <class A>
  void fields(A& a) {
    a("device", device);
    a("device_name", device_name);
    a("note", note);
    a("load_ms", load_ms);
    a("upload_ms", upload_ms);
    a("warm_up_ms", warm_up_ms);
    a("vram_total_bytes", vram_total_bytes);
    a("vram_free_bytes", vram_free_bytes);
    a("sandbox", sandbox);
  }
};

// Opens the document in `folder` (job_folder.h), writes its info record there.
struct Probe {
  static constexpr uint16_t kType = kProbe;
  uint64_t task = 0;
  uint64_t job = 0;
  std::string folder;
  JobOptions options;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("job", job);
    a("folder", folder);
    a("options", options);
  }
};

struct Probed {
  static constexpr uint16_t kType = kProbed;
  uint64_t task = 0;
  std::vector<uint32_t> pages;  // to convert, 1-based, ascending: the range asked for
  uint32_t document_pages = 0;  // in the whole document
  std::string note;             // "damaged: 12 of 14 pages can be read"; empty: sound
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("pages", pages);
    a("document_pages", document_pages);
    a("note", note);
  }
};

enum class Effort : uint8_t {
  kFull = 0,
  kTextLayerOnly = 1,  // after the page killed a worker while running alone: no models
  kPlaceholder = 2,    // after that failed too: a record that says so, without opening the document
};

struct Convert {
  static constexpr uint16_t kType = kConvert;
  uint64_t task = 0;
  uint64_t job = 0;
  std::string folder;
  JobOptions options;
  std::vector<uint32_t> pages;
  Effort effort = Effort::kFull;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("job", job);
    a("folder", folder);
    a("options", options);
    a("pages", pages);
    a("effort", effort);
  }
};

// Sent when work on a page begins, before anything of it can hurt. After a death only the pages
// begun and not done are suspects, and a page's deadline runs from here. (A worker that never sends
// it has all unfinished pages of its tasks suspected.)
struct PageStarted {
  static constexpr uint16_t kType = kPageStarted;
  uint64_t task = 0;
  uint64_t job = 0;
  uint32_t page = 0;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("job", job);
    a("page", page);
  }
};

// Its page record is on disk, durably, before this is sent.
struct PageDone {
  static constexpr uint16_t kType = kPageDone;
  uint64_t task = 0;
  uint64_t job = 0;
  uint32_t page = 0;
  uint8_t status = 0;  // document::PageStatus
  uint32_t wall_ms = 0;
  std::string note;  // why it failed or was degraded
  // Most device memory of any model call that had a part of this page; 0 on the CPU.
  uint64_t vram_peak_bytes = 0;
  uint64_t rss_bytes = 0;  // of the worker, at the page's end
  PageRoute route;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("job", job);
    a("page", page);
    a("status", status);
    a("wall_ms", wall_ms);
    a("note", note);
    a("vram_peak_bytes", vram_peak_bytes);
    a("rss_bytes", rss_bytes);
    a("route", route);
  }
};

struct TaskDone {
  static constexpr uint16_t kType = kTaskDone;
  uint64_t task = 0;
  uint64_t vram_peak_bytes = 0;  // greatest of its pages
  uint64_t rss_peak_bytes = 0;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("vram_peak_bytes", vram_peak_bytes);
    a("rss_peak_bytes", rss_peak_bytes);
  }
};

struct TaskFailed {
  static constexpr uint16_t kType = kTaskFailed;
  uint64_t task = 0;
  uint16_t code = 0;  // ErrorCode
  std::string message;
  std::string hint;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("code", code);
    a("message", message);
    a("hint", hint);
  }
};

// All page records are on disk: write the outputs. `pages` as in PROBED.
struct Assemble {
  static constexpr uint16_t kType = kAssemble;
  uint64_t task = 0;
  uint64_t job = 0;
  std::string folder;
  JobOptions options;
  std::vector<uint32_t> pages;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("job", job);
    a("folder", folder);
    a("options", options);
    a("pages", pages);
  }
};

struct Assembled {
  static constexpr uint16_t kType = kAssembled;
  uint64_t task = 0;
  std::vector<OutputInfo> outputs;
  template <class A>
  void fields(A& a) {
    a("task", task);
    a("outputs", outputs);
  }
};

struct CancelJob {
  static constexpr uint16_t kType = kCancelJob;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

struct Ping {
  static constexpr uint16_t kType = kPing;
  uint64_t sequence = 0;
  template <class A>
  void fields(A& a) {
    a("sequence", sequence);
  }
};

struct Pong {
  static constexpr uint16_t kType = kPong;
  uint64_t sequence = 0;
  uint32_t canary_ms = 0;       // a small inference on the device, waiting in the queue included
  uint32_t oldest_page_ms = 0;  // age of the oldest page in flight; 0: none
  uint64_t rss_bytes = 0;
  uint64_t vram_bytes = 0;            // reserved on the device by this process; 0 on the CPU
  uint64_t vram_allocated_bytes = 0;  // of these, in use; the rest is cached
  uint64_t vram_peak_bytes = 0;       // the most that ever was reserved
  uint64_t vram_total_bytes = 0;      // of the device
  uint64_t vram_free_bytes = 0;       // likewise
  uint32_t batch_rung = 0;            // how often calls are halved for want of memory; 0: full size
  uint64_t readers_lost = 0;          // that died, hung or lied, since READY
  std::string sandbox;                // as in READY
  template <class A>
  void fields(A& a) {
    a("sequence", sequence);
    a("canary_ms", canary_ms);
    a("oldest_page_ms", oldest_page_ms);
    a("rss_bytes", rss_bytes);
    a("vram_bytes", vram_bytes);
    a("vram_allocated_bytes", vram_allocated_bytes);
    a("vram_peak_bytes", vram_peak_bytes);
    a("vram_total_bytes", vram_total_bytes);
    a("vram_free_bytes", vram_free_bytes);
    a("batch_rung", batch_rung);
    a("readers_lost", readers_lost);
    a("sandbox", sandbox);
  }
};

struct Drain {
  static constexpr uint16_t kType = kDrain;
  template <class A>
  void fields(A&) {}
};

}  // namespace pdf2md::proto
