#include "daemon/supervisor/metrics.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

proto::Event page(uint8_t status, uint32_t ms) {
  proto::Event event;
  event.kind = proto::EventKind::kPage;
  event.page_status = status;
  event.page_ms = ms;
  return event;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("prometheus: families, labels, escapes") {
  PrometheusText out;
  out.gauge("a_bytes", "Size.", 1.5);
  out.family("b_total", PrometheusText::Type::kCounter, "Things.");
  out.sample(3, {{"what", "a \"b\"\\\n"}, {"slot", "0"}});
  CHECK(out.text() ==
        "# HELP a_bytes Size.\n# TYPE a_bytes gauge\na_bytes 1.5\n"
        "# HELP b_total Things.\n# TYPE b_total counter\n"
        "b_total{what=\"a \\\"b\\\"\\\\\\n\",slot=\"0\"} 3\n");
}

TEST_CASE("prometheus: a histogram is cumulative, a bound belongs to its bucket") {
  Histogram histogram({0.5, 1});
  for (double value : {0.25, 0.5, 0.75, 8.0}) histogram.observe(value);
  PrometheusText out;
  out.histogram("h_seconds", "Time.", histogram);
  CHECK(out.text() ==
        "# HELP h_seconds Time.\n# TYPE h_seconds histogram\n"
        "h_seconds_bucket{le=\"0.5\"} 2\nh_seconds_bucket{le=\"1\"} 3\n"
        "h_seconds_bucket{le=\"+Inf\"} 4\nh_seconds_sum 9.5\nh_seconds_count 4\n");
}

TEST_CASE("metrics: the rate is that of the last minute, or of the time since the start") {
  RateWindow window;
  for (int64_t second = 100; second < 110; ++second) {
    window.add(second * 1000);
    window.add(second * 1000 + 500);
  }
  CHECK(window.per_second(110'000, 100'000) == Approx(2));
  CHECK(window.per_second(150'000, 0) == Approx(20.0 / 60));
  CHECK(window.per_second(500'000, 0) == 0);
}

TEST_CASE("metrics: pages and jobs are counted by how they ended") {
  Metrics metrics(0);
  metrics.on_event(page(0, 300), 1000);
  metrics.on_event(page(0, 700), 1000);
  metrics.on_event(page(3, 20), 1000);
  metrics.on_event(proto::Event{}, 1000);  // a change of state is no page
  metrics.on_job_over(proto::JobState::kDone, 1500);
  metrics.on_job_over(proto::JobState::kFailed, 10);
  metrics.on_accepted(3, 1024);
  std::string text = metrics.text({}, 2000);
  CHECK(has_line(text, "pdf2md_pages_total{status=\"ok\"} 2"));
  CHECK(has_line(text, "pdf2md_pages_total{status=\"failed\"} 1"));
  CHECK(has_line(text, "pdf2md_page_duration_seconds_count 3"));
  CHECK(has_line(text, "pdf2md_jobs_finished_total{state=\"done\"} 1"));
  CHECK(has_line(text, "pdf2md_job_duration_seconds_sum 1.5"));
  CHECK(has_line(text, "pdf2md_document_bytes_accepted_total 1024"));
  CHECK(has_line(text, "pdf2md_pages_per_second 1.5"));
}

TEST_CASE("metrics: two workers of one slot are one sample") {
  MetricsSnapshot snapshot;
  for (const char* state : {"busy", "loading"}) {
    proto::WorkerInfo worker;
    worker.state = state;
    worker.rss_bytes = 100;
    snapshot.workers.workers.push_back(worker);
  }
  snapshot.deaths_by_exit["signal 9 (Killed)"] = 2;
  std::string text = Metrics(0).text(snapshot, 1);
  CHECK(has_line(text, "pdf2md_workers{state=\"busy\"} 1"));
  CHECK(has_line(text, "pdf2md_workers{state=\"ready\"} 0"));
  CHECK(has_line(text, "pdf2md_worker_resident_memory_bytes{slot=\"0\"} 200"));
  CHECK(has_line(text, "pdf2md_worker_deaths_total{reason=\"signal 9 (Killed)\"} 2"));
}

TEST_CASE("metrics: one line for people") {
  proto::HealthReport health;
  health.status = "ok";
  health.pool_size = 2;
  health.workers_ready = 2;
  health.workers_busy = 1;
  health.queue_length = 1;
  CHECK(status_line(health, 1.44) == "2 workers (2 ready, 1 busy), 1 job waiting, 1.4 pages/s");
  health.status = "failing";
  CHECK(status_line(health, 0).rfind("failing: 2 workers", 0) == 0);
}

}  // namespace
}  // namespace pdf2md::supervisor
