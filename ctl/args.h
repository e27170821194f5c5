// The command line, parsed and checked: what was asked for, in values. Nothing is opened here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/messages.h"

namespace pdf2md::ctl {

enum class Command {
  kConvert,
  kSubmit,
  kStatus,
  kWatch,
  kResult,
  kCancel,
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
  kHelp,
};

struct Options {
  Command command = Command::kHelp;
  std::vector<std::string>
      operands;                  // files of convert and submit; the command that help is asked for
  std::optional<uint64_t> job;   // of status, watch, result, cancel, priority
  uint32_t workers = 0;          // of resize; of a document: at most so many, 0: no wish
  std::optional<uint32_t> slot;  // of restart-worker; nothing: all
  bool deaths = false;           // of workers
  std::vector<uint64_t> several_jobs;  // of hold and release

  std::string socket;  // --socket or PDF2MD_SOCKET; empty: look for one
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool live = false;                       // health: only whether the daemon answers
  bool ready = false;                      // health: only whether it can convert
  bool start = true;                       // convert may start a private daemon
  std::optional<std::string> output_path;  // -o
  std::vector<std::string> outputs;        // --output; empty: the command's default
  uint32_t jobs = 2;                       // documents under way at once
  std::optional<uint32_t> wait_ms;         // for a busy daemon; not given: the command's default
  std::string password_file;
  uint32_t priority = proto::kDefaultPriority;  // of convert and submit, or the new one of a job
  bool hold = false;                            // --hold
  proto::JobOptions job_options;  // all that goes to the daemon but passwords and asset_prefix
};

// `arguments` without the program's name; `socket_variable`: PDF2MD_SOCKET or empty.
// Errors: kBadOptions, with a hint that names the help page.
Result<Options> parse_arguments(const std::vector<std::string>& arguments,
                                const std::string& socket_variable);

const char* name(Command command);
std::optional<Command> command_named(const std::string& name);

// "90", "90s", "10m", "1h30m", "1.5h", "250ms": a duration in milliseconds; a bare number is
// seconds. Nothing for anything else, for 0, and for what does not fit into 32 bits.
std::optional<uint32_t> parse_duration_ms(const std::string& text);

// \n, \t, \f and \\ resolved. Nothing for any other escape.
std::optional<std::string> unescape(const std::string& text);

}  // namespace pdf2md::ctl
