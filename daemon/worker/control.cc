#include "daemon/worker/control.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/worker/clock.h"

#include "daemon/worker/page_thread.h"
#include "proto/channel.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::worker {
namespace {

WorkerExit exit_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDeviceLost:
      return WorkerExit::kDeviceFault;
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

uint64_t resident_bytes() {
  Result<std::string> statm = read_file("/proc/self/statm", 4096);
  unsigned long long size = 0, resident = 0;
  if (!statm || std::sscanf(statm->c_str(), "%llu %llu", &size, &resident) != 2) return 0;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
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
  void drain();
  bool handle(const proto::Message& message, Status& problem);
  void answer_ping(uint64_t sequence);

  proto::Channel channel_;
  Reporter reporter_;
  WorkerSettings settings_;
  WorkQueue queue_;
  std::unique_ptr<ModelExecutor> models_;
  std::vector<std::unique_ptr<PageThread>> pages_;
  std::vector<std::thread> threads_;
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
  WorkerExit loaded = load();
  if (loaded != WorkerExit::kDrained) return loaded;
  return loop();
}

// kDrained stands for success here.
WorkerExit Worker::load() {
  Result<models::DeviceInfo> device = models::open_device(settings_.configure.device);
  if (!device) {
    log(LogLevel::kError, to_string(device.error()));
    return device.error().code == ErrorCode::kDeviceLost ? WorkerExit::kNoDevice
                                                         : WorkerExit::kBadConfig;
  }
  if (!device->note.empty()) log(LogLevel::kWarning, device->note);
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
  models_ =
      std::make_unique<ModelExecutor>(std::move(*models), !device->cuda, [](const Error& error) {
        log(LogLevel::kError, "leaving: " + to_string(error));
        ::_exit(static_cast<int>(exit_for(error.code)));
      });
  for (uint32_t i = 0; i < settings_.configure.readers; ++i) {
    pages_.push_back(std::make_unique<PageThread>(settings_, queue_, models_.get(), reporter_));
    threads_.emplace_back([page = pages_.back().get()] { page->run(); });
  }
  proto::Ready ready;
  ready.device = device->id;
  ready.device_name = device->name;
  ready.note = device->note;
  ready.load_ms = times.load_ms;
  ready.upload_ms = times.upload_ms;
  ready.warm_up_ms = times.warm_up_ms;
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
      return with(proto::CancelJob{}, [&](proto::CancelJob& m) { queue_.cancel(m.job); });
    case proto::kPing:
      return with(proto::Ping{}, [&](proto::Ping& m) { answer_ping(m.sequence); });
    case proto::kDrain:
      drain();
      return true;
    default:
      return false;
  }
}

void Worker::answer_ping(uint64_t sequence) {
  models_->canary([this, sequence](uint32_t elapsed_ms) {
    int64_t oldest = 0, now = now_ms();
    for (const std::unique_ptr<PageThread>& page : pages_) {
      int64_t since = page->page_since_ms();
      if (since != 0) oldest = std::max(oldest, now - since);
    }
    reporter_.send(
        proto::Pong{sequence, elapsed_ms, static_cast<uint32_t>(oldest), resident_bytes()});
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
