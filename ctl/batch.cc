// convert -r: many documents, from folders and lists, into a folder. What is done already is passed
// over, so that the same command goes on where an earlier one was stopped.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "ctl/batch_list.h"
#include "ctl/batch_summary.h"
#include "ctl/commands.h"
#include "ctl/find_daemon.h"
#include "ctl/output_folder.h"
#include "ctl/run_job.h"
#include "ctl/text.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {
namespace {

using Clock = std::chrono::steady_clock;
constexpr uint32_t kDefaultRetries = 3;
constexpr uint32_t kLeastJobs = 2;  // the next document is there when a worker has finished one
constexpr uint32_t kMostJobs = 64;
constexpr const char* kLogName = "convert.log";

struct Item {
  BatchInput input;
  std::string document;  // as the record calls it
  std::string stem;
  DocumentPlan plan;
};

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

class Batch {
 public:
  Batch(const Options& options, Reporter& reporter)
      : options_(options), reporter_(reporter), out_(without_slashes(*options.output_path)) {}

  CtlExit run() {
    Result<std::vector<BatchInput>> inputs = list();
    if (!inputs) return report_error(options_, reporter_, "", inputs.error());
    if (inputs->empty()) return nothing_found();
    Result<std::vector<std::string>> passwords = read_passwords(options_.password_file);
    if (!passwords) return report_error(options_, reporter_, "", passwords.error());
    passwords_ = std::move(*passwords);
    Result<OutputFolder> folder = OutputFolder::open(out_, options_.shard.count > 1);
    if (!folder) return report_error(options_, reporter_, "", folder.error());
    Status logging = options_.keep_log ? open_log() : Ok{};
    if (!logging) return report_error(options_, reporter_, "", logging.error());
    counts_.temporaries_removed = folder->temporaries_removed();
    choose_what_to_do(std::move(*inputs));
    if (!todo_.empty()) {
      Status ready = find_and_ask_daemon();
      if (!ready) return report_error(options_, reporter_, "", ready.error());
      convert_all();
    }
    return finish();
  }

 private:
  Result<std::vector<BatchInput>> list() {
    BatchListRequest request;
    request.operands = options_.operands;
    request.recursive = options_.recursive;
    request.output_folder = out_;
    if (!options_.files_from.empty()) {
      Result<std::vector<std::string>> names = read_names(options_.files_from);
      if (!names) return names.error();
      request.operands.insert(request.operands.end(), names->begin(), names->end());
    }
    return list_documents(request);
  }

  CtlExit nothing_found() {
    std::string where;
    for (const std::string& operand : options_.operands)
      where += (where.empty() ? " in " : ", ") + printable(operand);
    if (where.empty()) where = ": the list is empty";
    return report_error(
        options_, reporter_, "",
        Error{ErrorCode::kIo, "no PDFs found" + where,
              "in folders, documents are known by their endings: .pdf, .epub, .tif, .tiff"});
  }

  Status open_log() {
    std::string path = below_out(kLogName);
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!file.valid()) return io_error(printable(path));
    reporter_.keep_log(std::move(file));
    return Ok{};
  }

  // Names for all, also for those of other parts: every part has to find the same ones.
  void choose_what_to_do(std::vector<BatchInput> inputs) {
    std::vector<std::string> problems;
    EarlierRecord earlier = read_records(out_, problems);
    for (const std::string& problem : problems) reporter_.note(problem);
    record_.emplace(out_, options_.shard, earlier);
    BatchNames names(options_.flat);
    for (const EarlierRecord::Entry& entry : earlier.entries) {
      if (!entry.stem.empty() && is_alive(entry)) names.keep(entry.document, entry.stem);
    }
    std::filesystem::path out = absolute_path(out_ + "/.");
    for (BatchInput& input : inputs) {
      Item item;
      item.document = std::filesystem::path(input.absolute).lexically_relative(out);
      if (!input.error) item.stem = names.name_for(item.document, input.relative);
      if (!is_in_shard(input.relative, options_.shard)) continue;
      ++counts_.total;
      item.input = std::move(input);
      if (item.input.error) {
        unreadable_.push_back(std::move(item));
        continue;
      }
      item.plan = plan_for(item);
      if (!options_.force && is_done(item))
        pass_over(item);
      else
        todo_.push_back(std::move(item));
    }
    std::vector<std::string> paths;
    for (const Item& item : todo_) paths.push_back(item.input.path);
    input_ids_ = ids_of(paths);
  }

  // Its name is its own while there is a document or a result of it.
  bool is_alive(const EarlierRecord::Entry& entry) const {
    auto exists = [this](const std::string& path) {
      return ::access(below_out(path).c_str(), F_OK) == 0;
    };
    return exists(entry.document) || std::any_of(entry.files.begin(), entry.files.end(), exists);
  }

  DocumentPlan plan_for(const Item& item) const {
    const std::vector<std::string> outputs =
        options_.outputs.empty() ? std::vector<std::string>{"md"} : options_.outputs;
    return plan_at(item.input.path, base_name(item.input.path), below_out(item.stem), outputs,
                   image_files(options_.job_options, outputs));
  }

  static bool is_done(const Item& item) {
    std::optional<int64_t> document = modified_ns(item.input.path);
    std::vector<std::optional<int64_t>> results;
    for (const Target& target : item.plan.targets) results.push_back(modified_ns(target.path));
    return document && is_up_to_date(*document, results);
  }

  void pass_over(const Item& item) {
    reporter_.detail(label_of(item.input.path) + ": up to date");
    BatchResult result = result_for(item);
    result.end = BatchEnd::kSkipped;
    for (const Target& target : item.plan.targets) result.files.push_back(target.path);
    make_relative(result.files);
    counts_.add(result);
    (void)record_->add(result, counts_);  // it is written soon again, and failures told then
  }

  std::string below_out(const std::string& path) const {
    return (out_ == "/" ? "" : out_) + "/" + path;
  }

  void make_relative(std::vector<std::string>& paths) const {
    for (std::string& path : paths) path = path.substr(below_out("").size());
  }

  static BatchResult result_for(const Item& item) {
    BatchResult result;
    result.document = item.document;
    result.stem = item.stem;
    result.label = label_of(item.input.path);
    return result;
  }

  Status find_and_ask_daemon() {
    Result<Connection> found = find_daemon(options_, options_.start, reporter_);
    if (!found) return found.error();
    connection_.emplace(std::move(*found));
    Result<proto::HealthReport> health =
        connection_->request<proto::HealthReport>(proto::HealthRequest());
    if (!health) return health.error();
    if (health->status == "failing") {
      std::string why = health->detail.empty() ? "" : ": " + printable(health->detail);
      return Error{ErrorCode::kNoWorkers, "the daemon cannot convert at present" + why,
                   "\"pdf2mdctl health\" and \"pdf2mdctl workers\" say more"};
    }
    jobs_ = options_.jobs.value_or(std::clamp(health->pool_size, kLeastJobs, kMostJobs));
    std::string state = printable(health->status);
    if (health->paused) state += ", paused: documents wait until \"pdf2mdctl resume\"";
    reporter_.note(count_of(todo_.size(), "document") + " to convert, " +
                   std::to_string(counts_.skipped) + " up to date; " + std::to_string(jobs_) +
                   " at once; the daemon is " + state + " (" +
                   count_of(health->pool_size, "worker") + ")");
    return Ok{};
  }

  void convert_all() {
    ConvertContext context{options_, connection_->path(), options_.job_options, input_ids_,
                           reporter_};
    context.job_options.passwords = passwords_;
    context.retries = options_.retries.value_or(kDefaultRetries);
    context.tells_ends = false;
    if (options_.json) watch_standard_output();
    let_finish_first();
    reporter_.begin(todo_.size());
    begun_ = Clock::now();
    size_t count = std::min<size_t>(jobs_, todo_.size());
    std::atomic<size_t> working{count};
    Fd all_done(::eventfd(0, EFD_CLOEXEC));
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([&] {
        work(context);
        if (--working == 0) ::eventfd_write(all_done.get(), 1);
      });
    }
    if (wait_on(all_done.get(), POLLIN, -1, Patience::kIdle) == Wake::kInterrupted &&
        interrupted_by() == 0) {
      reporter_.note(
          "interrupted: what runs is finished, nothing else is begun; once more cancels");
    }
    for (std::thread& thread : threads) thread.join();
    reporter_.clear();
    counts_.wall_ms = elapsed_ms();
  }

  void work(ConvertContext& context) {
    while (!asked_to_finish() && !given_up_) {
      size_t number = next_++;
      if (number >= todo_.size()) return;
      std::optional<Connection> connection;
      {
        std::lock_guard lock(mutex_);
        connection.swap(connection_);
      }
      Outcome outcome = run_document(context, number, todo_[number].plan, std::move(connection));
      account(todo_[number], outcome);
    }
  }

  void account(const Item& item, const Outcome& outcome) {
    BatchResult result = result_for(item);
    result.pages = outcome.info.pages_total;
    result.pages_failed = outcome.info.pages_failed;
    result.pages_degraded = outcome.info.pages_degraded;
    result.wall_ms = outcome.wall_ms;
    result.attempts = outcome.attempts;
    result.job = outcome.job;
    result.files = outcome.files;
    make_relative(result.files);
    result.error = outcome.error;
    if (outcome.error) {
      bool own_wish = outcome.error->code == ErrorCode::kCancelled && asked_to_finish();
      result.end = own_wish ? BatchEnd::kRemains : BatchEnd::kFailed;
      result.reason = explain(result.label, *outcome.error, passwords_.size());
      // Documents that come now would fare no better.
      if (exit_of(*outcome.error) == CtlExit::kNoDaemon) given_up_ = true;
    } else {
      result.end = exit_of(outcome.info) == CtlExit::kOk ? BatchEnd::kConverted : BatchEnd::kPartly;
    }
    tell(result);
    if (options_.json && result.end != BatchEnd::kRemains)
      (void)reporter_.output(outcome_json(outcome));
  }

  void tell(const BatchResult& result) {
    std::lock_guard lock(mutex_);
    counts_.wall_ms = elapsed_ms();
    counts_.add(result);
    if (result.end == BatchEnd::kRemains) return;
    std::string line = document_line(result, ++told_, todo_.size() + unreadable_.size());
    if (result.end == BatchEnd::kFailed) {
      reporter_.message(line);
      failed_.push_back(result);
    } else {
      reporter_.note(line);
    }
    Status written = record_->add(result, counts_);
    if (!written && !write_problem_told_) reporter_.message(to_string(written.error()));
    if (!written) write_problem_told_ = true;
  }

  CtlExit finish() {
    for (const Item& item : unreadable_) {
      BatchResult result = result_for(item);
      result.end = BatchEnd::kFailed;
      result.error = item.input.error;
      result.reason = explain("", *item.input.error, 0);
      tell(result);
    }
    bool stopped = asked_to_finish();
    Status written = record_->write(counts_, stopped     ? "stopped"
                                             : given_up_ ? "given up"
                                                         : "finished");
    if (given_up_) reporter_.message("the daemon is gone; the same command goes on from here");
    reporter_.note(summary(counts_, failed_, below_out(record_file_name(options_.shard))));
    if (stopped) interrupt_with(SIGINT);
    if (!written) return report_error(options_, reporter_, "", written.error());
    if (given_up_) return CtlExit::kNoDaemon;
    if (counts_.failed > 0) return CtlExit::kFailed;
    return counts_.partly > 0 ? CtlExit::kPartlyFailed : CtlExit::kOk;
  }

  uint64_t elapsed_ms() const {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_).count());
  }

  const Options& options_;
  Reporter& reporter_;
  std::string out_;  // the output folder, without a slash at its end
  std::vector<std::string> passwords_;
  std::vector<Item> todo_;
  std::vector<Item> unreadable_;
  FileIds input_ids_;
  std::optional<BatchRecord> record_;
  std::optional<Connection> connection_;  // for the first document
  uint32_t jobs_ = kLeastJobs;
  Clock::time_point begun_ = Clock::now();
  std::atomic<size_t> next_{0};
  std::atomic<bool> given_up_{false};

  std::mutex mutex_;  // guards what follows, and connection_
  BatchCounts counts_;
  std::vector<BatchResult> failed_;
  uint64_t told_ = 0;
  bool write_problem_told_ = false;
};

}  // namespace

CtlExit run_batch(const Options& options, Reporter& reporter) {
  return Batch(options, reporter).run();
}

}  // namespace pdf2md::ctl
