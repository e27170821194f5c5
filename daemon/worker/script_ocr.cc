#include "daemon/worker/script_ocr.h"

#include <algorithm>
#include <cmath>

#include "daemon/worker/clock.h"
#include "document/look_alikes.h"
#include "proto/log.h"

namespace pdf2md::worker {
namespace {

using document::DoubtfulLines;
using document::ForeignScript;
using document::LineReading;
using document::ScriptFinding;
using models::Image;
using models::ImageView;
using models::Quad;
using models::RecognisedText;

// Of a script reader that dies: once may be an accident.
constexpr int kTries = 2;
// Of the sample, before all of it is read in a script: most scripts fail at once.
constexpr size_t kTriedLines = 2;
constexpr int kStartMs = 30'000;

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  for (size_t from = 0; from <= list.size();) {
    const size_t comma = std::min(list.find(',', from), list.size());
    size_t begin = list.find_first_not_of(' ', from), end = comma;
    while (end > from && list[end - 1] == ' ') --end;
    if (begin < end) names.push_back(list.substr(begin, end - begin));
    from = comma + 1;
  }
  return names;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const ForeignScript& script : document::foreign_scripts()) names.emplace_back(script.name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

float length_of(const Quad& quad) {
  const models::CropSize size = models::crop_size(quad);
  return static_cast<float>(size.width) / static_cast<float>(size.height);
}

void replace(RecognisedText& text, const LineReading& reading, const char* script) {
  const size_t count = document::code_points(reading.text).size();
  text.text = reading.text;
  text.confidence = reading.confidence;
  text.script = script;
  text.positions.clear();
  for (size_t i = 0; i < count; ++i)
    text.positions.push_back((static_cast<float>(i) + 0.5f) / static_cast<float>(count));
}

}  // namespace

bool is_wanted_script(const std::string& wanted, std::string_view name) {
  if (wanted == "auto") return true;
  const std::vector<std::string> names = names_in(wanted);
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> unknown_scripts(const std::string& wanted) {
  std::vector<std::string> names = names_in(wanted);
  std::erase_if(names, [](const std::string& name) {
    return name == "auto" || name == "none" || document::foreign_script(name) != nullptr;
  });
  return names;
}

void announce_scripts(const ScriptSettings& settings) {
  constexpr const char* kUnread =
      "pages in scripts other than Latin, Chinese and Japanese cannot be read by OCR: ";
  if (settings.wanted == "none") return;
  for (const std::string& name : unknown_scripts(settings.wanted)) {
    log(LogLevel::kWarning, "ocr_scripts: \"" + name + "\" is no script that is known (known: " +
                                joined(known_names()) + ")");
  }
  ScriptClient client(settings.program, settings.limits);
  Result<proto::ScriptsOpened> opened = client.start(kStartMs);
  if (!opened) return log(LogLevel::kWarning, kUnread + to_string(opened.error()));
  std::erase_if(opened->scripts,
                [&](const std::string& name) { return !is_wanted_script(settings.wanted, name); });
  if (opened->scripts.empty()) {
    return log(LogLevel::kWarning, std::string(kUnread) +
                                       "Tesseract's data for them is not installed (packages "
                                       "tesseract-ocr-osd, tesseract-ocr-script-cyrl and so on)");
  }
  if (!opened->can_tell) {
    log(LogLevel::kWarning,
        "scripts are told apart by trial, which takes long: Tesseract's data for that is not "
        "installed (package tesseract-ocr-osd)");
  }
  log(LogLevel::kInfo, "read by Tesseract: " + joined(opened->scripts) + "; confined by " +
                           client.process().sandbox());
}

// One page's lines while it is read.
struct ScriptOcr::Page {
  const ImageView& picture;
  std::span<const Quad> quads;
  std::vector<RecognisedText>& texts;
  std::vector<LineReading> recognised;
  DoubtfulLines doubtful;

  std::vector<Image> cut(std::span<const size_t> which) const {
    std::vector<Image> crops;
    for (size_t i : which) crops.push_back(models::crop_quad(picture, quads[i]));
    return crops;
  }
};

ScriptOcr::ScriptOcr(ScriptSettings settings)
    : settings_(std::move(settings)), client_(settings_.program, settings_.limits) {}

void ScriptOcr::begin_page(uint64_t job, uint32_t page, int64_t deadline_ms) {
  if (job != job_) client_.process().kill();
  job_ = job;
  page_ = page;
  deadline_ms_ = deadline_ms;
}

int ScriptOcr::time_left_ms() const {
  return static_cast<int>(std::max<int64_t>(1, deadline_ms_ - now_ms()));
}

bool ScriptOcr::can_read(const ForeignScript& script) const {
  return is_wanted_script(settings_.wanted, script.name) &&
         std::find(opened_.scripts.begin(), opened_.scripts.end(), script.name) !=
             opened_.scripts.end();
}

Status ScriptOcr::start() {
  if (client_.process().running()) return Ok{};
  Result<proto::ScriptsOpened> opened = client_.start(time_left_ms());
  if (!opened) return opened.error();
  opened_ = std::move(*opened);
  return Ok{};
}

Result<ScriptFinding> ScriptOcr::read(const ImageView& picture, std::span<const Quad> quads,
                                      std::vector<RecognisedText>& texts) {
  if (settings_.program.empty() || settings_.wanted == "none") return ScriptFinding{};
  Page page{picture, quads, texts, {}, {}};
  for (size_t i = 0; i < quads.size(); ++i)
    page.recognised.push_back({texts[i].text, texts[i].confidence, length_of(quads[i])});
  page.doubtful = document::find_doubtful_lines(page.recognised);
  if (page.doubtful.lines.empty()) return ScriptFinding{};

  for (int attempt = 1;; ++attempt) {
    Result<ScriptFinding> finding = read_page(page);
    if (finding || finding.error().code == ErrorCode::kCancelled) return finding;
    const Error& error = finding.error();
    log(LogLevel::kWarning, to_string(error),
        {{"pid", std::to_string(client_.process().last_pid())},
         {"job", std::to_string(job_)},
         {"page", std::to_string(page_)},
         {"while", "reading lines in another script"}});
    client_.process().kill();
    if (attempt < kTries && error.code != ErrorCode::kPageTimedOut) continue;
    ScriptFinding failed;
    failed.problem = "lines that the recogniser does not know could not be read: " + error.message;
    return failed;
  }
}

// The scripts worth trying, the likeliest first.
Result<std::vector<const ForeignScript*>> ScriptOcr::candidates(const Page& page,
                                                                ScriptFinding& finding) {
  std::vector<const ForeignScript*> scripts;
  if (opened_.can_tell) {
    const std::span<const size_t> all = page.doubtful.lines;
    const std::vector<Image> lines =
        page.cut(all.first(std::min<size_t>(all.size(), proto::kMaxLinesOfRequest)));
    Result<std::string> told = client_.tell_script(lines, time_left_ms());
    if (!told) return told.error();
    const ForeignScript* script = document::foreign_script(*told);
    if (script != nullptr && can_read(*script)) scripts.push_back(script);
    if (script != nullptr && !can_read(*script) && page.doubtful.gaps &&
        is_wanted_script(settings_.wanted, script->name)) {
      finding.problem = std::string("lines in ") + script->name +
                        " script cannot be read: Tesseract's data for it is not there (install " +
                        script->package + ")";
    }
    // Tesseract often errs in this, but a page without gaps is only poorly printed.
    if (!page.doubtful.gaps) return scripts;
  }
  for (const ForeignScript& script : document::foreign_scripts()) {
    const bool there = std::find(scripts.begin(), scripts.end(), &script) != scripts.end();
    if (!there && can_read(script)) scripts.push_back(&script);
  }
  return scripts;
}

// The script that the doubtful lines are written in; null: none that can be read here.
Result<const ForeignScript*> ScriptOcr::prove(const Page& page, ScriptFinding& finding) {
  Result<std::vector<const ForeignScript*>> scripts = candidates(page, finding);
  if (!scripts) return scripts.error();
  const std::vector<size_t>& whole = page.doubtful.sample;
  const std::vector<size_t> part(
      whole.begin(), whole.begin() + static_cast<ptrdiff_t>(std::min(whole.size(), kTriedLines)));
  for (const ForeignScript* script : *scripts) {
    bool proved = true;
    for (const std::vector<size_t>* lines : {&part, &whole}) {
      Result<std::vector<LineReading>> sample = lines_by(*script, page, *lines);
      if (!sample) return sample.error();
      proved = document::proves_script(*script, *sample);
      if (!proved) break;
    }
    if (!proved) continue;
    finding.problem.clear();
    return script;
  }
  return nullptr;
}

Result<std::vector<LineReading>> ScriptOcr::lines_by(const ForeignScript& script, const Page& page,
                                                     const std::vector<size_t>& which) {
  Result<std::vector<proto::LineRead>> read =
      client_.read(script.name, page.cut(which), deadline_ms_);
  if (!read) return read.error();
  std::vector<LineReading> readings;
  for (size_t k = 0; k < which.size(); ++k) {
    const proto::LineRead& line = (*read)[k];
    const float confidence = static_cast<float>(std::min(line.confidence, 100u)) / 100;
    const std::string text =
        document::in_own_letters(script.letters, document::cleaned_reading(line.text));
    readings.push_back({text, confidence, page.recognised[which[k]].length});
  }
  return readings;
}

Result<ScriptFinding> ScriptOcr::read_page(Page& page) {
  Status started = start();
  if (!started) return started.error();
  ScriptFinding finding;
  Result<const ForeignScript*> script = prove(page, finding);
  if (!script) return script.error();
  if (*script == nullptr) return finding;
  // Among the lines of a page in another script, what looks well read may only look alike.
  std::vector<size_t> which = page.doubtful.lines;
  if (page.doubtful.most) {
    which.clear();
    for (size_t i = 0; i < page.quads.size(); ++i) which.push_back(i);
  }
  Result<std::vector<LineReading>> readings = lines_by(**script, page, which);
  if (!readings) return readings.error();
  size_t taken = 0;
  for (size_t k = 0; k < which.size(); ++k) {
    const size_t i = which[k];
    if (!document::is_better_reading(**script, page.recognised[i], (*readings)[k])) continue;
    replace(page.texts[i], (*readings)[k], (*script)->name);
    ++taken;
  }
  finding.reason = std::to_string(taken) + " of " + std::to_string(page.quads.size()) +
                   " lines read by Tesseract: they are in " + (*script)->name +
                   " script, which the recogniser does not know";
  return finding;
}

}  // namespace pdf2md::worker
