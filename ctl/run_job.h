// One document, from file to results: submit, follow, fetch, write.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "ctl/args.h"
#include "ctl/job_results.h"
#include "ctl/reporter.h"

namespace pdf2md::ctl {

// Lets the documents write to standard output in the order in which they were named.
class Turnstile {
 public:
  // Waits until all lower numbers are through. False: interrupted.
  bool wait_for_turn(size_t number);
  void leave(size_t number);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t next_ = 0;
  std::vector<size_t> left_early_;
};

// What all documents of one call share.
struct ConvertContext {
  const Options& options;
  std::string socket_path;
  proto::JobOptions job_options;  // with passwords; name, outputs and images are set per document
  FileIds inputs;
  Reporter& reporter;
  uint32_t retries = 0;    // where the daemon, not the document, was to blame
  bool tells_ends = true;  // false: the caller says how documents ended
  Turnstile turnstile = {};
};

struct Outcome {
  DocumentPlan plan;
  uint64_t job = 0;     // 0: was never accepted
  proto::JobInfo info;  // of a job that ended
  std::optional<Error> error;
  std::vector<std::string> files;  // written
  uint64_t wall_ms = 0;
  uint32_t attempts = 0;
  CtlExit exit = CtlExit::kOk;
};

// Reports what happens on the way; the outcome says how it ended. `connection`: opened already, or
// empty. The caller leaves the turnstile.
Outcome run_document(ConvertContext& context, size_t number, const DocumentPlan& plan,
                     std::optional<Connection> connection);

// Are images to be written as files? Within the Markdown they are none, but JSON still refers to them.
bool image_files(const proto::JobOptions& options, const std::vector<std::string>& outputs);

// True for faults of the daemon and its machine that may be over in a while.
bool is_worth_another_try(ErrorCode code);
// Before the try after the `attempts`th.
uint32_t retry_pause_ms(uint32_t attempts);

// The line that --json prints for it.
std::string outcome_json(const Outcome& outcome);

}  // namespace pdf2md::ctl
