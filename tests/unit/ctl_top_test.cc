#include <catch2/catch.hpp>

#include "ctl/sparkline.h"
#include "ctl/text.h"
#include "ctl/top_model.h"

using namespace pdf2md;
using namespace pdf2md::ctl;
using Kind = TopRequest::Kind;

namespace {

proto::JobInfo job(uint64_t id, proto::JobState state, const std::string& name = "a.pdf") {
  proto::JobInfo info;
  info.id = id;
  info.state = state;
  info.name = name;
  info.pages_total = 10;
  info.pages_done = 5;
  info.submitted_unix_ms = 1000;
  return info;
}

TopData data(std::vector<proto::JobInfo> jobs = {}) {
  TopData made;
  made.health.status = "ok";
  made.health.device = "cpu";
  made.health.pool_size = 2;
  made.jobs = std::move(jobs);
  proto::WorkerInfo worker;
  worker.state = "busy";
  worker.device = "cuda:0";
  worker.job = 7;
  worker.page = 3;
  worker.vram_bytes = 2u << 30;
  worker.rss_bytes = 1u << 30;
  worker.restarts = 4;
  made.workers = {worker};
  return made;
}

std::string text_of(const TopLine& line) {
  std::string text;
  for (const TopPiece& piece : line.pieces) text += piece.text;
  return text;
}

std::string screen(TopModel& model, size_t width = 80, size_t height = 24, bool unicode = true) {
  std::string text;
  for (const TopLine& line : model.lines(width, height, unicode)) text += text_of(line) + "\n";
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TopModel model_of(std::vector<proto::JobInfo> jobs) {
  TopModel model("/run/x.sock");
  model.update(data(std::move(jobs)), 0, 61'000);
  return model;
}

std::optional<TopRequest> press(TopModel& model, char letter) {
  return model.key(TopKey::kOther, letter);
}

uint64_t selected_job(TopModel& model) {
  for (const TopLine& line : model.lines(80, 24, true))
    if (line.selected) return std::stoull(text_of(line));
  return 0;
}

}  // namespace

TEST_CASE("bars are as high as their share of the highest") {
  CHECK(sparkline({0, 1, 4, 8}, 4, true) == " ▁▄█");
  CHECK(sparkline({0, 1, 4, 8}, 6, true) == "   ▁▄█");
  CHECK(sparkline({9, 9, 0, 1}, 2, false) == " #");
  CHECK(sparkline({}, 3, true) == "   ");
  CHECK(sparkline({0.001, 1000}, 2, true) == "▁█");
}

TEST_CASE("counters are read from Prometheus' text") {
  const TopCounters counters = read_counters(
      "# HELP pdf2md_page_duration_seconds x\npdf2md_page_duration_seconds_sum 12.5\n"
      "pdf2md_page_duration_seconds_count 30\npdf2md_jobs_finished_total{state=\"done\"} 4\n"
      "pdf2md_jobs_finished_total{state=\"failed\"} 1");
  CHECK(counters.pages == 30);
  CHECK(counters.page_seconds == 12.5);
  CHECK(counters.jobs_done == 4);
  CHECK(counters.jobs_failed == 1);
  CHECK(read_counters("rubbish\n\n 1 2\n").pages == 0);
}

TEST_CASE("rates are what came in between two looks") {
  TopHistory history;
  history.add({100, 50, 0, 0}, 0);
  CHECK(history.pages_per_second().empty());
  history.add({110, 55, 0, 0}, 2000);
  CHECK(history.last_rate() == 5);
  CHECK(history.last_latency() == 0.5);
  history.add({110, 55, 0, 0}, 3000);
  CHECK(history.last_rate() == 0);
  CHECK(history.last_latency() == 0.5);
  history.add({2, 1, 0, 0}, 4000);  // another daemon
  CHECK(history.pages_per_second().size() == 2);
  history.add({4, 2, 0, 0}, 5000);
  CHECK(history.last_rate() == 2);
}

TEST_CASE("the screen shows the service, its workers and its jobs") {
  TopModel model = model_of({job(7, proto::JobState::kRunning, "book.pdf")});
  const std::string text = screen(model);
  CHECK(contains(text, "pdf2md ok  cpu  2 workers"));
  CHECK(contains(text, "busy     cuda:0  job 7 p. 3"));
  CHECK(contains(text, "2.0 GiB"));
  CHECK(contains(text, "1.0 GiB"));
  CHECK(contains(text, "5/10 "));
  CHECK(contains(screen(model, 120), "5/10 [====>     ]"));
  CHECK(contains(text, "book.pdf"));
  CHECK(contains(text, "1 running, 0 waiting, 0 failed, 0 done"));
  CHECK(contains(text, "c cancel"));
}

TEST_CASE("every size has its lines, none wider than it") {
  std::vector<proto::JobInfo> jobs;
  for (uint64_t id = 1; id < 60; ++id) {
    jobs.push_back(
        job(id, proto::JobState::kQueued, "a name 灯塔 that is long " + std::to_string(id)));
    jobs.back().error = "what\nwent \x1b[31mwrong";
  }
  TopModel model = model_of(jobs);
  for (const size_t width : {0u, 1u, 20u, 80u, 81u, 250u}) {
    for (const size_t height : {0u, 1u, 2u, 5u, 24u, 70u}) {
      for (const bool unicode : {true, false}) {
        const std::vector<TopLine> lines = model.lines(width, height, unicode);
        CHECK(lines.size() == height);
        for (const TopLine& line : lines) {
          const std::string text = text_of(line);
          CHECK(display_width(text) <= width);
          for (char c : text) {
            CHECK(static_cast<unsigned char>(c) >= 0x20);
            if (!unicode) CHECK((c & 0x80) == 0);
          }
        }
      }
    }
  }
}

TEST_CASE("jobs that run come first, then those that wait, then the newest that are over") {
  proto::JobInfo held = job(2, proto::JobState::kQueued);
  held.held = true;
  proto::JobInfo old = job(3, proto::JobState::kDone), fresh = job(4, proto::JobState::kFailed);
  old.finished_unix_ms = 10;
  fresh.finished_unix_ms = 20;
  TopModel model = model_of(
      {held, old, fresh, job(5, proto::JobState::kQueued), job(6, proto::JobState::kRunning)});
  std::vector<uint64_t> order;
  for (int i = 0; i < 5; ++i) {
    order.push_back(selected_job(model));
    model.key(TopKey::kDown, 0);
  }
  CHECK(order == std::vector<uint64_t>{6, 5, 2, 4, 3});
  model.key(TopKey::kHome, 0);
  CHECK(selected_job(model) == 6);
  model.key(TopKey::kEnd, 0);
  CHECK(selected_job(model) == 3);
}

TEST_CASE("the chosen job stays chosen and in sight while others come and go") {
  std::vector<proto::JobInfo> jobs;
  for (uint64_t id = 1; id <= 50; ++id) jobs.push_back(job(id, proto::JobState::kQueued));
  TopModel model = model_of(jobs);
  for (int i = 0; i < 40; ++i) model.key(TopKey::kDown, 0);
  CHECK(selected_job(model) == 41);
  jobs.erase(jobs.begin(), jobs.begin() + 20);
  model.update(data(jobs), 1000, 0);
  CHECK(selected_job(model) == 41);
}

TEST_CASE("cancelling asks first") {
  TopModel model = model_of({job(7, proto::JobState::kRunning)});
  CHECK_FALSE(press(model, 'c'));
  CHECK(contains(screen(model), "cancel job 7, a.pdf? (y/n)"));
  CHECK_FALSE(press(model, 'n'));
  CHECK_FALSE(press(model, 'y'));
  press(model, 'c');
  const std::optional<TopRequest> request = press(model, 'y');
  REQUIRE(request);
  CHECK(request->kind == Kind::kCancel);
  CHECK(request->job == 7);
}

TEST_CASE("what was asked about is what is done, whatever moves meanwhile") {
  TopModel model = model_of({job(7, proto::JobState::kRunning)});
  press(model, 'c');
  model.update(data({job(8, proto::JobState::kRunning)}), 1000, 0);
  CHECK(press(model, 'y')->job == 7);
}

TEST_CASE("a job is held, and released where it is") {
  proto::JobInfo held = job(8, proto::JobState::kQueued);
  held.held = true;
  TopModel model = model_of({job(7, proto::JobState::kRunning), held});
  CHECK(press(model, 'h')->kind == Kind::kHold);
  model.key(TopKey::kDown, 0);
  const std::optional<TopRequest> request = press(model, 'h');
  CHECK(request->kind == Kind::kRelease);
  CHECK(request->job == 8);
}

TEST_CASE("nothing is asked for where there is nothing to do") {
  TopModel none = model_of({});
  CHECK_FALSE(press(none, 'c'));
  CHECK(contains(screen(none), "there is no job"));
  TopModel over = model_of({job(7, proto::JobState::kDone)});
  CHECK_FALSE(press(over, 'h'));
  CHECK(contains(screen(over), "job 7 is over"));
  CHECK_FALSE(press(over, 'x'));
}

TEST_CASE("the pool grows, shrinks to one, and is drained and resumed") {
  TopModel model = model_of({});
  CHECK(press(model, '+')->workers == 3);
  CHECK(press(model, '-')->workers == 1);
  CHECK_FALSE(press(model, 'd'));
  CHECK(press(model, 'y')->kind == Kind::kDrain);
  TopData paused = data();
  paused.health.paused = true;
  paused.health.pool_size = 1;
  model.update(paused, 1000, 0);
  CHECK(press(model, 'd')->kind == Kind::kResume);
  CHECK_FALSE(press(model, '-'));
  CHECK(press(model, 'q')->kind == Kind::kQuit);
}

TEST_CASE("a daemon that is gone is said, and forgotten when it is back") {
  TopModel model = model_of({job(7, proto::JobState::kRunning, "book.pdf")});
  model.lose("nothing answers");
  CHECK(contains(screen(model), "nothing answers"));
  CHECK(contains(screen(model), "book.pdf"));
  model.update(data(), 1000, 0);
  CHECK_FALSE(contains(screen(model), "nothing answers"));
}

TEST_CASE("a message goes after a while, a question stays") {
  TopModel model = model_of({job(7, proto::JobState::kRunning)});
  model.tell("job 7 is held", false);
  model.update(data({job(7, proto::JobState::kRunning)}), 1000, 0);
  CHECK(contains(screen(model), "job 7 is held"));
  for (int i = 2; i < 9; ++i) model.update(data({job(7, proto::JobState::kRunning)}), i * 1000, 0);
  CHECK(contains(screen(model), "c cancel"));
  press(model, 'c');
  for (int i = 9; i < 20; ++i) model.update(data({job(7, proto::JobState::kRunning)}), i * 1000, 0);
  CHECK(contains(screen(model), "(y/n)"));
}
