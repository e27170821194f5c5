// Everything about a job that somebody else needs to find out what went wrong, in one archive. What
// stands in the document, and what it is called, stays out of it unless that is asked for.
#include <sys/utsname.h>

#include <algorithm>
#include <ctime>

#include "ctl/commands.h"
#include "ctl/explain.h"
#include "ctl/file_output.h"
#include "ctl/find_daemon.h"
#include "ctl/findings.h"
#include "ctl/job_json.h"
#include "ctl/job_results.h"
#include "ctl/log_lines.h"
#include "ctl/machine_facts.h"
#include "ctl/tar_archive.h"
#include "ctl/text.h"
#include "proto/spool_messages.h"
#include "proto/version.h"

namespace pdf2md::ctl {
namespace {

constexpr size_t kMostLogBytes = 64 << 20;
constexpr size_t kMostConfigurationBytes = 1 << 20;
constexpr uint32_t kMostPages = 100;
constexpr const char* kConfiguration = "/etc/pdf2md/pdf2mdd.toml";

class BugReport {
 public:
  BugReport(Connection& connection, uint64_t job, bool with_content)
      : connection_(connection),
        job_(job),
        with_content_(with_content),
        folder_("pdf2md-job-" + std::to_string(job) + "/"),
        archive_(std::time(nullptr)) {}

  Result<std::string> make() {
    Result<proto::JobInfo> info = job_info(connection_, job_);
    if (!info) return info.error();
    add_versions();
    add_job(*info);
    add_pages(*info);
    add_deaths();
    add_daemon();
    add_log(*info);
    Result<std::string> configuration = read_file(kConfiguration, kMostConfigurationBytes);
    if (configuration) add("pdf2mdd.toml", *configuration);
    if (with_content_) {
      for (const proto::OutputInfo& output : info->outputs) {
        Status added = add_output(output.name);
        if (!added) return added.error();
      }
    }
    return archive_.take();
  }

 private:
  void add(const std::string& name, std::string_view bytes) { archive_.add(folder_ + name, bytes); }

  void add_versions() {
    struct utsname system {};
    ::uname(&system);
    const proto::Welcome& welcome = connection_.welcome();
    JsonWriter json;
    json.begin_object().field("pdf2mdctl", kVersion).field("build", build_id());
    json.field("daemon", welcome.server).field("daemon_build", welcome.build_id);
    json.field("kernel", std::string(system.release) + " " + system.machine);
    json.key("findings").begin_array();
    for (const Finding& one : findings_of(machine_facts())) {
      json.begin_object().field("level", name(one.level)).field("about", one.about);
      json.field("says", one.says).end_object();
    }
    add("versions.json", json.end_array().end_object().text() + "\n");
  }

  void add_job(proto::JobInfo info) {
    if (!with_content_) info.name = "(left out)";
    JsonWriter json;
    write_json(json, info);
    add("job.json", json.text() + "\n");
  }

  void add_pages(const proto::JobInfo& info) {
    std::vector<uint32_t> pages = info.pages_failed;
    pages.insert(pages.end(), info.pages_degraded.begin(), info.pages_degraded.end());
    std::sort(pages.begin(), pages.end());
    std::string text;
    for (size_t i = 0; i < std::min<size_t>(pages.size(), kMostPages); ++i) {
      Result<proto::Explanation> page =
          connection_.request<proto::Explanation>(proto::Explain{job_, pages[i]});
      if (page) text += json_of(*page);
    }
    add("pages.json", text);
  }

  void add_deaths() {
    Result<proto::DeathList> list = connection_.request<proto::DeathList>(proto::DeathsRequest());
    if (!list) return;
    std::string text;
    for (const proto::Death& death : list->deaths) {
      if (death.job != job_) continue;
      JsonWriter json;
      write_json(json, death);
      text += json.text() + "\n";
    }
    add("deaths.json", text);
  }

  void add_daemon() {
    std::string text;
    Result<proto::HealthReport> health =
        connection_.request<proto::HealthReport>(proto::HealthRequest());
    if (health) {
      JsonWriter json;
      write_json(json, *health);
      text += json.text() + "\n";
    }
    Result<proto::WorkerList> workers =
        connection_.request<proto::WorkerList>(proto::WorkersRequest());
    for (size_t i = 0; workers && i < workers->workers.size(); ++i) {
      JsonWriter json;
      write_json(json, workers->workers[i]);
      text += json.text() + "\n";
    }
    add("daemon.json", text);
  }

  // Where it is a file that this user may read. The name of the document stands in it.
  void add_log(const proto::JobInfo& info) {
    Result<proto::CapabilityList> list =
        connection_.request<proto::CapabilityList>(proto::CapabilitiesRequest());
    if (!list || list->log.empty() || list->log == "journal") return;
    Result<std::string> all = read_file(list->log, kMostLogBytes);
    if (!all) return;
    LogLines lines(job_, std::nullopt);
    lines.add(*all);
    std::string text = lines.take();
    if (!with_content_ && !info.name.empty()) {
      for (size_t at = text.find(info.name); at != text.npos; at = text.find(info.name, at))
        text.replace(at, info.name.size(), "-");
    }
    add("log.txt", text);
  }

  Status add_output(const std::string& output) {
    if (!is_asset(output) && output.find('/') != output.npos) return Ok{};
    std::string bytes;
    Status fetched = fetch_output(connection_, job_, output, [&bytes](std::string_view piece) {
      bytes += piece;
      return Status(Ok{});
    });
    if (fetched)
      add("content/" + base_name(output) + (is_asset(output) ? "" : "." + output), bytes);
    return fetched;
  }

  Connection& connection_;
  uint64_t job_;
  bool with_content_;
  std::string folder_;
  TarArchive archive_;
};

}  // namespace

CtlExit run_bug_report(const Options& options, Reporter& reporter) {
  const std::string label = "job " + std::to_string(*options.job);
  Result<Connection> connection = find_daemon(options, false, reporter);
  if (!connection) return report_error(options, reporter, "", connection.error());
  Result<std::string> archive = BugReport(*connection, *options.job, options.with_content).make();
  if (!archive) return report_error(options, reporter, label, archive.error());
  const std::string path =
      options.output_path.value_or("pdf2md-job-" + std::to_string(*options.job) + ".tar");
  if (path == "-") {
    Status printed = write_standard_output(*archive);
    return printed ? CtlExit::kOk : report_error(options, reporter, label, printed.error());
  }
  FileSet files({});
  Status written = files.begin(path);
  if (written) written = files.write(*archive);
  if (written) written = files.commit();
  if (!written) return report_error(options, reporter, label, written.error());
  reporter.note(printable(path) + (options.with_content
                                       ? ": holds what stands in the document"
                                       : ": the document and its text are left out"));
  return CtlExit::kOk;
}

}  // namespace pdf2md::ctl
