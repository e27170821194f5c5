// Nothing that was accepted is lost, whoever is killed when.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "proto/spool_messages.h"
#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

// How often each page of a job was worked on.
std::map<int, int> computed(const std::string& state, uint64_t job) {
  std::map<int, int> times;
  std::ifstream file(state + "/jobs/" + std::to_string(job) + "/computed");
  for (int page; file >> page;) ++times[page];
  return times;
}

// Pages whose records are there, whole.
std::set<int> records(const std::string& state, uint64_t job) {
  std::set<int> pages;
  for (const auto& file :
       std::filesystem::directory_iterator(state + "/jobs/" + std::to_string(job) + "/pages")) {
    if (file.path().extension() != ".tmp") pages.insert(std::stoi(file.path().stem().string()));
  }
  return pages;
}

void kill_hard(Daemon& daemon) {
  daemon.signal(SIGKILL);
  daemon.wait();
}

std::string pages_text(int pages) {
  std::string text;
  for (int page = 1; page <= pages; ++page) text += "page " + std::to_string(page) + ": full\n";
  return text;
}

}  // namespace

TEST_CASE("kill -9 of the daemon: the next one goes on with the last finished page") {
  TemporaryFolder folder;
  uint64_t job = 0;
  uint32_t done = 0;
  std::set<int> recorded;
  {
    Daemon daemon({.arguments = {"--workers", "2"}, .folder = folder.path()});
    Client client(daemon);
    job = client.submit("slow=20", 40);
    done = client.wait_for(job, [](const proto::Event& e) { return e.pages_done >= 9; }).pages_done;
    kill_hard(daemon);
    recorded = records(daemon.state(), job);
  }
  Daemon daemon({.arguments = {"--workers", "2"}, .folder = folder.path()});
  Client client(daemon);
  // "computed" goes with the pages when the job is done: it is looked at before.
  std::map<int, int> times;
  client.wait_for(job, [&](const proto::Event& e) {
    std::map<int, int> now = computed(daemon.state(), job);
    if (!now.empty()) times = now;
    return e.state == proto::JobState::kDone;
  });
  CHECK(client.fetch(job) == pages_text(40));
  CHECK(recorded.size() >= done);
  for (const auto& [page, count] : times) {
    INFO("page " << page);
    // One that was computed when the end came, and had no record yet, is computed again.
    CHECK(count <= (recorded.count(page) > 0 ? 1 : 2));
  }
}

TEST_CASE("kill -9 again and again: every job arrives, in order, once") {
  TemporaryFolder folder;
  std::vector<uint64_t> jobs;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    for (int i = 0; i < 12; ++i) jobs.push_back(client.submit("slow=5", 6 + i));
    kill_hard(daemon);
  }
  for (int i = 0; i < 4; ++i) {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    uint64_t job = jobs[static_cast<size_t>(i) * 2];
    proto::JobInfo info = client.status(job);
    if (info.state < proto::JobState::kDone)
      client.wait_for(job, [](const proto::Event& e) { return e.pages_done >= 1; });
    kill_hard(daemon);
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  for (size_t i = 0; i < jobs.size(); ++i) {
    INFO("job " << jobs[i]);
    if (client.status(jobs[i]).state < proto::JobState::kDone) client.wait_until_over(jobs[i]);
    CHECK(client.fetch(jobs[i]) == pages_text(6 + static_cast<int>(i)));
  }
  uint64_t next = client.submit("", 1);
  CHECK(next > jobs.back());
}

TEST_CASE("results that nobody fetched are still there after a kill, and failures are remembered") {
  TemporaryFolder folder;
  uint64_t good = 0, bad = 0, cancelled = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    good = client.submit("", 3);
    client.wait_until_over(good);
    bad = client.submit("fail-on-probe=202", 1);
    client.wait_until_over(bad);
    cancelled = client.submit("slow=1000", 100);
    client.send(proto::Cancel{cancelled});
    client.expect<proto::Done>();
    // The journal is a moment behind.
    CHECK(eventually([&] {
      return !std::filesystem::exists(daemon.state() + "/jobs/" + std::to_string(cancelled));
    }));
    kill_hard(daemon);
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  CHECK(client.fetch(good) == pages_text(3));
  proto::JobInfo failed = client.status(bad);
  CHECK(failed.state == proto::JobState::kFailed);
  CHECK(failed.error_code == static_cast<uint16_t>(ErrorCode::kDamaged));
  CHECK(client.status(cancelled).state == proto::JobState::kCancelled);
}

TEST_CASE("SIGTERM keeps what was accepted, and the next daemon finishes it") {
  TemporaryFolder folder;
  uint64_t job = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    job = client.submit("slow=20", 60);
    client.wait_for(job, [](const proto::Event& e) { return e.pages_done >= 1; });
    daemon.signal(SIGTERM);
    Ended ended = daemon.wait();
    CHECK(ended.number == 0);
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  client.wait_until_over(job);
  CHECK(client.fetch(job) == pages_text(60));
}

TEST_CASE("a convert's job does not outlive its daemon") {
  TemporaryFolder folder;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    uint64_t job = client.submit("slow=20", 50, true);
    client.wait_for(job, [](const proto::Event& e) { return e.pages_done >= 1; });
    kill_hard(daemon);
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  CHECK(daemon.job_folders().empty());
  client.send(proto::StatusRequest{});
  CHECK(client.expect<proto::Jobs>().jobs.empty());
}

TEST_CASE("a page that kills its worker stays a suspect over a kill of the daemon") {
  TemporaryFolder folder;
  uint64_t job = 0;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    job = client.submit("crash-full-on-page=2 slow=10", 3);
    CHECK(eventually([&] { return client.status(job).attempts >= 2; }));
    kill_hard(daemon);
  }
  Daemon daemon({.folder = folder.path()});
  Client client(daemon);
  if (client.status(job).state < proto::JobState::kDone) client.wait_until_over(job);
  proto::JobInfo info = client.status(job);
  CHECK(info.state == proto::JobState::kDone);
  CHECK(info.pages_degraded == std::vector<uint32_t>{2});
  CHECK(info.attempts >= 2);
}

TEST_CASE("a journal that cannot be read stops the start, and says how to go on") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/state");
  std::ofstream(folder.path() + "/state/journal.db") << std::string(8192, 'x');
  Daemon daemon({.folder = folder.path(), .wait_until_serving = false});
  CHECK(daemon.wait().number == 1);
  CHECK(daemon.log().find("move it") != std::string::npos);
}

TEST_CASE("documents of a queue whose journal is gone are kept below lost/") {
  TemporaryFolder folder;
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    uint64_t job = client.submit("slow=1000", 100);
    client.wait_for(job, [](const proto::Event& e) { return e.pages_total == 100; });
    kill_hard(daemon);
  }
  for (const char* part : {"", "-wal", "-shm"})
    std::filesystem::remove(folder.path() + "/state/journal.db" + part);
  Daemon daemon({.folder = folder.path()});
  size_t documents = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(daemon.state() + "/lost")) {
    if (entry.path().filename() == "document") ++documents;
  }
  CHECK(documents == 1);
  CHECK(daemon.job_folders().empty());
}

TEST_CASE("the same document with the same options is answered with the results at hand") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/models");
  std::ofstream(folder.path() + "/models/manifest.toml") << "# no models\n";
  std::vector<std::string> arguments = {"--set", "model_dir=" + folder.path() + "/models", "--set",
                                        "queue.cache=1"};
  uint64_t first = 0;
  {
    Daemon daemon({.arguments = arguments, .folder = folder.path()});
    Client client(daemon);
    first = client.submit("", 3);
    client.wait_until_over(first);
    uint64_t second = client.submit("", 3);
    CHECK(second != first);
    CHECK(client.status(second).answered_from == first);
    CHECK(client.fetch(second) == pages_text(3));
    uint64_t other = client.submit("", 4);
    client.wait_until_over(other);
    CHECK(client.status(other).answered_from == 0);
    kill_hard(daemon);
  }
  {
    Daemon daemon({.arguments = arguments, .folder = folder.path()});
    Client client(daemon);
    uint64_t third = client.submit("", 3);
    CHECK(client.status(third).answered_from != 0);
  }
  arguments.insert(arguments.end(), {"--set", "queue.cache=0"});
  Daemon daemon({.arguments = arguments, .folder = folder.path()});
  Client client(daemon);
  uint64_t fourth = client.submit("", 3);
  client.wait_until_over(fourth);
  CHECK(client.status(fourth).answered_from == 0);
}

TEST_CASE("no room on the disk: refused with the reason, and nothing of it stays") {
  Daemon full({.arguments = {"--set", "queue.min_free_mib=1048576"}});
  Client client(full);
  client.start_submit(proto::JobOptions{}, "pages=1", false);
  proto::ErrorReply error = client.expect_error(ErrorCode::kNoSpace);
  CHECK(error.message.find("no room") != std::string::npos);
  CHECK(full.job_folders().empty());
}

TEST_CASE("a result with a degraded page answers nobody else, nor does one with a failed page") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/models");
  std::ofstream(folder.path() + "/models/manifest.toml") << "# no models\n";
  Daemon daemon(
      {.arguments = {"--set", "model_dir=" + folder.path() + "/models", "--set", "queue.cache=1"}});
  Client client(daemon);
  std::string words = GENERATE("crash-full-on-page=2", "fail-page=2");
  client.wait_until_over(client.submit(words, 3));
  uint64_t again = client.submit(words, 3);
  client.wait_until_over(again);
  CHECK(client.status(again).answered_from == 0);
}

TEST_CASE("of a failed job everything is kept but its passwords") {
  Daemon daemon;
  Client client(daemon);
  proto::JobOptions options;
  options.name = "fail-on-probe=202";
  options.passwords = {"secret"};
  client.start_submit(options, "pages=1", false);
  uint64_t job = client.expect<proto::Accepted>().job;
  client.wait_until_over(job);
  std::string folder = daemon.state() + "/jobs/" + std::to_string(job);
  CHECK(eventually([&] { return !std::filesystem::exists(folder + "/passwords"); }));
  CHECK(std::filesystem::exists(folder + "/document"));
}

TEST_CASE("what results take is known, also after a restart") {
  TemporaryFolder folder;
  auto bytes = [](Daemon& daemon) {
    Client client(daemon);
    client.send(proto::SpoolRequest{});
    return client.expect<proto::SpoolReport>().finished_bytes;
  };
  {
    Daemon daemon({.folder = folder.path()});
    Client client(daemon);
    client.wait_until_over(client.submit("output-kib=100", 1));
    CHECK(eventually([&] { return bytes(daemon) >= 100 << 10; }));
    kill_hard(daemon);
  }
  Daemon daemon({.folder = folder.path()});
  CHECK(eventually([&] { return bytes(daemon) >= 100 << 10; }));
}

}  // namespace pdf2md::tests
