#include <unistd.h>

#include <catch2/catch.hpp>

#include "ctl/job_filter.h"
#include "ctl/log_lines.h"

using namespace pdf2md::ctl;
using pdf2md::proto::JobInfo;
using pdf2md::proto::JobState;

TEST_CASE("jobs are chosen by state") {
  CHECK(parse_job_states("failed,cancelled") ==
        (job_state_bit(JobState::kFailed) | job_state_bit(JobState::kCancelled)));
  CHECK(parse_job_states("not-completed") == kUnfinishedJobs);
  CHECK(parse_job_states("completed") == kFinishedJobs);
  for (const char* bad : {"", "failed,", "Failed", "broken"}) CHECK_FALSE(parse_job_states(bad));

  JobInfo job;
  job.state = JobState::kRunning;
  job.uid = 7;
  CHECK(matches({}, job));
  CHECK(matches({7, *parse_job_states("not-completed")}, job));
  CHECK_FALSE(matches({8, 0}, job));
  CHECK_FALSE(matches({7, *parse_job_states("completed")}, job));
  CHECK_FALSE(matches({{}, *parse_job_states("held")}, job));
  job.held = true;
  CHECK(matches({{}, *parse_job_states("held")}, job));
}

TEST_CASE("users are known by name or number") {
  Options options;
  options.user = "root";
  CHECK(filter_of(options)->uid == 0u);
  options.user = "12345";
  CHECK(filter_of(options)->uid == 12345u);
  options.user = "no such user";
  CHECK_FALSE(filter_of(options).ok());
  CHECK(user_name(0) == "root");
  CHECK(user_name(4'000'000'000) == "4000000000");
}

TEST_CASE("lines of the log are known by their job") {
  CHECK(is_about_job("2026-01-01T00:00:00Z info pdf2mdd: job accepted job=7 name=a.pdf", 7));
  CHECK(is_about_job("info worker[0]: died page=3 job=7", 7));
  CHECK(is_about_job(R"({"time":"x","job":"7","name":"a"})", 7));
  CHECK_FALSE(is_about_job("info pdf2mdd: job accepted job=77", 7));
  CHECK_FALSE(is_about_job("info pdf2mdd: job=17 by_job=7x", 7));
  CHECK_FALSE(is_about_job(R"({"job":"77"})", 7));
}

TEST_CASE("the log is cut into whole lines, of which the last ones may be wanted") {
  LogLines lines(7, 2);
  lines.add("a job=7\nb job=8\nc jo");
  lines.add("b=7\nd job=7\ne job=7");
  CHECK(lines.take() == "c job=7\nd job=7\n");
  CHECK(lines.take().empty());
  lines.add("\n\x1b[31m job=7\n");
  CHECK(lines.take() == "e job=7\n\uFFFD[31m job=7\n");
  LogLines all(std::nullopt, std::nullopt);
  all.add("x\ny\n");
  CHECK(all.take() == "x\ny\n");
}
