// For tests only. PDF2MD_FAULT_DIR names a folder. A file ID.KIND in it, or ID.KIND@PAGE, is one
// fault: the first process that can suffer it takes it by renaming the file to ID.KIND.hit.PID
// (followed by .JOB.PAGE where a page thread took it), and suffers it. Every fault therefore hits
// exactly once, and the folder tells which have.
//
//   at a page       crash          SIGSEGV
//                   hang_page      this page thread never comes back
//                   leak           64 MiB, now and at each later page of this process
//   at its reader   reader_crash   SIGSEGV
//                   reader_hang    SIGSTOP
//                   reader_bloat   its memory limit falls to nothing
//   at a model call device_assert  a real one on CUDA; elsewhere the error that it becomes
//                   oom            the device's memory is gone for 0.3 s; on the CPU five calls
//                                  fail
//                   oom_for_ever   it does not come back
//                   hang_model     the model thread never comes back
#include "daemon/worker/faults.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/worker/clock.h"
#include "models/test_faults.h"

namespace pdf2md::worker {
namespace {

constexpr int kHogMs = 300;
constexpr int kFailedCalls = 5;
constexpr size_t kLeakBytes = size_t{64} << 20;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  if (directory == nullptr) return names;
  while (const struct dirent* entry = ::readdir(directory.get())) names.push_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

// "ID.KIND" or "ID.KIND@PAGE", for one of these kinds and this page; else nothing.
std::optional<std::string> kind_of(const std::string& name, const std::vector<std::string>& kinds,
                                   uint32_t page) {
  const size_t dot = name.find('.');
  if (dot == name.npos || dot == 0) return std::nullopt;
  std::string kind = name.substr(dot + 1);
  if (const size_t at = kind.find('@'); at != kind.npos) {
    if (kind.substr(at + 1) != std::to_string(page)) return std::nullopt;
    kind.resize(at);
  }
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return std::nullopt;
  return kind;
}

// Takes the first fault of these kinds that waits. `where` is added to its new name.
std::optional<std::string> take(const std::vector<std::string>& kinds, uint32_t page,
                                const std::string& where) {
  const char* folder = ::getenv("PDF2MD_FAULT_DIR");
  if (folder == nullptr) return std::nullopt;
  const std::string at = std::string(folder) + "/";
  for (const std::string& name : files_in(folder)) {
    std::optional<std::string> kind = kind_of(name, kinds, page);
    if (!kind) continue;
    const std::string taken = at + name + ".hit." + std::to_string(::getpid()) + where;
    if (::rename((at + name).c_str(), taken.c_str()) == 0) return kind;
  }
  return std::nullopt;
}

[[noreturn]] void hang() {
  for (;;) ::sleep(1000);
}

void leak() {
  // Reachable to the end, so that no tool takes it for a mistake.
  static std::vector<std::vector<char>> lost;
  lost.emplace_back(kLeakBytes, char{1});
}

class FaultyModels : public models::ModelSet {
 public:
  FaultyModels(std::unique_ptr<models::ModelSet> models, const models::DeviceInfo& device)
      : models_(std::move(models)), device_(device) {}

  Status warm_up() override { return models_->warm_up(); }
  Result<bool> warm_up_more() override { return models_->warm_up_more(); }
  Status canary() override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      end_hog();
    }
    return models_->canary();
  }
  models::LoadTimes load_times() const override { return models_->load_times(); }
  Status release_memory() override { return models_->release_memory(); }
  Result<models::DeviceMemory> memory() override { return models_->memory(); }
  Result<uint64_t> take_allocation_peak() override { return models_->take_allocation_peak(); }

  using Pictures = std::span<const models::Picture>;
  using Lines = std::span<const models::TextLine>;
  Result<models::Picture> on_device(const models::Picture& picture) override {
    return models_->on_device(picture);
  }
  Result<std::vector<models::TextLine>> cut_lines(const models::Picture& picture,
                                                  std::span<const models::Quad> lines) override {
    return models_->cut_lines(picture, lines);
  }
  Result<models::PendingList<std::vector<models::TextBox>>> detect_text(Pictures pages) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->detect_text(pages);
  }
  Result<models::PendingList<models::RecognisedText>> recognise(Lines lines) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->recognise(lines);
  }
  Result<models::PendingList<bool>> is_upside_down(Lines lines) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->is_upside_down(lines);
  }
  Result<models::PendingList<Orientation>> page_orientation(Pictures pages) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->page_orientation(pages);
  }
  Result<models::PendingList<std::vector<models::LayoutBox>>> layout(Pictures pages) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->layout(pages);
  }
  Result<models::PendingList<models::TableStructure>> table_structure(Pictures tables) override {
    if (std::optional<Error> fault = suffer()) return *fault;
    return models_->table_structure(tables);
  }

 private:
  void end_hog() {
    if (hog_ != nullptr && now_ms() >= hog_until_ms_) hog_.reset();
  }

  std::optional<Error> suffer() {
    std::lock_guard<std::mutex> lock(mutex_);
    end_hog();
    if (failing_calls_ == 0 && hog_ == nullptr) begin();
    if (failing_calls_ > 0) {
      --failing_calls_;
      return Error{ErrorCode::kOutOfMemory, "a test wants no memory to be left", ""};
    }
    return assertion_;
  }

  void begin() {
    std::optional<std::string> kind =
        take({"device_assert", "oom", "oom_for_ever", "hang_model"}, 0, "");
    if (!kind) return;
    if (*kind == "hang_model") hang();  // with the lock held: every model thread follows
    if (*kind == "device_assert") {
      assertion_ = device_.cuda
                       ? models::trigger_device_assert(device_)
                       : Error{ErrorCode::kDeviceFault, "a test wants the context destroyed", ""};
    } else if (device_.cuda) {
      hog_ = std::make_unique<models::MemoryHog>(device_);
      hog_until_ms_ = *kind == "oom" ? now_ms() + kHogMs : INT64_MAX;
    } else {
      failing_calls_ = *kind == "oom" ? kFailedCalls : INT32_MAX;
    }
  }

  std::unique_ptr<models::ModelSet> models_;
  models::DeviceInfo device_;
  std::mutex mutex_;  // of all below
  std::optional<Error> assertion_;
  std::unique_ptr<models::MemoryHog> hog_;
  int64_t hog_until_ms_ = 0;
  int failing_calls_ = 0;
};

}  // namespace

void fault_at_page(uint64_t job, uint32_t page, pid_t reader) {
  static std::atomic<bool> leaking = false;
  if (leaking) leak();
  std::optional<std::string> kind =
      take({"crash", "hang_page", "leak", "reader_crash", "reader_hang", "reader_bloat"}, page,
           "." + std::to_string(job) + "." + std::to_string(page));
  if (!kind) return;
  if (*kind == "crash") ::raise(SIGSEGV);
  if (*kind == "hang_page") hang();
  if (*kind == "leak") leaking = true, leak();
  if (reader <= 0) return;  // it is gone already; a signal to -1 would reach every process there is
  if (*kind == "reader_crash") ::kill(reader, SIGSEGV);
  if (*kind == "reader_hang") ::kill(reader, SIGSTOP);
  if (*kind == "reader_bloat") {
    struct rlimit nothing {
      4096, RLIM_INFINITY
    };
    ::prlimit(reader, RLIMIT_AS, &nothing, nullptr);
  }
}

std::unique_ptr<models::ModelSet> with_faults(std::unique_ptr<models::ModelSet> models,
                                              const models::DeviceInfo& device) {
  return std::make_unique<FaultyModels>(std::move(models), device);
}

}  // namespace pdf2md::worker
