#include "ctl/top_model.h"

#include <algorithm>

#include "ctl/follow.h"
#include "ctl/progress.h"
#include "ctl/sparkline.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

using Kind = TopRequest::Kind;

constexpr size_t kBarColumns = 12;  // of a job, on a screen that is
constexpr size_t kWideEnoughForBar = 100;
constexpr int kMessageLooks = 5;  // that a message stays for
constexpr const char* kKeys = "↑↓ choose  c cancel  h hold  +/- workers  d drain  q quit";

bool is_over(const proto::JobInfo& job) {
  return job.state != proto::JobState::kQueued && job.state != proto::JobState::kRunning;
}

// Running ones first, then those that wait in their order, then the newest that are over.
void sort_jobs(std::vector<proto::JobInfo>& jobs) {
  const auto rank = [](const proto::JobInfo& job) {
    return job.state == proto::JobState::kRunning  ? 0
           : job.state == proto::JobState::kQueued ? (job.held ? 2 : 1)
                                                   : 3;
  };
  std::stable_sort(jobs.begin(), jobs.end(), [&](const proto::JobInfo& a, const proto::JobInfo& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (rank(a) == 3) return a.finished_unix_ms > b.finished_unix_ms;
    if (rank(a) == 1 && a.position != b.position) return a.position < b.position;
    return a.id < b.id;
  });
}

TopStyle style_of(const proto::JobInfo& job) {
  const bool troubled = !job.pages_failed.empty() || !job.pages_degraded.empty();
  if (job.state == proto::JobState::kFailed) return TopStyle::kBad;
  if (job.state == proto::JobState::kCancelled) return TopStyle::kDim;
  if (job.held || troubled) return TopStyle::kWarning;
  return job.state == proto::JobState::kQueued ? TopStyle::kPlain : TopStyle::kGood;
}

TopStyle style_of(const std::string& state) {
  if (state == "ready" || state == "busy") return TopStyle::kGood;
  return state == "broken" || state == "down" ? TopStyle::kBad : TopStyle::kWarning;
}

// The text in exactly `width` columns.
std::string padded(const std::string& text, size_t width, bool right = false) {
  std::string cut = cut_to_width(text, width);
  const std::string fill(width - std::min(width, display_width(cut)), ' ');
  return right ? fill + cut : cut + fill;
}

size_t width_of(const TopLine& line) {
  size_t width = 0;
  for (const TopPiece& piece : line.pieces) width += display_width(piece.text);
  return width;
}

// As a terminal without UTF-8 can show it.
std::string ascii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t size = std::max<size_t>(utf8_sequence(text), 1);
    const std::string_view one = text.substr(0, size);
    if (size == 1 && (one[0] & 0x80) == 0)
      out += one;
    else if (one == "…")
      out += '~';
    else if (one == "↑" || one == "↓")
      out += one == "↑" ? "up/" : "down";
    else
      out += std::string(std::max<size_t>(display_width(one), 1), '?');
    text.remove_prefix(size);
  }
  return out;
}

void fit(TopLine& line, size_t width, bool unicode) {
  for (TopPiece& piece : line.pieces)
    if (!unicode) piece.text = ascii(piece.text);
  size_t used = 0;
  for (TopPiece& piece : line.pieces) {
    piece.text = cut_to_width(piece.text, width - used);
    if (!unicode) piece.text = ascii(piece.text);
    used += display_width(piece.text);
  }
}

// What is left for it in a worker's line, of which the other columns take 57.
size_t work_columns(size_t width) {
  return std::clamp<size_t>(width, 57 + 12, 57 + 30) - 57;
}

std::string remark_on(const proto::JobInfo& job) {
  if (!job.error.empty()) return printable(job.error);
  const size_t troubled = job.pages_failed.size() + job.pages_degraded.size();
  if (troubled > 0) return count_of(troubled, "page") + " failed or degraded";
  if (job.held) return "held";
  if (job.state == proto::JobState::kQueued) return std::to_string(job.position) + " ahead";
  return job.eta_ms > 0 && !is_over(job) ? format_duration_ms(job.eta_ms) + " left" : "";
}

}  // namespace

void TopModel::update(TopData data, int64_t now_ms, int64_t now_unix_ms) {
  data_ = std::move(data);
  sort_jobs(data_.jobs);
  history_.add(data_.counters, now_ms);
  now_unix_ms_ = now_unix_ms;
  any_ = true;
  trouble_.clear();
  if (!asked_ && ++message_looks_ > kMessageLooks) message_.clear();
}

void TopModel::lose(const std::string& why) {
  trouble_ = why;
}

void TopModel::tell(const std::string& message, bool bad) {
  message_ = message;
  message_bad_ = bad;
  message_looks_ = 0;
}

const proto::JobInfo* TopModel::selected() const {
  for (const proto::JobInfo& job : data_.jobs)
    if (job.id == selected_) return &job;
  return data_.jobs.empty() ? nullptr : &data_.jobs[0];
}

void TopModel::move(int by) {
  const proto::JobInfo* job = selected();
  if (job == nullptr) return;
  const int last = static_cast<int>(data_.jobs.size()) - 1;
  const int at = static_cast<int>(job - data_.jobs.data());
  selected_ = data_.jobs[static_cast<size_t>(std::clamp(at + by, 0, last))].id;
}

std::optional<TopRequest> TopModel::key(TopKey key, char letter) {
  if (asked_) return answer(key == TopKey::kOther ? letter : 'n');
  message_.clear();
  const int page = static_cast<int>(std::max<size_t>(jobs_shown_, 1));
  const int all = static_cast<int>(data_.jobs.size());
  switch (key) {
    case TopKey::kUp:
      return move(-1), std::nullopt;
    case TopKey::kDown:
      return move(1), std::nullopt;
    case TopKey::kPageUp:
      return move(-page), std::nullopt;
    case TopKey::kPageDown:
      return move(page), std::nullopt;
    case TopKey::kHome:
      return move(-all), std::nullopt;
    case TopKey::kEnd:
      return move(all), std::nullopt;
    case TopKey::kEscape:
      return std::nullopt;
    case TopKey::kOther:
      return request(letter);
  }
  return std::nullopt;
}

std::optional<TopRequest> TopModel::answer(char letter) {
  const TopRequest asked = *asked_;
  asked_.reset();
  message_.clear();
  if (letter == 'y' || letter == 'Y') return asked;
  return std::nullopt;
}

std::optional<TopRequest> TopModel::request(char letter) {
  const proto::JobInfo* job = selected();
  const std::string label = job == nullptr ? "" : "job " + std::to_string(job->id);
  const uint32_t pool = data_.health.pool_size;
  switch (letter) {
    case 'q':
      return TopRequest{Kind::kQuit};
    case ' ':
      return TopRequest{Kind::kLook};
    case 'j':
      return move(1), std::nullopt;
    case 'k':
      return move(-1), std::nullopt;
    case 'c':
    case 'h':
      if (job == nullptr) return tell("there is no job", true), std::nullopt;
      if (is_over(*job)) return tell(label + " is over", true), std::nullopt;
      if (letter == 'h') return TopRequest{job->held ? Kind::kRelease : Kind::kHold, job->id};
      asked_ = TopRequest{Kind::kCancel, job->id};
      tell("cancel " + label + ", " + printable(job->name) + "? (y/n)", false);
      return std::nullopt;
    case '+':
      return TopRequest{Kind::kResize, 0, pool + 1};
    case '-':
      if (pool <= 1) return tell("one worker has to stay; d drains it", true), std::nullopt;
      return TopRequest{Kind::kResize, 0, pool - 1};
    case 'd':
      if (data_.health.paused) return TopRequest{Kind::kResume};
      asked_ = TopRequest{Kind::kDrain};
      tell("hand out no more work? (y/n)", false);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

TopLine TopModel::head() const {
  const proto::HealthReport& health = data_.health;
  TopLine line;
  line.pieces.push_back({"pdf2md ", TopStyle::kBold});
  if (!trouble_.empty()) {
    line.pieces.push_back({trouble_, TopStyle::kBad});
    return line;
  }
  if (!any_) return line;
  const TopStyle style = health.status == "ok"        ? TopStyle::kGood
                         : health.status == "failing" ? TopStyle::kBad
                                                      : TopStyle::kWarning;
  line.pieces.push_back({health.paused ? "drained" : printable(health.status),
                         health.paused ? TopStyle::kWarning : style});
  line.pieces.push_back(
      {"  " + printable(health.device) + "  " + count_of(health.pool_size, "worker") + ", " +
       std::to_string(health.workers_ready) + " ready, " + std::to_string(health.workers_busy) +
       " busy  queue " + std::to_string(health.queue_length) + "  up " +
       format_duration_ms(health.uptime_ms)});
  if (!health.detail.empty())
    line.pieces.push_back({"  " + printable(health.detail), TopStyle::kWarning});
  return line;
}

TopLine TopModel::rates(size_t width, bool unicode) const {
  const size_t columns = std::clamp<size_t>(width / 4, 8, 80);
  TopLine line;
  line.pieces.push_back({"pages/s " + padded(format_decimal(history_.last_rate()), 5, true) + " "});
  line.pieces.push_back({sparkline(history_.pages_per_second(), columns, unicode), TopStyle::kBar});
  const uint64_t ms = static_cast<uint64_t>(history_.last_latency() * 1000);
  line.pieces.push_back({"  a page " + padded(format_duration_ms(ms), 7, true) + " "});
  line.pieces.push_back({sparkline(history_.seconds_per_page(), columns, unicode), TopStyle::kBar});
  return line;
}

TopLine TopModel::worker_line(const proto::WorkerInfo& worker, size_t width) const {
  TopLine line;
  line.pieces.push_back({padded(std::to_string(worker.slot), 4, true) + "  "});
  line.pieces.push_back({padded(printable(worker.state), 9), style_of(worker.state)});
  std::string work = "-";
  if (worker.page > 0)
    work = "job " + std::to_string(worker.job) + " p. " + std::to_string(worker.page) + ", " +
           format_duration_ms(worker.page_ms);
  const std::string vram = worker.vram_bytes > 0 ? format_bytes(worker.vram_bytes) : "-";
  line.pieces.push_back({padded(printable(worker.device), 8) + padded(work, work_columns(width)) +
                         padded(vram, 9, true) + padded(format_bytes(worker.rss_bytes), 9, true) +
                         padded(std::to_string(worker.restarts), 9, true) +
                         padded(std::to_string(worker.pages_done), 7, true) + "  "});
  // What is wrong has what room there is; the document's name otherwise.
  std::string remark = printable(worker.note);
  if (worker.crash_looping) remark = "dies again and again: " + printable(worker.last_exit);
  const bool bad = !remark.empty();
  if (!bad && worker.job != 0) {
    for (const proto::JobInfo& job : data_.jobs)
      if (job.id == worker.job) remark = printable(job.name);
  }
  const size_t used = width_of(line);
  if (used < width) line.pieces.push_back({remark, bad ? TopStyle::kWarning : TopStyle::kDim});
  return line;
}

void TopModel::add_workers(std::vector<TopLine>& lines, size_t width, size_t most) const {
  lines.push_back(
      {{{"SLOT  STATE    DEVICE  " + padded("WORK", work_columns(width)) + padded("VRAM", 9, true) +
             padded("RSS", 9, true) + padded("RESTARTS", 9, true) + padded("PAGES", 7, true),
         TopStyle::kBold}}});
  size_t shown = std::min(most, data_.workers.size());
  if (shown < data_.workers.size() && shown > 0) --shown;
  for (size_t i = 0; i < shown; ++i) lines.push_back(worker_line(data_.workers[i], width));
  if (shown < data_.workers.size())
    lines.push_back({{{"      and " + std::to_string(data_.workers.size() - shown) + " more",
                       TopStyle::kDim}}});
}

TopLine TopModel::job_line(const proto::JobInfo& job, size_t width) const {
  TopLine line;
  line.pieces.push_back({padded(std::to_string(job.id), 6, true) + "  "});
  line.pieces.push_back({padded(state_text(job.state, job.held), 13), style_of(job)});
  std::string pages = job.pages_total == 0
                          ? "-"
                          : std::to_string(job.pages_done) + "/" + std::to_string(job.pages_total);
  line.pieces.push_back({padded(pages, 9, true) + " "});
  const double share = job.pages_total == 0 ? 0
                                            : static_cast<double>(job.pages_done) /
                                                  static_cast<double>(job.pages_total);
  if (width >= kWideEnoughForBar)
    line.pieces.push_back({progress_bar(share, kBarColumns), TopStyle::kBar});
  const int64_t from = job.started_unix_ms > 0 ? job.started_unix_ms : job.submitted_unix_ms;
  const int64_t to = job.finished_unix_ms > 0 ? job.finished_unix_ms : now_unix_ms_;
  const uint64_t ms = static_cast<uint64_t>(std::max<int64_t>(0, to - from));
  line.pieces.push_back({padded(format_duration_ms(ms), 10, true) + "  "});
  const size_t left = width > width_of(line) ? width - width_of(line) : 0;
  const std::string remark = remark_on(job);
  const size_t for_remark = remark.empty() ? 0 : std::min(display_width(remark) + 2, left / 2);
  line.pieces.push_back({padded(printable(job.name), left - for_remark)});
  if (for_remark > 2)
    line.pieces.push_back({"  " + cut_to_width(remark, for_remark - 2),
                           job.error.empty() ? TopStyle::kDim : TopStyle::kBad});
  return line;
}

TopLine TopModel::counts() const {
  size_t running = 0, waiting = 0, failed = 0, done = 0;
  for (const proto::JobInfo& job : data_.jobs) {
    running += job.state == proto::JobState::kRunning;
    waiting += job.state == proto::JobState::kQueued;
    failed += job.state == proto::JobState::kFailed;
    done += job.state == proto::JobState::kDone;
  }
  return {{{std::to_string(running) + " running, " + std::to_string(waiting) + " waiting, " +
                std::to_string(failed) + " failed, " + std::to_string(done) + " done",
            TopStyle::kDim}}};
}

void TopModel::add_jobs(std::vector<TopLine>& lines, size_t width, size_t height) {
  lines.push_back({{{width >= kWideEnoughForBar
                         ? "   JOB  STATE           PAGES                    TIME  DOCUMENT"
                         : "   JOB  STATE           PAGES       TIME  DOCUMENT",
                     TopStyle::kBold}}});
  jobs_shown_ = height > 1 ? height - 1 : 0;
  const proto::JobInfo* chosen = selected();
  const size_t at = chosen == nullptr ? 0 : static_cast<size_t>(chosen - data_.jobs.data());
  const size_t last_first = data_.jobs.size() > jobs_shown_ ? data_.jobs.size() - jobs_shown_ : 0;
  first_shown_ = std::min(first_shown_, last_first);
  if (at < first_shown_) first_shown_ = at;
  if (jobs_shown_ > 0 && at >= first_shown_ + jobs_shown_) first_shown_ = at - jobs_shown_ + 1;
  const size_t end = std::min(data_.jobs.size(), first_shown_ + jobs_shown_);
  for (size_t i = first_shown_; i < end; ++i) {
    lines.push_back(job_line(data_.jobs[i], width));
    lines.back().selected = i == at;
  }
  if (any_ && data_.jobs.empty() && jobs_shown_ > 0)
    lines.push_back({{{"        no jobs", TopStyle::kDim}}});
}

TopLine TopModel::last_line(size_t width) const {
  if (!message_.empty()) return {{{message_, message_bad_ ? TopStyle::kBad : TopStyle::kWarning}}};
  TopLine line{{{kKeys, TopStyle::kBold}}};
  const size_t used = width_of(line);
  const size_t wanted = display_width(place_) + 2;
  if (used + wanted <= width)
    line.pieces.push_back({std::string(width - used - wanted + 2, ' ') + place_, TopStyle::kDim});
  return line;
}

std::vector<TopLine> TopModel::lines(size_t width, size_t height, bool unicode) {
  std::vector<TopLine> all = {head(), rates(width, unicode)};
  constexpr size_t kAround = 4;  // both lines above, the counts, and the last
  const size_t room = height > kAround ? height - kAround : 0;
  add_workers(all, width, std::max<size_t>(room / 3, 2));
  all.push_back(counts());
  const size_t used = all.size() + 1;
  add_jobs(all, width, height > used ? height - used : 0);
  all.resize(height == 0 ? 0 : height - 1);
  if (height > 0) all.push_back(last_line(width));
  for (TopLine& line : all) fit(line, width, unicode);
  return all;
}

}  // namespace pdf2md::ctl
