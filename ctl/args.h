// The command line, parsed and checked: what was asked for, in values. Nothing is opened here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctl/batch_plan.h"
#include "proto/messages.h"

namespace pdf2md::ctl {

enum class Command {
  kConvert,
  kSubmit,
  kStatus,
  kWatch,
  kResult,
  kWait,
  kTop,
  kCancel,
  kRetry,
  kRemove,
  kLogs,
  kExplain,
  kCapabilities,
  kDoctor,
  kBugReport,
  kHold,
  kRelease,
  kPriority,
  kWorkers,
  kHealth,
  kMetrics,
  kSpool,
  kResize,
  kDrain,
  kResume,
  kRestartWorker,
  kReload,
  kVersion,
  kCompletion,
  kHelp,
};

struct Options {
  Command command = Command::kHelp;
  std::vector<std::string>
      operands;                  // files of convert and submit; the command that help is asked for
  std::optional<uint64_t> job;   // of status, watch, result, cancel, priority
  uint32_t page = 0;             // of explain
  uint32_t workers = 0;          // of resize; of a document: at most so many, 0: no wish
  std::optional<uint32_t> slot;  // of restart-worker; nothing: all
  bool deaths = false;           // of workers
  std::vector<uint64_t> several_jobs;  // of wait, cancel, retry, rm, hold and release
  // Which jobs: of status, and where no numbers are given of cancel, retry and rm.
  bool all_jobs = false;
  std::string user;               // a name or a number; empty: of any
  unsigned states = 0;            // of job_filter.h; 0: any
  bool purge = false;             // cancel: and remove
  bool refresh = false;           // status: again and again
  bool with_content = false;      // bug-report
  bool follow = false;            // logs: and what comes
  std::optional<uint32_t> lines;  // logs: the last ones only

  std::string socket;  // --socket or PDF2MD_SOCKET; empty: look for one
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool live = false;                       // health: only whether the daemon answers
  bool ready = false;                      // health: only whether it can convert
  bool start = true;                       // convert may start a private daemon
  std::optional<std::string> output_path;  // -o
  std::vector<std::string> outputs;        // --output; empty: the command's default
  std::optional<uint32_t> jobs;            // documents under way at once; not given: by the daemon
  std::optional<uint32_t> patience_ms;     // with a busy daemon; not given: the command's default
  bool wait_for_end = false;               // submit: of the jobs
  std::string password_file;
  uint32_t priority = proto::kDefaultPriority;  // of convert and submit, or the new one of a job
  bool hold = false;                            // --hold

  // convert -r and its like (batch.cc)
  bool batch = false;      // one of these was given
  bool recursive = false;  // folders stand for the documents in them
  bool flat = false;
  bool force = false;  // convert what is up to date as well
  bool keep_log = false;
  std::string files_from;  // a list of documents
  std::optional<uint32_t>
      retries;  // after a trouble of the daemon; not given: the command's default
  Shard shard;

  proto::JobOptions job_options;  // all that goes to the daemon but passwords and asset_prefix
};

// `arguments` without the program's name; `socket_variable`: PDF2MD_SOCKET or empty.
// Errors: kBadOptions, with a hint that names the help page.
Result<Options> parse_arguments(const std::vector<std::string>& arguments,
                                const std::string& socket_variable);

const char* name(Command command);
std::vector<Command> all_commands();
std::optional<Command> command_named(const std::string& name);

// "90", "90s", "10m", "1h30m", "1.5h", "250ms": a duration in milliseconds; a bare number is
// seconds. Nothing for anything else, for 0, and for what does not fit into 32 bits.
std::optional<uint32_t> parse_duration_ms(const std::string& text);

// \n, \t, \f and \\ resolved. Nothing for any other escape.
std::optional<std::string> unescape(const std::string& text);

}  // namespace pdf2md::ctl
