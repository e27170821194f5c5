#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "ctl/commands.h"
#include "ctl/find_daemon.h"
#include "ctl/run_job.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr uint32_t kDefaultJobs = 2;

// What is wrong with an input can be said before a daemon is looked for.
std::optional<Error> check_input(const std::string& input) {
  if (input == "-") {
    if (!::isatty(STDIN_FILENO)) return std::nullopt;
    return Error{ErrorCode::kBadOptions,
                 "standard input is a terminal: no document comes from there",
                 "name a file, or pipe a document in"};
  }
  struct stat info {};
  if (::stat(input.c_str(), &info) != 0 || ::access(input.c_str(), R_OK) != 0) {
    return io_error(label_of(input));
  }
  if (!S_ISDIR(info.st_mode)) return std::nullopt;
  return Error{ErrorCode::kIo, label_of(input) + ": is a folder",
               "-r converts the documents in it"};
}

Result<std::vector<DocumentPlan>> make_plans(const Options& options, const FileIds& inputs) {
  PlanRequest request;
  request.inputs = options.operands;
  request.name = options.job_options.name;
  request.outputs = options.outputs.empty() ? std::vector<std::string>{"md"} : options.outputs;
  request.output_path = options.output_path ? &*options.output_path : nullptr;
  request.images = image_files(options.job_options, request.outputs);
  Result<std::vector<DocumentPlan>> plans = plan_outputs(request, probe_path);
  if (!plans) return plans;
  for (const DocumentPlan& plan : *plans) {
    for (const Target& target : plan.targets) {
      if (target.path.empty()) {
        if (target.output == "layout" && ::isatty(STDOUT_FILENO))
          return Error{ErrorCode::kBadOptions,
                       "the layout is a PDF, and standard output a terminal",
                       "say where it goes with -o"};
        if (!options.json) continue;
        return Error{ErrorCode::kBadOptions, "--json and the document would share standard output",
                     "say where the document goes with -o"};
      }
      Status safe = refuse_input(target.path, inputs);
      if (!safe) return safe.error();
    }
  }
  return plans;
}

void summarise(const std::vector<Outcome>& outcomes, Reporter& reporter) {
  size_t partly = 0;
  size_t failed = 0;
  for (const Outcome& outcome : outcomes) {
    partly += outcome.exit == CtlExit::kPartlyFailed;
    failed += outcome.exit != CtlExit::kPartlyFailed && outcome.exit != CtlExit::kOk;
  }
  bool wanted = reporter.shows_progress() || reporter.verbose() || failed + partly > 0;
  if (outcomes.size() < 2 || !wanted || interrupted_by() != 0) return;
  reporter.note(count_of(outcomes.size(), "document") + ": " +
                std::to_string(outcomes.size() - partly - failed) + " converted, " +
                std::to_string(partly) + " partly, " + std::to_string(failed) + " failed");
}

CtlExit overall(const std::vector<Outcome>& outcomes) {
  CtlExit worst = CtlExit::kOk;
  for (const Outcome& outcome : outcomes) {
    if (outcomes.size() == 1) return outcome.exit;
    if (outcome.exit == CtlExit::kNoDaemon) return CtlExit::kNoDaemon;
    if (outcome.exit == CtlExit::kFailed) worst = CtlExit::kFailed;
    if (outcome.exit == CtlExit::kPartlyFailed && worst == CtlExit::kOk) worst = outcome.exit;
  }
  return worst;
}

// Up to options.jobs documents at once, in the order in which they were named.
std::vector<Outcome> run_all(ConvertContext& context, std::vector<Outcome> outcomes,
                             std::optional<Connection> first) {
  std::atomic<size_t> next{0};
  std::mutex first_mutex;
  auto work = [&] {
    for (size_t number = next++; number < outcomes.size(); number = next++) {
      Outcome& outcome = outcomes[number];
      if (outcome.error || interrupted_by() != 0) {  // found unreadable before
        if (interrupted_by() == 0) {
          context.reporter.message(explain(label_of(outcome.plan.input), *outcome.error, 0));
        }
        context.turnstile.leave(number);
        context.reporter.finish(number);
        continue;
      }
      std::optional<Connection> connection;
      {
        std::lock_guard lock(first_mutex);
        connection.swap(first);
      }
      outcome = run_document(context, number, outcome.plan, std::move(connection));
      context.turnstile.leave(number);
    }
  };
  size_t count = std::min<size_t>(context.options.jobs.value_or(kDefaultJobs), outcomes.size());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

}  // namespace

CtlExit run_convert(const Options& options, Reporter& reporter) {
  if (options.batch) return run_batch(options, reporter);
  FileIds inputs = ids_of(options.operands);
  Result<std::vector<DocumentPlan>> plans = make_plans(options, inputs);
  if (!plans) {
    report_error(options, reporter, "", plans.error());
    return CtlExit::kUsage;
  }
  std::vector<Outcome> outcomes;
  bool any = false;
  for (const DocumentPlan& plan : *plans) {
    Outcome outcome;
    outcome.plan = plan;
    outcome.error = check_input(plan.input);
    if (outcome.error) outcome.exit = CtlExit::kFailed;
    any = any || !outcome.error;
    outcomes.push_back(std::move(outcome));
  }
  Result<std::vector<std::string>> passwords = read_passwords(options.password_file);
  if (!passwords) return report_error(options, reporter, "", passwords.error());

  std::optional<Connection> connection;
  std::string path;
  if (any) {
    if ((*plans)[0].targets[0].path.empty()) watch_standard_output();
    Result<Connection> found = find_daemon(options, options.start, reporter);
    if (!found) return report_error(options, reporter, "", found.error());
    path = found->path();
    connection.emplace(std::move(*found));
  }
  ConvertContext context{options, path, options.job_options, inputs, reporter};
  context.retries = options.retries.value_or(0);
  context.job_options.passwords = std::move(*passwords);
  reporter.begin(outcomes.size());
  outcomes = run_all(context, std::move(outcomes), std::move(connection));
  reporter.clear();
  if (options.json) {
    for (const Outcome& outcome : outcomes)
      (void)write_standard_output(outcome_json(outcome) + "\n");
  }
  summarise(outcomes, reporter);
  return overall(outcomes);
}

}  // namespace pdf2md::ctl
