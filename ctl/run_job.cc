#include "ctl/run_job.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "ctl/find_daemon.h"
#include "ctl/follow.h"
#include "ctl/job_json.h"
#include "ctl/text.h"
#include "ctl/upload.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {
namespace {

constexpr uint64_t kLargeBytes = 8 << 20;  // sending it may be a matter of seconds
constexpr uint32_t kFirstPauseMs = 1000;
constexpr uint32_t kLongestPauseMs = 60'000;

Error interrupted() {
  return Error{ErrorCode::kCancelled, "interrupted", ""};
}

class DocumentRun {
 public:
  DocumentRun(ConvertContext& context, size_t number, const DocumentPlan& plan)
      : context_(context), number_(number), label_(label_of(plan.input)) {
    outcome_.plan = plan;
  }

  Outcome run(std::optional<Connection> connection) {
    auto start = std::chrono::steady_clock::now();
    for (;;) {
      ++outcome_.attempts;
      Status status = convert(std::move(connection));
      connection.reset();
      outcome_.error.reset();
      if (status) break;
      outcome_.error = status.error();
      if (!wait_for_another_try()) break;
    }
    outcome_.wall_ms = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 std::chrono::steady_clock::now() - start)
                                                 .count());
    context_.reporter.finish(number_);
    report();
    return std::move(outcome_);
  }

 private:
  Status convert(std::optional<Connection> connection) {
    if (!connection) {
      // A private daemon that is gone is started again.
      Result<Connection> opened =
          outcome_.attempts == 1
              ? Connection::open(context_.socket_path)
              : find_daemon(context_.options, context_.options.start, context_.reporter);
      if (!opened) return opened.error();
      connection.emplace(std::move(*opened));
    }
    Result<Document> document =
        Document::open(outcome_.plan.input, connection->welcome().max_document_bytes);
    if (!document) return document.error();
    Result<Submitted> submitted = submit(std::move(*connection), *document);
    if (!submitted) return submitted.error();
    outcome_.job = submitted->accepted.job;
    context_.reporter.detail(label_ + ": job " + std::to_string(outcome_.job));

    Status ended = follow(submitted->connection);
    if (!ended) {
      if (interrupted_by() != 0) cancel(submitted->connection);
      return ended;
    }
    Result<proto::JobInfo> info = job_info(submitted->connection, outcome_.job);
    if (!info) return info.error();
    outcome_.info = std::move(*info);
    if (exit_of(outcome_.info) == CtlExit::kFailed) return failure_of(outcome_.info);
    bool to_stdout = outcome_.plan.targets[0].path.empty();
    return to_stdout ? print(submitted->connection) : write_files(submitted->connection);
  }

  bool wait_for_another_try() {
    if (outcome_.attempts > context_.retries || !is_worth_another_try(outcome_.error->code))
      return false;
    uint32_t pause_ms = retry_pause_ms(outcome_.attempts);
    context_.reporter.note(label_ + ": " + printable(outcome_.error->message) + "; try " +
                           std::to_string(outcome_.attempts + 1) + " in " +
                           format_duration_ms(pause_ms));
    done_ = total_ = 0;
    page_notes_.clear();
    show("waiting for the daemon");
    if (wait_on(-1, 0, static_cast<int>(pause_ms), Patience::kIdle) != Wake::kInterrupted)
      return true;
    outcome_.error = interrupted();
    return false;
  }

  Result<Submitted> submit(Connection connection, const Document& document) {
    UploadRequest request;
    request.socket_path = context_.socket_path;
    request.document = &document;
    request.options = context_.job_options;
    request.options.name = well_formed(outcome_.plan.name);
    request.options.outputs.clear();
    for (const Target& target : outcome_.plan.targets)
      request.options.outputs.push_back(target.output);
    const bool files = !outcome_.plan.asset_folder.empty();
    const bool within = request.options.images && request.options.image_data == "inline";
    request.options.images = files || within;
    if (files) request.options.asset_prefix = outcome_.plan.asset_prefix;
    request.attached = true;
    request.priority = context_.options.priority;
    request.max_workers = context_.options.workers;
    request.wait_ms = context_.options.patience_ms.value_or(UINT32_MAX);
    show("sending");
    request.on_sent = [this, size = document.size()](uint64_t bytes) {
      if (size > kLargeBytes) show("sent " + format_bytes(bytes) + " of " + format_bytes(size));
    };
    bool told = false;
    return submit_document(std::move(connection), request,
                           [this, &told](const proto::Busy& busy, uint32_t pause_ms) {
                             std::string text = "the daemon is busy";
                             if (!busy.reason.empty()) text += " (" + printable(busy.reason) + ")";
                             if (!told) context_.reporter.note(label_ + ": " + text + "; waiting");
                             told = true;
                             show("daemon busy, next try in " + format_duration_ms(pause_ms));
                           });
  }

  void show(const std::string& note) {
    context_.reporter.update(number_, label_, done_, total_, note);
  }

  Status follow(Connection& connection) {
    FollowHandlers handlers;
    handlers.on_event = [this](const proto::Event& event) { on_event(event); };
    handlers.on_health = [this](const proto::HealthReport& health) {
      if (done_ > 0) return;
      std::string note = waiting_note(health);
      if (note != last_note_) context_.reporter.detail(label_ + ": " + note);
      last_note_ = note;
      show(note);
    };
    handlers.on_silence = [this] {
      context_.reporter.note(label_ + ": the daemon has not answered for a minute; still waiting");
    };
    bool curious = context_.reporter.shows_progress() || context_.reporter.verbose();
    return follow_job(connection, outcome_.job, curious, handlers);
  }

  void on_event(const proto::Event& event) {
    done_ = event.pages_done;
    total_ = event.pages_total;
    show("");
    if (event.kind == proto::EventKind::kPage) {
      if (!event.text.empty()) page_notes_[event.page] = printable(event.text);
      context_.reporter.detail(label_ + ": page " + std::to_string(event.page) + " " +
                               page_status_name(event.page_status) + ", " +
                               std::to_string(event.page_ms) + " ms" +
                               (event.text.empty() ? "" : ": " + printable(event.text)));
    } else if (event.kind == proto::EventKind::kLog) {
      context_.reporter.detail(label_ + ": " + printable(event.text));
    } else {
      context_.reporter.detail(label_ + ": " + proto::name(event.state));
    }
  }

  // An attached job ends with its connection as well; asking makes sure that it has ended before we
  // do.
  void cancel(Connection& connection) {
    if (interrupted_by() == SIGPIPE) return;
    connection.set_patience(Patience::kStubborn);
    cancelled_ = cancel_and_confirm(connection, outcome_.job);
  }

  Status print(Connection& connection) {
    if (!context_.turnstile.wait_for_turn(number_)) return interrupted();
    return fetch_output(connection, outcome_.job, outcome_.plan.targets[0].output,
                        write_standard_output);
  }

  Status write_files(Connection& connection) {
    FileSet files(context_.inputs);
    ByteSink sink = [&files](std::string_view bytes) { return files.write(bytes); };
    // Images first: a document never stands there without what it links to.
    if (!outcome_.plan.asset_folder.empty()) {
      for (const proto::OutputInfo& output : outcome_.info.outputs) {
        if (!is_asset(output.name)) continue;
        Status begun = files.begin(outcome_.plan.asset_folder + "/" + base_name(output.name));
        Status done = begun ? fetch_output(connection, outcome_.job, output.name, sink) : begun;
        if (!done) return done;
      }
    }
    for (const Target& target : outcome_.plan.targets) {
      Status begun = files.begin(target.path);
      Status done = begun ? fetch_output(connection, outcome_.job, target.output, sink) : begun;
      if (!done) return done;
    }
    Status committed = files.commit();
    if (!committed) return committed;
    outcome_.files = files.paths();
    return Ok{};
  }

  void report() {
    Reporter& reporter = context_.reporter;
    outcome_.exit = outcome_.error ? exit_of(*outcome_.error) : exit_of(outcome_.info);
    if (outcome_.error) {
      if (interrupted_by() != 0) {
        if (cancelled_) reporter.note(label_ + ": cancelled");
        return;
      }
      if (!context_.tells_ends) return;
      reporter.message(explain(label_, *outcome_.error, context_.job_options.passwords.size()));
      return;
    }
    if (!context_.tells_ends) return;
    for (const std::string& line : page_troubles(outcome_.info)) {
      reporter.message(label_ + ": " + line);
    }
    for (const auto& [page, note] : page_notes_) {
      reporter.message(label_ + ": page " + std::to_string(page) + ": " + note);
    }
    std::string where = outcome_.files.empty() ? "" : " → " + printable(outcome_.files.back());
    reporter.detail(label_ + where + " (" + count_of(outcome_.info.pages_total, "page") + ", " +
                    format_duration_ms(outcome_.wall_ms) + ")");
  }

  ConvertContext& context_;
  size_t number_;
  std::string label_;
  Outcome outcome_;
  uint32_t done_ = 0;
  uint32_t total_ = 0;
  bool cancelled_ = false;
  std::string last_note_;
  std::map<uint32_t, std::string> page_notes_;
};

}  // namespace

bool Turnstile::wait_for_turn(size_t number) {
  std::unique_lock lock(mutex_);
  // A signal does not wake a condition variable: look from time to time.
  while (next_ != number) {
    if (interrupted_by() != 0) return false;
    changed_.wait_for(lock, std::chrono::milliseconds(100));
  }
  return true;
}

void Turnstile::leave(size_t number) {
  std::lock_guard lock(mutex_);
  left_early_.push_back(number);
  for (;;) {
    auto entry = std::find(left_early_.begin(), left_early_.end(), next_);
    if (entry == left_early_.end()) break;
    left_early_.erase(entry);
    ++next_;
  }
  changed_.notify_all();
}

Outcome run_document(ConvertContext& context, size_t number, const DocumentPlan& plan,
                     std::optional<Connection> connection) {
  return DocumentRun(context, number, plan).run(std::move(connection));
}

bool image_files(const proto::JobOptions& options, const std::vector<std::string>& outputs) {
  const bool json = std::find(outputs.begin(), outputs.end(), "json") != outputs.end();
  return options.images && (options.image_data == "files" || json);
}

bool is_worth_another_try(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDisconnected:
    case ErrorCode::kTimedOut:
    case ErrorCode::kNoDaemon:
    case ErrorCode::kStopping:
    case ErrorCode::kNoWorkers:
    case ErrorCode::kDeviceLost:
    case ErrorCode::kDeviceFault:
    case ErrorCode::kNoSpace:
      return true;
    default:
      return false;
  }
}

uint32_t retry_pause_ms(uint32_t attempts) {
  uint32_t pause_ms = kFirstPauseMs;
  for (uint32_t i = 1; i < attempts && pause_ms < kLongestPauseMs; ++i) pause_ms *= 4;
  return std::min(pause_ms, kLongestPauseMs);
}

std::string outcome_json(const Outcome& outcome) {
  JsonWriter json;
  json.begin_object().field("input", outcome.plan.input).field("job", outcome.job);
  json.field("exit", static_cast<int>(outcome.exit)).field("wall_ms", outcome.wall_ms);
  json.field("attempts", outcome.attempts);
  json.field("pages_total", outcome.info.pages_total)
      .numbers("pages_failed", outcome.info.pages_failed)
      .numbers("pages_degraded", outcome.info.pages_degraded);
  json.key("files").begin_array();
  for (const std::string& file : outcome.files) json.value(file);
  json.end_array().key("error");
  if (outcome.error)
    write_json(json, *outcome.error);
  else
    json.null();
  return json.end_object().text();
}

}  // namespace pdf2md::ctl
