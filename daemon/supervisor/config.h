// What the administrator can set. Layers, each over the one before: built-in defaults, file,
// environment, command line. Documented in man/pdf2mdd.toml.5; the table of keys is config_keys.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/supervisor/recycle.h"
#include "proto/worker_messages.h"

namespace pdf2md::supervisor {

// When a worker is given up, and how soon it is tried again.
struct SupervisionSettings {
  int64_t ready_timeout_ms =
      300'000;  // from spawn to READY; a cold disk takes its time over the weights
  int64_t backoff_min_ms = 200;
  int64_t backoff_max_ms = 30'000;
  uint32_t breaker_deaths = 5;  // so many fruitless lives within the window open the breaker
  int64_t breaker_window_ms = 120'000;
  int64_t breaker_pause_ms = 300'000;  // then a worker is tried again
  int64_t canary_interval_ms = 2'000;
  int64_t canary_timeout_ms = 10'000;  // later than this: red
  int64_t unresponsive_ms = 60'000;    // later than this: killed
  int64_t page_margin_ms = 10'000;  // on top of limits.page_timeout_s before the worker is killed
  int64_t drain_ms = 30'000;        // DRAIN → SIGTERM
  int64_t retire_ms = 600'000;      // the same for a worker whose successor is there
  int64_t term_ms = 5'000;          // SIGTERM → SIGKILL
  int64_t graceful_ms = 30'000;     // SIGTERM to us → SIGKILL to the workers
  uint32_t max_attempts = 3;        // of opening or assembling a document
  uint32_t device_faults = 3;       // so many in a row put a GPU out of service
};

struct Config {
  uint32_t workers = 0;        // 0: one a GPU, else one
  uint32_t spare_workers = 0;  // ready beside them, without work until one of them is gone
  std::string device = "auto";
  uint32_t threads = 0;  // 0: an equal share of the CPUs
  uint32_t readers = 0;  // 0: as many as threads, at most 8; on a GPU twice as many, at most 48
  std::string model_dir;
  std::string state_dir;
  std::string worker_program;
  std::string reader_program;
  std::string script_reader_program;
  uint32_t ocr_dpi = 200;
  std::string ocr_scripts = "auto";
  int64_t idle_exit_ms = 0;            // 0: stays
  int64_t debug_launch_blocking = -1;  // slot whose CUDA kernels run one by one; -1: none

  struct {
    std::string path;
    uint32_t mode = 0660;
    std::string group;        // who may connect (with mode 0660)
    std::string admin_group;  // who sees and cancels everybody's jobs
    uint32_t max_clients = 512;
    uint64_t buffer_bytes = 1 << 20;  // unsent bytes above which a client is not read any more
    int64_t upload_idle_ms = 300'000;
  } socket;

  proto::DocumentLimits limits;
  uint64_t max_document_bytes = 1ull << 30;
  int64_t job_timeout_ms = 600'000;

  struct {
    uint32_t max_jobs = 1000;          // unfinished ones
    uint64_t max_bytes = 16ull << 30;  // of their documents
    uint32_t max_jobs_per_owner = 0;   // 0: no limit of its own
    uint32_t pages_per_task = 8;
    uint32_t cache = 1;  // 0: every document is converted, also one that was before
    uint64_t min_free_bytes = 256 << 20;
    uint32_t retry_after_ms = 2'000;  // the hint in BUSY, until jobs have ended
  } queue;

  struct {
    uint32_t max_jobs = 1000;  // finished ones
    int64_t max_age_ms = int64_t{7} * 86'400'000;
    uint64_t max_bytes = 8ull << 30;
  } retention;

  SupervisionSettings supervision;
  RecycleSettings recycle;

  struct {
    std::string textfile;  // empty: none
    int64_t interval_ms = 15'000;
  } metrics;

  struct {
    std::string format = "auto";
    std::string level = "info";
  } log;
};

// A value as it stands in a file, or as text from the environment and the command line.
using ConfigValue = std::variant<int64_t, double, bool, std::string>;

// One key. `assign` checks type and range and returns what is wrong ("" if nothing).
struct Key {
  enum class Unit : uint8_t { kNone, kSeconds, kMebibytes };
  using Slot = std::variant<uint32_t*, uint64_t*, int64_t*, double*, bool*, std::string*>;

  std::string_view section;  // "" at the top of the file
  std::string_view name;
  std::string_view variable;  // of the environment
  Unit unit = Unit::kNone;
  double min = 0, max = 0;  // numbers, in the unit of the file
  std::string_view
      syntax;  // text: "a|b|c" for a choice, "octal" for a mode, "device", "path" or ""
  Slot (*slot)(Config&) = nullptr;
  std::string_view help;

  std::string full_name() const;
  std::string assign(Config& config, const ConfigValue& value) const;
  std::string assign_text(Config& config, std::string_view text) const;
  std::string print(Config& config) const;  // the value as TOML
  void copy(Config& from, Config& to) const;
};

const std::vector<Key>& all_keys();
const Key* find_key(std::string_view full_name);
// The known name that is nearest to a mistyped one; "" where none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

struct ConfigProblem {
  std::string where;  // "/etc/pdf2md/pdf2mdd.toml:12", "PDF2MD_WORKERS", "--workers"
  std::string what;
};
using ConfigProblems = std::vector<ConfigProblem>;

// Defaults that depend on the machine and the user: paths. `exe_dir` holds pdf2mdd; `getenv` as
// ::getenv.
using GetEnvironment = std::function<const char*(const char*)>;
Config default_config(const std::string& exe_dir, uint32_t uid, const GetEnvironment& getenv);
// Where the file is looked for without --config; "" if there is none.
std::string default_config_path(uint32_t uid, const GetEnvironment& getenv);

// Each adds its problems to the list and goes on, so that all are seen at once.
void apply_file(const std::string& path, std::string_view text, Config& config,
                ConfigProblems& problems);
void apply_environment(const GetEnvironment& getenv, Config& config, ConfigProblems& problems);
void check_together(const Config& config, ConfigProblems& problems);

// A commented file with the values of `config`.
std::string print_config(const Config& config);

// Numbers that stand for "decide yourself" replaced by what was decided.
struct Machine {
  uint32_t cpus = 1;
  uint32_t gpus = 0;
  bool journal = false;  // standard error leads there
};
Machine look_at_machine(const GetEnvironment& getenv);
Config resolve(Config config, const Machine& machine);
// Whether workers are to serve from a GPU: one was asked for, or there is one and they may take it.
bool expects_gpu(const Config& config, const Machine& machine);
// The devices that workers are spread over, as in Configure::device or "cuda:GPU-UUID"; at least
// one.
std::vector<std::string> devices_of(const Config& config, const Machine& machine);

}  // namespace pdf2md::supervisor
