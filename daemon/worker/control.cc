#include "daemon/worker/control.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/worker/clock.h"
#include "daemon/worker/faults.h"
#include "daemon/worker/page_thread.h"
#include "daemon/worker/resident.h"
#include "models/failure.h"
#include "proto/channel.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::worker {
namespace {

// Queueing the work of a network takes a thread of the host about as long as the device needs for it.
constexpr int kModelThreadsOnGpu = 3;

WorkerExit exit_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDeviceFault:
      return WorkerExit::kDeviceFault;
    case ErrorCode::kDeviceLost:
      return WorkerExit::kNoDevice;
    case ErrorCode::kOutOfMemory:
      return WorkerExit::kOutOfMemory;
    case ErrorCode::kBadModel:
      return WorkerExit::kBadModel;
    case ErrorCode::kBadOptions:
      return WorkerExit::kBadConfig;
    case ErrorCode::kBadMessage:
    case ErrorCode::kBadFrame:
      return WorkerExit::kProtocol;
    default:
      return WorkerExit::kInternal;
  }
}

std::string mebibytes(uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

// A fault may also show where it cannot be caught: in a destructor that touches the device.
[[noreturn]] void leave_by_terminate() {
  WorkerExit code = WorkerExit::kInternal;
  if (std::current_exception() != nullptr) {
    Error error = models::classify_current_exception();
    log(LogLevel::kError, "leaving: " + to_string(error));
    code = exit_for(error.code);
  }
  ::_exit(static_cast<int>(code));
}

template <class Message>
std::shared_ptr<Task> to_task(TaskKind kind, const Message& message) {
  std::shared_ptr<Task> task = std::make_shared<Task>();
  task->kind = kind;
  task->id = message.task;
  task->job = message.job;
  task->folder = message.folder;
  task->options = message.options;
  return task;
}

// Everything that lives as long as the worker serves.
class Worker {
 public:
  explicit Worker(Fd control) : channel_(std::move(control)), reporter_(channel_) {}
  WorkerExit run();

 private:
  WorkerExit load();
  WorkerExit loop();
  void note_device(const models::DeviceInfo& device);
  Status try_reader();
  void drain();
  void cancel(uint64_t job);
  bool handle(const proto::Message& message, Status& problem);
  void answer_ping(uint64_t sequence);

  proto::Channel channel_;
  Reporter reporter_;
  WorkerSettings settings_;
  WorkQueue queue_;
  std::unique_ptr<ModelExecutor> models_;
  std::vector<std::unique_ptr<PageThread>> pages_;
  std::vector<std::thread> threads_;
  std::string sandbox_;  // of the readers
  bool draining_ = false;
};

WorkerExit Worker::run() {
  reporter_.send(proto::WorkerHello{build_id(), ::getpid()});
  Result<proto::Message> first = channel_.receive();
  if (!first && first.error().code == ErrorCode::kDisconnected) return WorkerExit::kDrained;
  if (!first || first->type != proto::kConfigure) return WorkerExit::kProtocol;
  Result<proto::Configure> configure = proto::body_of<proto::Configure>(*first);
  if (!configure) return WorkerExit::kProtocol;
  settings_.configure = *configure;
  log_setup(log_format(configure->log_format), "worker[" + std::to_string(configure->slot) + "]",
            log_level(configure->log_level));
  std::set_terminate(leave_by_terminate);
  WorkerExit loaded = load();
  if (loaded != WorkerExit::kDrained) return loaded;
  return loop();
}

void Worker::note_device(const models::DeviceInfo& device) {
  if (!device.note.empty()) log(LogLevel::kWarning, device.note);
  if (device.total_bytes == 0) return;
  const uint64_t held = device.total_bytes - device.free_bytes;
  log(LogLevel::kInfo, device.name + ": " + mebibytes(held) + " of " +
                           mebibytes(device.total_bytes) + " are held" +
                           (device.held_by.empty() ? "" : " by " + device.held_by) +
                           " before this worker takes anything");
}

// One reader is started to see that it can be, and how far it locks itself down here.
Status Worker::try_reader() {
  ReaderClient reader(settings_.configure.reader_program);
  Status started = reader.start();
  if (!started) return started;
  sandbox_ = reader.sandbox();
  LogLevel level = sandbox_.find("seccomp") == sandbox_.npos ? LogLevel::kWarning : LogLevel::kInfo;
  log(level, "readers are confined by: " + sandbox_);
  return Ok{};
}

// kDrained stands for success here.
WorkerExit Worker::load() {
  Result<models::DeviceInfo> device = models::open_device(settings_.configure.device);
  if (!device) {
    log(LogLevel::kError, to_string(device.error()));
    return exit_for(device.error().code);
  }
  note_device(*device);
  Status reads = try_reader();
  if (!reads) {
    log(LogLevel::kError, "the reader cannot be used: " + to_string(reads.error()));
    return exit_for(reads.error().code);
  }
  announce_scripts({settings_.configure.script_reader_program, settings_.configure.ocr_scripts,
                    settings_.configure.limits});
  Result<std::unique_ptr<models::ModelSet>> models = models::ModelSet::load(
      settings_.configure.model_dir, *device, static_cast<int>(settings_.configure.threads));
  if (!models) {
    log(LogLevel::kError, to_string(models.error()));
    return exit_for(models.error().code);
  }
  Status warm = (*models)->warm_up();
  if (!warm) {
    log(LogLevel::kError, "warm-up failed: " + to_string(warm.error()));
    return exit_for(warm.error().code);
  }
  models::LoadTimes times = (*models)->load_times();
  settings_.on_gpu = device->cuda;
  models_ = std::make_unique<ModelExecutor>(with_faults(std::move(*models), *device), !device->cuda,
                                            device->cuda ? kModelThreadsOnGpu : 1,
                                            [](const Error& error) {
                                              log(LogLevel::kError, "leaving: " + to_string(error));
                                              ::_exit(static_cast<int>(exit_for(error.code)));
                                            });
  for (uint32_t i = 0; i < settings_.configure.readers; ++i) {
    pages_.push_back(std::make_unique<PageThread>(settings_, static_cast<int>(i), queue_,
                                                  models_.get(), reporter_));
    threads_.emplace_back([page = pages_.back().get()] { page->run(); });
  }
  proto::Ready ready;
  ready.device = device->id;
  ready.device_name = device->name;
  ready.note = device->note;
  ready.load_ms = times.load_ms;
  ready.upload_ms = times.upload_ms;
  ready.warm_up_ms = times.warm_up_ms;
  ready.vram_total_bytes = device->total_bytes;
  ready.vram_free_bytes = device->free_bytes;
  ready.sandbox = sandbox_;
  reporter_.send(ready);
  return WorkerExit::kDrained;
}

WorkerExit Worker::loop() {
  for (;;) {
    Result<proto::Message> message = channel_.receive();
    if (!message) {
      // The supervisor is gone: nobody wants what is under way.
      if (message.error().code == ErrorCode::kDisconnected) return WorkerExit::kDrained;
      log(LogLevel::kError, "control socket: " + to_string(message.error()));
      return exit_for(message.error().code);
    }
    Status problem = Ok{};
    if (!handle(*message, problem)) {
      log(LogLevel::kError, "control socket: unknown message " + std::to_string(message->type));
      return WorkerExit::kProtocol;
    }
    if (!problem) {
      log(LogLevel::kError, "control socket: " + to_string(problem.error()));
      return WorkerExit::kProtocol;
    }
  }
}

bool Worker::handle(const proto::Message& message, Status& problem) {
  // Decodes the body, or notes what is wrong with it.
  auto with = [&]<class Body>(Body, auto&& use) {
    Result<Body> body = proto::body_of<Body>(message);
    if (body)
      use(*body);
    else
      problem = body.error();
    return true;
  };
  switch (message.type) {
    case proto::kProbe:
      return with(proto::Probe{},
                  [&](proto::Probe& m) { queue_.push(to_task(TaskKind::kProbe, m)); });
    case proto::kConvert:
      return with(proto::Convert{}, [&](proto::Convert& m) {
        std::shared_ptr<Task> task = to_task(TaskKind::kConvert, m);
        task->pages = m.pages;
        task->effort = m.effort;
        queue_.push(task);
      });
    case proto::kAssemble:
      return with(proto::Assemble{}, [&](proto::Assemble& m) {
        std::shared_ptr<Task> task = to_task(TaskKind::kAssemble, m);
        task->pages = m.pages;
        queue_.push(task);
      });
    case proto::kCancelJob:
      return with(proto::CancelJob{}, [&](proto::CancelJob& m) { cancel(m.job); });
    case proto::kPing:
      return with(proto::Ping{}, [&](proto::Ping& m) { answer_ping(m.sequence); });
    case proto::kDrain:
      drain();
      return true;
    default:
      return false;
  }
}

void Worker::cancel(uint64_t job) {
  queue_.cancel(job);
  models_->drop_abandoned();
  for (const std::unique_ptr<PageThread>& page : pages_) page->interrupt();
}

void Worker::answer_ping(uint64_t sequence) {
  models_->canary([this, sequence](const ModelExecutor::Proof& proof) {
    proto::Pong pong;
    pong.sequence = sequence;
    pong.canary_ms = proof.elapsed_ms;
    pong.rss_bytes = resident_bytes();
    pong.vram_bytes = proof.memory.reserved;
    pong.vram_allocated_bytes = proof.memory.allocated;
    pong.vram_peak_bytes = proof.memory.reserved_peak;
    pong.vram_total_bytes = proof.memory.total;
    pong.vram_free_bytes = proof.memory.free;
    pong.batch_rung = static_cast<uint32_t>(proof.batch_rung);
    pong.sandbox = sandbox_;
    int64_t now = now_ms();
    for (const std::unique_ptr<PageThread>& page : pages_) {
      int64_t since = page->page_since_ms();
      if (since != 0)
        pong.oldest_page_ms = std::max(pong.oldest_page_ms, static_cast<uint32_t>(now - since));
      pong.readers_lost += page->readers_lost();
    }
    reporter_.send(pong);
  });
}

// Finishes what is queued, then leaves. The control loop goes on meanwhile: pings and cancels still
// come.
void Worker::drain() {
  if (draining_) return;
  draining_ = true;
  queue_.close();
  std::thread([this] {
    for (std::thread& thread : threads_) thread.join();
    ::_exit(static_cast<int>(WorkerExit::kDrained));
  }).detach();
}

}  // namespace

WorkerExit serve(Fd control) {
  // Never destroyed: the process leaves by _exit while threads of it may still be at work.
  Worker* worker = new Worker(std::move(control));
  return worker->run();
}

}  // namespace pdf2md::worker
