#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"
#include "ctl/text.h"
#include "proto/service_messages.h"
#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

CtlExit print(const Options& options, Reporter& reporter, const std::string& text, CtlExit exit) {
  Status printed = write_standard_output(text);
  return printed ? exit : report_error(options, reporter, "", printed.error());
}

std::string work_of(const proto::WorkerInfo& worker) {
  if (worker.job == 0) return "-";
  std::string work = "job " + std::to_string(worker.job);
  if (worker.page > 0) {
    work +=
        " page " + std::to_string(worker.page) + " (" + format_duration_ms(worker.page_ms) + ")";
  }
  return work;
}

std::string table_of(const std::vector<proto::WorkerInfo>& workers) {
  std::vector<std::vector<std::string>> rows = {{"WORKER", "STATE", "PID", "DEVICE", "PAGES",
                                                 "JOBS", "RESTARTS", "MEMORY", "WORKING ON",
                                                 "LAST PROOF", "LAST EXIT", ""}};
  for (const proto::WorkerInfo& worker : workers) {
    std::string device = printable(worker.device);
    if (!worker.device_name.empty()) device += " (" + printable(worker.device_name) + ")";
    rows.push_back({std::to_string(worker.slot), printable(worker.state),
                    worker.pid > 0 ? std::to_string(worker.pid) : "-",
                    device.empty() ? "-" : device, std::to_string(worker.pages_done),
                    std::to_string(worker.jobs_done), std::to_string(worker.restarts),
                    worker.rss_bytes > 0 ? format_bytes(worker.rss_bytes) : "-", work_of(worker),
                    worker.proof_age_ms > 0 ? format_duration_ms(worker.proof_age_ms) : "-",
                    worker.last_exit.empty() ? "-" : printable(worker.last_exit),
                    printable(worker.note)});
  }
  return format_table(rows, {true, false, true, false, true, true, true, true});
}

CtlExit exit_of_health(const proto::HealthReport& health) {
  if (health.status == "ok") return CtlExit::kOk;
  return health.status == "degraded" ? CtlExit::kPartlyFailed : CtlExit::kFailed;
}

std::string lines_of(const proto::HealthReport& health) {
  std::vector<std::vector<std::string>> rows = {
      {"status", printable(health.status)},
      {"models", health.model_loaded ? "loaded" : "not loaded"},
      {"device", health.device.empty() ? "-" : printable(health.device)},
      {"gpu", health.gpu_available ? "yes" : "no"},
      {"workers", std::to_string(health.workers_ready) + " ready, " +
                      std::to_string(health.workers_busy) + " busy, of " +
                      std::to_string(health.pool_size)},
      {"queue", count_of(health.queue_length, "job")},
      {"last inference", health.model_loaded
                             ? format_duration_ms(health.canary_age_ms) + " ago, took " +
                                   std::to_string(health.canary_ms) + " ms"
                             : "none"},
      {"oldest page", health.oldest_page_ms > 0 ? format_duration_ms(health.oldest_page_ms) : "-"},
      {"supervisor",
       format_bytes(health.supervisor_rss_bytes) + ", up " + format_duration_ms(health.uptime_ms)},
  };
  if (health.paused) rows.push_back({"drained", "no work is handed out until pdf2mdctl resume"});
  if (!health.detail.empty()) rows.insert(rows.begin() + 1, {"because", printable(health.detail)});
  rows.insert(rows.begin() + 1, {"ready", health.ready ? "yes" : "no"});
  return format_table(rows, {});
}

}  // namespace

CtlExit run_workers(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::WorkerList> list = connection->request<proto::WorkerList>(proto::WorkersRequest());
  if (!list) return report_error(options, reporter, "", list.error());
  if (!options.json) return print(options, reporter, table_of(list->workers), CtlExit::kOk);
  JsonWriter json;
  json.begin_object().key("workers").begin_array();
  for (const proto::WorkerInfo& worker : list->workers) write_json(json, worker);
  json.end_array().end_object();
  return print(options, reporter, json.text() + "\n", CtlExit::kOk);
}

CtlExit run_health(const Options& options, Reporter& reporter) {
  bool yes_or_no = options.live || options.ready;
  Result<Connection> connection = find_daemon(options, false, reporter);
  Result<proto::HealthReport> health = Error{};
  if (connection)
    health = connection->request<proto::HealthReport>(proto::HealthRequest());
  else
    health = connection.error();
  if (!health) {
    CtlExit exit = report_error(options, reporter, "", health.error());
    return yes_or_no ? CtlExit::kFailed : exit;
  }
  if (yes_or_no) {
    bool yes = (!options.live || health->live) && (!options.ready || health->ready);
    if (!yes) reporter.message("pdf2mdctl: not ready: " + printable(health->detail));
    return yes ? CtlExit::kOk : CtlExit::kFailed;
  }
  if (!options.json) return print(options, reporter, lines_of(*health), exit_of_health(*health));
  JsonWriter json;
  write_json(json, *health);
  return print(options, reporter, json.text() + "\n", exit_of_health(*health));
}

CtlExit run_metrics(const Options& options, Reporter& reporter) {
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<proto::MetricsText> metrics =
      connection->request<proto::MetricsText>(proto::MetricsRequest());
  if (!metrics) return report_error(options, reporter, "", metrics.error());
  if (!options.json) return print(options, reporter, metrics->text, CtlExit::kOk);
  JsonWriter json;
  json.begin_object().field("metrics", metrics->text).end_object();
  return print(options, reporter, json.text() + "\n", CtlExit::kOk);
}

CtlExit run_version(const Options& options, Reporter& reporter) {
  std::string own = std::string("pdf2mdctl ") + kVersion + " (build " + build_id() + ")";
  // `--version` says this program's only; `version` asks the daemon too, where one answers.
  std::optional<Connection> daemon;
  if (options.start) {
    Reporter silent(true, false);
    Result<Connection> found = find_daemon(options, false, silent);
    if (found) daemon.emplace(std::move(*found));
  }
  std::string text = own + "\n";
  if (options.json) {
    JsonWriter json;
    json.begin_object().field("version", kVersion).field("build", build_id());
    json.field("protocol", proto::kProtocolVersion).key("daemon");
    if (daemon) {
      json.begin_object()
          .field("server", daemon->welcome().server)
          .field("build", daemon->welcome().build_id)
          .field("protocol", daemon->welcome().version)
          .field("socket", daemon->path())
          .end_object();
    } else {
      json.null();
    }
    text = json.end_object().text() + "\n";
  } else if (options.start) {
    text += daemon ? printable(daemon->welcome().server) + " (build " +
                         printable(daemon->welcome().build_id) + ") on " + daemon->path() + "\n"
                   : "no daemon is running\n";
  }
  return print(options, reporter, text, CtlExit::kOk);
}

}  // namespace pdf2md::ctl
