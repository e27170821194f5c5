#include <signal.h>

#include <fstream>

#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

struct Configured {
  TemporaryFolder folder;
  std::string file = folder.path() + "/pdf2mdd.toml";
  std::optional<Daemon> daemon;

  explicit Configured(const std::string& text) {
    write(text);
    daemon.emplace(Daemon::Setup{.arguments = {"--config", file}});
  }
  void write(const std::string& text) { std::ofstream(file) << text; }
};

}  // namespace

TEST_CASE("reload: what changed is told with its effect, and takes it") {
  Configured configured("[queue]\nmax_jobs = 100\n");
  Client client(*configured.daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  pid_t before = configured.daemon->workers()[0];
  configured.write("ocr_dpi = 300\n[socket]\nmode = \"0600\"\n[queue]\nmax_jobs = 1\n");
  proto::Reloaded reloaded = client.reload();
  CHECK(reloaded.problems.empty());
  REQUIRE(reloaded.changes.size() == 3);
  CHECK(reloaded.changes[0].key == "ocr_dpi");
  CHECK(reloaded.changes[0].before == "200");
  CHECK(reloaded.changes[0].after == "300");
  CHECK(reloaded.changes[0].effect == "workers");
  CHECK(reloaded.changes[1].key == "socket.mode");
  CHECK(reloaded.changes[1].effect == "restart");
  CHECK(reloaded.changes[2].key == "queue.max_jobs");
  CHECK(reloaded.changes[2].effect == "now");
  // The worker is another one, with the new setting.
  CHECK(eventually([&] {
    std::vector<pid_t> pids = configured.daemon->workers();
    return pids.size() == 1 && pids[0] != before;
  }));
  // The queue has its new limit.
  Client other(*configured.daemon);
  client.submit("freeze-on-page=1", 1);
  other.start_submit({}, "pages=1", false);
  other.expect<proto::Busy>();
  // What waits for a restart is told again, the rest is done.
  reloaded = client.reload();
  REQUIRE(reloaded.changes.size() == 1);
  CHECK(reloaded.changes[0].key == "socket.mode");
}

TEST_CASE("reload: a file with mistakes is refused with their lines, and nothing changes") {
  Configured configured("[queue]\nmax_jobs = 100\n");
  Client client(*configured.daemon);
  REQUIRE(eventually([&] { return client.health().workers_ready == 1; }));
  pid_t before = configured.daemon->workers()[0];
  configured.write("ocr_dpi = 300\nwrokers = 2\n[queue]\nmax_jobs = \"many\"\n");
  proto::Reloaded reloaded = client.reload();
  CHECK(reloaded.changes.empty());
  REQUIRE(reloaded.problems.size() == 2);
  CHECK(reloaded.problems[0].where == configured.file + ":2");
  CHECK(reloaded.problems[0].what.find("did you mean workers?") != std::string::npos);
  CHECK(reloaded.problems[1].where == configured.file + ":4");
  configured.write("[queue]\nmax_jobs = 100\n");
  CHECK(client.reload().changes.empty());
  CHECK(configured.daemon->workers() == std::vector<pid_t>{before});
}

TEST_CASE("SIGHUP reloads, and the log says what came of it") {
  Configured configured("[log]\nlevel = \"info\"\n");
  Daemon& daemon = *configured.daemon;
  configured.write("[log]\nlevel = \"debug\"\n");
  daemon.signal(SIGHUP);
  CHECK(eventually([&] {
    return daemon.log().find("setting changed key=log.level before=\"\\\"info\\\"\"") !=
           std::string::npos;
  }));
  configured.write("[log]\nlevel = \"loud\"\n");
  daemon.signal(SIGHUP);
  CHECK(eventually([&] {
    return daemon.log().find("configuration not reloaded: \"log.level\" \"loud\" is not one of") !=
           std::string::npos;
  }));
  CHECK(Client(daemon).health().pool_size == 1);
}

TEST_CASE("reload does not undo resize, unless the number of workers changes") {
  TemporaryFolder folder;
  Configured configured("[queue]\nmax_jobs = 100\n");
  Client client(*configured.daemon);
  client.operate(proto::Resize{3});
  configured.write("[queue]\nmax_jobs = 50\n");
  CHECK(client.reload().changes.size() == 1);
  CHECK(client.health().pool_size == 3);
}

}  // namespace pdf2md::tests
