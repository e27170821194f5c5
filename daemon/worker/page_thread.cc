#include "daemon/worker/page_thread.h"

#include "daemon/worker/page_route.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/worker/assemble_task.h"
#include "daemon/worker/clock.h"
#include "daemon/worker/faults.h"
#include "daemon/worker/records.h"
#include "daemon/worker/resident.h"
#include "proto/fd.h"
#include "proto/job_folder.h"
#include "proto/log.h"
#include "proto/output_names.h"
#include "proto/page_ranges.h"

namespace pdf2md::worker {
namespace {

using document::PageRecord;
using document::PageStatus;

// A reader that dies on a page this often is taken to die of the page, not of an accident.
constexpr int kMaxReaderDeaths = 3;
// Quarters of a page's time after which Tesseract is waited for no longer: the rest of the page has
// to be done as well.
constexpr int64_t kScriptShare = 3;

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error(path);
  return Ok{};
}

PageRecord failed_record(uint32_t page, const Error& error) {
  PageRecord record;
  record.page = page;
  record.status = PageStatus::kFailed;
  record.text_layer = document::TextLayer::kAbsent;
  record.problem = error.message;
  record.error_code = static_cast<uint16_t>(error.code);
  return record;
}

// Faults of a reader that trying again may cure.
bool is_reader_fault(ErrorCode code) {
  return code == ErrorCode::kWorkerDied || code == ErrorCode::kPageTimedOut ||
         code == ErrorCode::kOutOfMemory || code == ErrorCode::kBadMessage ||
         code == ErrorCode::kBadFrame || code == ErrorCode::kDisconnected;
}

// A page that took all its time once will do so again; a death may have been an accident. Want of
// memory may have been the machine's, and poppler does not always tell it from a broken page: these
// get one more try, by a new reader.
int weight(ErrorCode code) {
  if (code == ErrorCode::kWorkerDied) return 1;
  bool maybe_memory = code == ErrorCode::kOutOfMemory || code == ErrorCode::kPageFailed;
  return maybe_memory ? kMaxReaderDeaths - 1 : kMaxReaderDeaths;
}

}  // namespace

void Reporter::send_frame(const std::string& frame) {
  std::lock_guard<std::mutex> lock(mutex_);
  // A supervisor that is gone is noticed by the control thread, which leaves.
  Status sent = channel_.send_frame(frame);
  (void)sent;
}

PageThread::PageThread(const WorkerSettings& settings, int index, WorkQueue& queue,
                       ModelExecutor* models, Reporter& reporter)
    : settings_(settings),
      index_(index),
      queue_(queue),
      models_(models),
      reporter_(reporter),
      reader_(settings.configure.reader_program),
      scripts_({settings.configure.script_reader_program, settings.configure.ocr_scripts,
                settings.configure.limits}) {}

void PageThread::run() {
  while (std::optional<WorkItem> item = queue_.pop()) {
    Task& task = *item->task;
    if (task.abandoned) continue;
    reader_.watch(&task.abandoned);
    scripts_.watch(&task.abandoned);
    switch (task.kind) {
      case TaskKind::kProbe:
        probe(task);
        break;
      case TaskKind::kConvert:
        convert(task, item->page);
        break;
      case TaskKind::kAssemble:
        assemble(task);
        break;
    }
    reader_.watch(nullptr);
    scripts_.watch(nullptr);
  }
}

// Says how a reader ended, where it did.
void PageThread::note_loss(const Task& task, uint32_t page, const char* doing, const Error& error) {
  if (reader_.running() || task.abandoned) return;
  ++readers_lost_;
  log(LogLevel::kWarning, to_string(error),
      {{"reader", std::to_string(index_)},
       {"pid", std::to_string(reader_.last_pid())},
       {"job", std::to_string(task.job)},
       {"page", page == 0 ? "-" : std::to_string(page)},
       {"while", doing}});
}

void PageThread::fail_task(Task& task, const Error& error) {
  if (task.abandoned.exchange(true)) return;
  queue_.forget(task);
  reporter_.send(
      proto::TaskFailed{task.id, static_cast<uint16_t>(error.code), error.message, error.hint});
}

Result<document::DocumentInfo> PageThread::open_document(const Task& task) {
  if (!reader_.running()) {
    Status started = reader_.start();
    if (!started) return started.error();
  }
  Fd document(::open(proto::document_path(task.folder).c_str(), O_RDONLY | O_CLOEXEC));
  if (!document.valid()) return io_error(proto::document_path(task.folder));
  return reader_.open(document.get(), task.options.passwords, settings_.configure.limits,
                      static_cast<int>(settings_.configure.limits.page_timeout_ms));
}

Result<document::DocumentInfo> PageThread::open(const Task& task, uint32_t page) {
  if (reader_.running() && open_job_ == task.job) return info_;
  open_job_ = 0;
  int deaths = 0;
  for (;;) {
    Result<document::DocumentInfo> info = open_document(task);
    if (info) {
      open_job_ = task.job;
      info_ = *info;
      return info;
    }
    note_loss(task, page, "opening", info.error());
    if (task.abandoned || !is_reader_fault(info.error().code)) return info;
    deaths += weight(info.error().code);
    if (deaths < kMaxReaderDeaths) continue;
    if (info.error().code != ErrorCode::kWorkerDied) return info;
    return Error{ErrorCode::kDamaged, "cannot be opened: " + info.error().message,
                 "the file makes the renderer fail; try to repair it, for example with qpdf"};
  }
}

void PageThread::probe(Task& task) {
  Result<std::vector<proto::PageRange>> ranges = proto::parse_page_ranges(task.options.pages);
  if (!ranges) return fail_task(task, ranges.error());
  Result<document::DocumentInfo> info = open(task, 0);
  if (!info) return fail_task(task, info.error());
  proto::Probed answer;
  answer.task = task.id;
  answer.document_pages = info->pages;
  answer.pages = proto::select_pages(*ranges, info->pages, task.options.max_pages);
  answer.note = info->damage;
  if (answer.pages.empty()) {
    return fail_task(task,
                     Error{ErrorCode::kNoPages,
                           "no page to convert: the document has " + std::to_string(info->pages) +
                               " and " + task.options.pages + " was asked for",
                           ""});
  }
  Status written = write_file_durably(proto::info_path(task.folder), proto::pack(*info));
  for (const char* sub : {"/pages", "/assets", "/output"}) {
    if (written) written = make_folder(task.folder + sub);
  }
  if (!written) return fail_task(task, written.error());
  queue_.forget(task);
  reporter_.send(answer);
}

Result<PageRecord> PageThread::convert_with_retries(const Task& task, uint32_t page, PageUse& use) {
  PageSettings settings{task.options, settings_.configure.limits, settings_.configure.ocr_dpi,
                        settings_.on_gpu};
  SaveAsset save = [&task](const std::string& name, const std::string& png) {
    return write_file_durably(proto::asset_path(task.folder, name), png);
  };
  SavePicture save_picture;
  if (proto::shows_pages(task.options.outputs)) {
    save_picture = [&task, page](const std::string& png) {
      return write_file_durably(proto::page_picture_path(task.folder, page), png);
    };
  }
  PageShortcuts shortcuts;
  if (task.effort == proto::Effort::kTextLayerOnly) {
    shortcuts.skip_models = true;
    shortcuts.skip_raster = true;
    shortcuts.why = "converting this page in full made a worker fail: text layer only";
    shortcuts.code = ErrorCode::kWorkerDied;
  }
  std::optional<PageModels> models;
  if (models_ != nullptr) models.emplace(*models_, use, scripts_);
  int read_deaths = 0, render_deaths = 0;
  for (;;) {
    Result<document::DocumentInfo> info = open(task, page);
    if (!info) return info.error();
    fault_at_page(task.job, page, reader_.pid());
    scripts_.begin_page(task.job, page,
                        now_ms() + kScriptShare * settings.limits.page_timeout_ms / 4);
    PagePipeline pipeline(settings, reader_, models ? &*models : nullptr, save, save_picture);
    Result<PageRecord> record = pipeline.convert(page, shortcuts);
    if (record) return record;
    const Error& error = record.error();
    bool reading = pipeline.stage() == ReaderStage::kReadPage;
    note_loss(task, page, reading ? "reading" : "rendering", error);
    if (task.abandoned) return error;
    bool page_itself =
        error.code == ErrorCode::kPageFailed || error.code == ErrorCode::kPageTooLarge;
    if (!is_reader_fault(error.code) && !page_itself) return error;
    int& deaths = reading ? read_deaths : render_deaths;
    deaths += weight(error.code);
    if (deaths < kMaxReaderDeaths) {
      if (reader_.running()) {
        log(LogLevel::kWarning, "tried again by a new reader: " + to_string(error),
            {{"job", std::to_string(task.job)}, {"page", std::to_string(page)}});
      }
      reader_.kill();
      continue;
    }
    // Go on without the step that fails; where both fail, or there is nothing to fall back on, give
    // up.
    bool& skip = reading ? shortcuts.skip_text_layer : shortcuts.skip_raster;
    if (skip) return error;
    skip = true;
    if (shortcuts.why.empty()) {
      shortcuts.why = (reading ? "the text layer could not be read: " : "could not be rendered: ") +
                      error.message;
      shortcuts.code = error.code;
    }
    if (shortcuts.skip_text_layer && (shortcuts.skip_raster || models_ == nullptr)) return error;
  }
}

void PageThread::convert(Task& task, uint32_t page) {
  int64_t started = now_ms();
  page_since_ms_ = started;
  PageUse use{&task.abandoned};
  reporter_.send(proto::PageStarted{task.id, task.job, page});
  // A worker that died, or a supervisor that did, may have left a page that is done already.
  Result<PageRecord> earlier = load_page(task.folder, page);
  if (earlier) return report_page(task, *earlier, started, use);
  Result<PageRecord> record = [&]() -> Result<PageRecord> {
    if (task.effort != proto::Effort::kPlaceholder) return convert_with_retries(task, page, use);
    return failed_record(
        page, Error{ErrorCode::kWorkerDied, "converting this page made workers fail", ""});
  }();
  page_since_ms_ = 0;
  if (task.abandoned) return;
  if (record) return finish_page(task, *record, started, use);
  if (open_job_ != task.job && !is_reader_fault(record.error().code))
    return fail_task(task, record.error());
  finish_page(task, failed_record(page, record.error()), started, use);
}

void PageThread::finish_page(Task& task, const PageRecord& record, int64_t started_ms,
                             const PageUse& use) {
  Status written =
      write_file_durably(proto::page_record_path(task.folder, record.page), proto::pack(record));
  if (task.abandoned) return;  // cancelled meanwhile: the folder may be gone already
  if (!written) return fail_task(task, written.error());
  log(LogLevel::kDebug, "page record written",
      {{"job", std::to_string(task.job)}, {"page", std::to_string(record.page)}});
  report_page(task, record, started_ms, use);
}

void PageThread::report_page(Task& task, const PageRecord& record, int64_t started_ms,
                             const PageUse& use) {
  page_since_ms_ = 0;
  proto::PageDone done;
  done.task = task.id;
  done.job = task.job;
  done.page = record.page;
  done.status = static_cast<uint8_t>(record.status);
  done.wall_ms = static_cast<uint32_t>(now_ms() - started_ms);
  done.note = record.problem;
  done.vram_peak_bytes = use.vram_peak_bytes.value();
  done.rss_bytes = resident_bytes();
  done.route = route_of(record, use.models_asked);
  task.vram_peak_bytes.raise(done.vram_peak_bytes);
  task.rss_peak_bytes.raise(done.rss_bytes);
  reporter_.send(done);
  if (--task.remaining == 0) {
    queue_.forget(task);
    log(LogLevel::kDebug, "pages done",
        {{"job", std::to_string(task.job)},
         {"pages", std::to_string(task.pages.size())},
         {"vram_peak_bytes", std::to_string(task.vram_peak_bytes.value())},
         {"rss_peak_bytes", std::to_string(task.rss_peak_bytes.value())}});
    reporter_.send(
        proto::TaskDone{task.id, task.vram_peak_bytes.value(), task.rss_peak_bytes.value()});
  }
}

void PageThread::assemble(Task& task) {
  Result<std::vector<proto::OutputInfo>> outputs =
      assemble_outputs(task.folder, task.pages, task.options, task.abandoned);
  if (!outputs) return fail_task(task, outputs.error());
  queue_.forget(task);
  reporter_.send(proto::Assembled{task.id, std::move(*outputs)});
}

}  // namespace pdf2md::worker
