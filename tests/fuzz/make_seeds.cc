// Writes a small corpus for the fuzzers: make_seeds DIR makes DIR/decode/ and DIR/config/.
#include <cstdio>
#include <filesystem>

#include "daemon/supervisor/config.h"
#include "proto/admin_messages.h"
#include "proto/fd.h"
#include "proto/reader_messages.h"
#include "proto/service_messages.h"
#include "proto/spool_messages.h"
#include "proto/worker_messages.h"

namespace {

using namespace pdf2md::proto;

bool write(const std::string& folder, const std::string& name, const std::string& bytes) {
  return pdf2md::write_file_durably(folder + "/" + name, bytes).ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: make_seeds DIR\n"), 2;
  std::string decode = std::string(argv[1]) + "/decode", config = std::string(argv[1]) + "/config";
  std::filesystem::create_directories(decode);
  std::filesystem::create_directories(config);
  Submit submit;
  submit.options.name = "a.pdf";
  submit.options.passwords = {"x"};
  submit.size = 3;
  Event event;
  event.kind = EventKind::kPage;
  event.page = 3;
  Jobs jobs;
  jobs.jobs.resize(2);
  jobs.jobs[0].outputs = {{"md", 5}};
  jobs.jobs[1].pages_failed = {1, 2};
  WorkerList workers;
  workers.workers.resize(1);
  SpoolReport spool;
  spool.jobs = {{1, "a.pdf", JobState::kDone, 5, 6}};
  Reloaded reloaded{{{"file:1", "wrong"}}, {{"workers", "1", "2", "now"}}};
  DeathList deaths;
  deaths.deaths.resize(1);
  Probed probed{7, {1, 2, 3}, 3, "note"};
  bool ok =
      write(decode, "hello", encode_frame(Hello{})) &&
      write(decode, "submit",
            encode_frame(submit) + encode_frame(Data{Bytes{"abc"}}) + encode_frame(DataEnd{})) &&
      write(decode, "event", encode_frame(event)) && write(decode, "jobs", encode_frame(jobs)) &&
      write(decode, "status", encode_frame(StatusRequest{5})) &&
      write(decode, "workers", encode_frame(workers)) &&
      write(decode, "health", encode_frame(HealthReport{})) &&
      write(decode, "configure", encode_frame(Configure{})) &&
      write(decode, "convert",
            encode_frame(Convert{1, 2, "/f", {}, {1, 2}, Effort::kTextLayerOnly})) &&
      write(decode, "probed", encode_frame(probed)) &&
      write(decode, "assembled", encode_frame(Assembled{1, {{"md", 1}}})) &&
      write(decode, "set-priority", encode_frame(SetPriority{1, 7})) &&
      write(decode, "spool", encode_frame(spool)) &&
      write(decode, "restart-worker", encode_frame(RestartWorker{1})) &&
      write(decode, "reloaded", encode_frame(reloaded)) &&
      write(decode, "deaths", encode_frame(deaths)) &&
      write(decode, "render", encode_frame(Render{})) &&
      write(config, "all", pdf2md::supervisor::print_config(pdf2md::supervisor::Config())) &&
      write(config, "control-character", "workers = 5\n[\x02socket]\n") &&
      write(config, "few", "workers = 2\n[limits]\nmax_pages = 5\n[socket]\nmode = \"0600\"\n");
  return ok ? 0 : 1;
}
