// Client ↔ supervisor. Specified for other languages in man/pdf2md-protocol.7.
//
// A conversation: HELLO → WELCOME, then any number of requests. Each request is answered by the
// message named beside it or by ERROR. Requests are answered in order; EVENT messages of watched
// jobs may come in between.
//
// Version history
//   1  first
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/frame.h"

namespace pdf2md::proto {

constexpr uint32_t kProtocolVersion = 1;
constexpr uint32_t kOldestProtocolVersion = 1;

// Numbers are banded and never reused; a changed message gets a new one.
//   1–9 handshake and errors, 10–29 and 50–59 jobs, 30–49 and 60–69 service, 100–149 worker,
//   200–249 reader.
enum ClientMessage : uint16_t {
  kHello = 1,
  kWelcome = 2,
  kError = 3,
  kSubmit = 10,
  kData = 11,
  kDataEnd = 12,
  kAccepted = 13,
  kBusy = 14,
  kWatch = 15,
  kEvent = 16,
  kFetch = 17,
  kResult = 18,
  kStatus = 20,
  kJobs = 21,
  kCancel = 22,
  kDone = 23,
  kHold = 24,
  kRelease = 25,
  kSetPriority = 26,
  kSpool = 27,  // spool_messages.h
  kSpoolReport = 28,
  // service_messages.h
  kWorkers = 30,
  kWorkerList = 31,
  kHealth = 32,
  kHealthReport = 33,
  kMetrics = 38,
  kMetricsText = 39,
  // admin_messages.h
  kResize = 40,
  kDrainPool = 41,
  kResumePool = 42,
  kRestartWorker = 43,
  kPool = 44,
  kReload = 45,
  kReloaded = 46,
  kDeaths = 47,
  kDeathList = 48,
  // spool_messages.h
  kRetry = 50,
  kRemove = 51,
  kExplain = 52,
  kExplanation = 53,
  // service_messages.h
  kCapabilities = 60,
  kCapabilityList = 61,
};

// Largest DATA payload that senders use; receivers take whatever fits into a frame.
constexpr size_t kDataBytes = 256 << 10;

struct Hello {
  static constexpr uint16_t kType = kHello;
  uint32_t min_version = kOldestProtocolVersion;
  uint32_t max_version = kProtocolVersion;
  std::string client;  // "pdf2mdctl 0.1.0", for the log
  template <class A>
  void fields(A& a) {
    a("min", min_version);
    a("max", max_version);
    a("client", client);
  }
};

struct Welcome {
  static constexpr uint16_t kType = kWelcome;
  uint32_t version = 0;  // the one spoken from here on
  std::string server;    // "pdf2mdd 0.1.0"
  std::string build_id;
  uint64_t max_document_bytes = 0;
  template <class A>
  void fields(A& a) {
    a("version", version);
    a("server", server);
    a("build_id", build_id);
    a("max_document_bytes", max_document_bytes);
  }
};

// Answers the request before it; after kBadFrame, kBadMessage and kVersionMismatch the daemon
// closes.
struct ErrorReply {
  static constexpr uint16_t kType = kError;
  uint16_t code = 0;  // ErrorCode
  std::string name;   // its stable name
  std::string message;
  std::string hint;
  template <class A>
  void fields(A& a) {
    a("code", code);
    a("name", name);
    a("message", message);
    a("hint", hint);
  }
};

// What a job is to do. Travels from the client through the supervisor to the worker unchanged.
struct JobOptions {
  std::string name;                        // display name, for messages and logs; never opened
  std::string pages;                       // "3-7,12"; empty: all
  uint32_t max_pages = 0;                  // 0: the daemon's limit
  uint32_t timeout_ms = 0;                 // for the whole job; 0: the daemon's limit
  std::vector<std::string> passwords;      // tried in order; never logged
  std::vector<std::string> outputs{"md"};  // of output_names.h
  bool strict = false;                     // one failed page fails the document
  bool keep_headers = false;               // keep running headers, footers and page numbers
  bool images = true;                      // save figures as assets and link them
  std::string page_separator;              // written between pages; empty: none
  // "comment": <!-- page 3: blank -->; "text": [[Blank page]]; "none": nothing
  std::string blank_pages = "comment";
  std::string ocr = "auto";     // "auto": where the text layer is not trusted; "always"; "never"
  std::string layout = "auto";  // "auto": always on a GPU, on doubt on a CPU; "always"; "never"
  std::string asset_prefix = "assets/";  // before an asset's file name in links: a relative URL,
                                         // percent-encoded by the client; written as it is
  std::string mode = "clean";        // "grounded": type and box before each block of the Markdown
  std::string tables = "pipe";       // "html": all tables, not only those that pipes cannot say
  std::string image_data = "files";  // "inline": figures within Markdown and HTML
  uint32_t chunk_tokens = 512;       // most of a piece of "chunks"
  template <class A>
  void fields(A& a) {
    a("name", name);
    a("pages", pages);
    a("max_pages", max_pages);
    a("timeout_ms", timeout_ms);
    a("passwords", passwords);
    a("outputs", outputs);
    a("strict", strict);
    a("keep_headers", keep_headers);
    a("images", images);
    a("page_separator", page_separator);
    a("blank_pages", blank_pages);
    a("ocr", ocr);
    a("layout", layout);
    a("asset_prefix", asset_prefix);
    a("mode", mode);
    a("tables", tables);
    a("image_data", image_data);
    a("chunk_tokens", chunk_tokens);
  }
};

constexpr uint32_t kLowestPriority = 1;
constexpr uint32_t kDefaultPriority = 50;
constexpr uint32_t kHighestPriority = 100;

// Followed by DATA frames and DATA_END. Answer: ACCEPTED or BUSY (which may come before all data is
// sent).
struct Submit {
  static constexpr uint16_t kType = kSubmit;
  JobOptions options;
  uint64_t size = 0;      // bytes that will follow, if known; refused early if over the limit
  bool attached = false;  // cancelled when this connection closes, and its events are sent unasked
  uint32_t priority = kDefaultPriority;  // 1 to 100, among the jobs of one owner; higher is sooner
  bool hold = false;                     // not started before RELEASE
  uint32_t max_workers = 0;              // at most so many work on it at a time; 0: no wish
  template <class A>
  void fields(A& a) {
    a("options", options);
    a("size", size);
    a("attached", attached);
    a("priority", priority);
    a("hold", hold);
    a("max_workers", max_workers);
  }
};

struct Data {
  static constexpr uint16_t kType = kData;
  Bytes bytes;
  template <class A>
  void fields(A& a) {
    a("bytes", bytes);
  }
};

struct DataEnd {
  static constexpr uint16_t kType = kDataEnd;
  template <class A>
  void fields(A&) {}
};

struct Accepted {
  static constexpr uint16_t kType = kAccepted;
  uint64_t job = 0;
  uint32_t position = 0;  // jobs that will be begun before it
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("position", position);
  }
};

struct Busy {
  static constexpr uint16_t kType = kBusy;
  uint32_t retry_after_ms = 0;
  std::string reason;
  template <class A>
  void fields(A& a) {
    a("retry_after_ms", retry_after_ms);
    a("reason", reason);
  }
};

enum class JobState : uint8_t { kQueued = 0, kRunning = 1, kDone = 2, kFailed = 3, kCancelled = 4 };
const char* name(JobState state);

// Asks for the events of a job from now on. Answer: an EVENT with the current state at once.
struct Watch {
  static constexpr uint16_t kType = kWatch;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

enum class EventKind : uint8_t { kState = 0, kPage = 1, kLog = 2 };

struct Event {
  static constexpr uint16_t kType = kEvent;
  uint64_t job = 0;
  EventKind kind = EventKind::kState;
  JobState state = JobState::kQueued;  // always filled in
  uint32_t pages_done = 0;             // likewise: pages with a final record
  uint32_t pages_total = 0;            // 0 until known
  uint32_t pages_failed = 0;
  uint32_t page = 0;        // kPage: which (1-based)
  uint8_t page_status = 0;  // kPage: document::PageStatus
  uint32_t page_ms = 0;     // kPage: time it took
  std::string text;         // kLog: for people; kState with kFailed: why
  uint16_t error_code = 0;  // kState with kFailed
  std::string hint;         // likewise
  bool held = false;        // always filled in
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("kind", kind);
    a("state", state);
    a("held", held);
    a("pages_done", pages_done);
    a("pages_total", pages_total);
    a("pages_failed", pages_failed);
    a("page", page);
    a("page_status", page_status);
    a("page_ms", page_ms);
    a("text", text);
    a("error_code", error_code);
    a("hint", hint);
  }
};

// Answer: RESULT, then DATA frames, then DATA_END.
struct Fetch {
  static constexpr uint16_t kType = kFetch;
  uint64_t job = 0;
  std::string output;  // a name from JobInfo::outputs ("md", "json", "assets/p0001-1.png")
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("output", output);
  }
};

struct ResultHeader {
  static constexpr uint16_t kType = kResult;
  uint64_t job = 0;
  std::string output;
  uint64_t size = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("output", output);
    a("size", size);
  }
};

// Answer: JOBS. Without `job`: all jobs that the caller may see, newest last.
struct StatusRequest {
  static constexpr uint16_t kType = kStatus;
  std::optional<uint64_t> job;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

struct OutputInfo {
  std::string name;
  uint64_t size = 0;
  template <class A>
  void fields(A& a) {
    a("name", name);
    a("size", size);
  }
};

struct JobInfo {
  uint64_t id = 0;
  std::string name;
  uint32_t uid = 0;
  JobState state = JobState::kQueued;
  uint32_t priority = kDefaultPriority;
  bool held = false;      // nothing more of it is started
  uint32_t position = 0;  // jobs that will be begun before it, while queued
  uint64_t eta_ms = 0;    // estimated time until it is done; 0: not known
  uint64_t document_bytes = 0;
  uint32_t pages_total = 0;
  uint32_t pages_done = 0;
  std::vector<uint32_t> pages_failed;    // placeholders stand for these
  std::vector<uint32_t> pages_degraded;  // done with the text layer only
  uint32_t attempts = 0;                 // pages tried again after a death, summed
  int64_t submitted_unix_ms = 0;
  int64_t started_unix_ms = 0;   // 0: not yet
  int64_t finished_unix_ms = 0;  // 0: not yet
  uint16_t error_code = 0;
  std::string error;
  std::string hint;
  std::vector<OutputInfo> outputs;
  uint64_t answered_from = 0;  // the job whose results these are, by the cache; 0: its own
  template <class A>
  void fields(A& a) {
    a("id", id);
    a("name", name);
    a("uid", uid);
    a("state", state);
    a("priority", priority);
    a("held", held);
    a("position", position);
    a("eta_ms", eta_ms);
    a("document_bytes", document_bytes);
    a("pages_total", pages_total);
    a("pages_done", pages_done);
    a("pages_failed", pages_failed);
    a("pages_degraded", pages_degraded);
    a("attempts", attempts);
    a("submitted_unix_ms", submitted_unix_ms);
    a("started_unix_ms", started_unix_ms);
    a("finished_unix_ms", finished_unix_ms);
    a("error_code", error_code);
    a("error", error);
    a("hint", hint);
    a("outputs", outputs);
    a("answered_from", answered_from);
  }
};

struct Jobs {
  static constexpr uint16_t kType = kJobs;
  std::vector<JobInfo> jobs;
  uint32_t omitted = 0;  // older jobs that did not fit into the frame
  template <class A>
  void fields(A& a) {
    a("jobs", jobs);
    a("omitted", omitted);
  }
};

// Answer: DONE once the job is in state kCancelled (or was finished already: then ERROR).
struct Cancel {
  static constexpr uint16_t kType = kCancel;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

// Nothing more of the job is started; pages under way are finished. Its time limit stands still
// meanwhile. Answer: DONE.
struct Hold {
  static constexpr uint16_t kType = kHold;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

// The end of HOLD. Answer: DONE.
struct Release {
  static constexpr uint16_t kType = kRelease;
  uint64_t job = 0;
  template <class A>
  void fields(A& a) {
    a("job", job);
  }
};

// Answer: DONE.
struct SetPriority {
  static constexpr uint16_t kType = kSetPriority;
  uint64_t job = 0;
  uint32_t priority = kDefaultPriority;
  template <class A>
  void fields(A& a) {
    a("job", job);
    a("priority", priority);
  }
};

struct Done {
  static constexpr uint16_t kType = kDone;
  template <class A>
  void fields(A&) {}
};

// Error ↔ ErrorReply.
ErrorReply to_reply(const Error& error);
Error to_error(const ErrorReply& reply);

}  // namespace pdf2md::proto
