#include "models/aten.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <deque>
#include <tuple>

#include "models/failure.h"
#include "models/manifest.h"
#include "models/model_set.h"
#include "models/roles/layout.h"
#include "models/roles/orientation.h"
#include "models/roles/table_structure.h"
#include "models/roles/text_detection.h"
#include "models/roles/text_lines.h"
#include "models/roles/text_recognition.h"
#include "proto/log.h"

namespace pdf2md::models {

namespace {

using Clock = std::chrono::steady_clock;

// Calls on a GPU at a time: one runs, one waits.
constexpr size_t kMostUnderWay = 2;

c10::Stream stream_of_this_thread(const at::Device& device) {
  const c10::impl::VirtualGuardImpl guard(device.type());
  static thread_local const c10::Stream stream = guard.getStreamFromGlobalPool(device);
  return stream;
}

// Calls whose work is in this thread's stream, the oldest first.
std::deque<std::unique_ptr<const cuda::Fence>>& work_under_way() {
  static thread_local std::deque<std::unique_ptr<const cuda::Fence>> fences;
  return fences;
}

// No more may wait in a stream than keeps it busy: a canary goes behind it. Throws c10::Error.
void bound_work_under_way() {
  while (work_under_way().size() >= kMostUnderWay) {
    const std::unique_ptr<const cuda::Fence> oldest = std::move(work_under_way().front());
    work_under_way().pop_front();
    oldest->wait();
  }
}

constexpr size_t kAllPools = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);

uint32_t ms_since(Clock::time_point start) {
  return static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count());
}

// The tails of GELU are denormal numbers, on which a processor is a hundred times slower: some
// convolutions then took ten times as long as all the rest. Every thread of the pool has a switch
// of its own.
void flush_denormals() {
  at::globalContext().setFlushDenormal(true);
  at::parallel_for(0, at::get_num_threads(), 1,
                   [](int64_t, int64_t) { at::globalContext().setFlushDenormal(true); });
}

class ModelSetImpl : public ModelSet {
 public:
  ModelSetImpl(at::Device device) : device_(device) {}

  Status load_all(const Manifest& manifest);

  Status warm_up() override;
  Result<bool> warm_up_more() override;
  Status canary() override;
  LoadTimes load_times() const override { return times_; }
  Status release_memory() override;
  Result<DeviceMemory> memory() override;
  Result<uint64_t> take_allocation_peak() override;

  Result<Picture> on_device(const Picture& picture) override;
  Result<std::vector<TextLine>> cut_lines(const Picture& picture,
                                          std::span<const Quad> lines) override;

  Result<PendingList<std::vector<TextBox>>> detect_text(std::span<const Picture> pages) override {
    return queued<std::vector<TextBox>>([&] { return detection_->run(pages); });
  }
  Result<PendingList<RecognisedText>> recognise(std::span<const TextLine> lines) override {
    return queued<RecognisedText>([&] { return recognition_->run(lines); });
  }
  Result<PendingList<bool>> is_upside_down(std::span<const TextLine> lines) override {
    return queued<bool>([&] { return line_orientation_->run(lines); });
  }
  Result<PendingList<Orientation>> page_orientation(std::span<const Picture> pages) override {
    return queued<Orientation>([&] { return page_orientation_->run(pages); });
  }
  Result<PendingList<std::vector<LayoutBox>>> layout(std::span<const Picture> pages) override {
    return queued<std::vector<LayoutBox>>([&] { return layout_->run(pages); });
  }
  Result<PendingList<TableStructure>> table_structure(std::span<const Picture> tables) override {
    return queued<TableStructure>([&] { return tables_->run(tables); });
  }

 private:
  Result<std::vector<TextLine>> sample_line(int width);
  template <class Role>
  Status load_role(const Manifest& manifest, const char* name, std::vector<std::string> keep,
                   std::unique_ptr<Role>& role);

  // Library exceptions become errors.
  template <class Function>
  static auto caught(Function function) -> Result<decltype(function())> {
    try {
      const c10::InferenceMode inference;
      return function();
    } catch (...) {
      return classify_current_exception();
    }
  }
  // On this set's device; on a GPU, each thread has a stream of its own.
  template <class Function>
  auto guarded(Function function) {
    return caught([&] {
      if (device_.is_cpu()) {
        flush_denormals();
        return function();
      }
      const c10::DeviceGuard on_device(device_);
      const c10::StreamGuard own(stream_of_this_thread(device_));
      return function();
    });
  }

  // Likewise, for images. On a GPU the work is only queued.
  template <class R, class Function>
  Result<PendingList<R>> queued(Function function) {
    return guarded([&] {
      if (device_.is_cuda()) bound_work_under_way();
      PendingList<R> results;
      for (Deferred<R>& deferred : function()) {
        results.push_back([deferred = std::move(deferred)] { return caught(deferred); });
      }
      if (device_.is_cuda())
        work_under_way().push_back(std::make_unique<const cuda::Fence>(device_));
      return results;
    });
  }

  // For page threads. On the CPU nothing of libtorch may be called by them: each would get threads
  // of its own. On a GPU it is done on return.
  template <class Function>
  auto finished_here(Function function) {
    if (device_.is_cpu()) return caught(function);
    return guarded([&] {
      auto result = function();
      cuda::Fence(device_).wait();
      return result;
    });
  }

  at::Device device_;
  LoadTimes times_;
  size_t warmed_ = 0;  // steps of warm_up_more()
  uint64_t reserved_peak_ = 0;
  std::unique_ptr<TextDetection> detection_;
  std::unique_ptr<TextRecognition> recognition_;
  std::unique_ptr<LineOrientation> line_orientation_;
  std::unique_ptr<PageOrientation> page_orientation_;
  std::unique_ptr<Layout> layout_;
  std::unique_ptr<TableRecognition> tables_;
};

template <class Role>
Status ModelSetImpl::load_role(const Manifest& manifest, const char* name,
                               std::vector<std::string> keep, std::unique_ptr<Role>& role) {
  const Result<const ModelEntry*> found = manifest.find(name);
  if (!found) return found.error();
  const ModelEntry& entry = **found;
  Clock::time_point start = Clock::now();
  const Result<std::string> bytes = read_model_file(manifest, entry);
  if (!bytes) return bytes.error();
  times_.load_ms += ms_since(start);
  start = Clock::now();
  onnx::NetworkOptions options;
  options.device = device_;
  options.dtype = device_.is_cuda() ? at::kHalf : at::kFloat;
  options.outputs = entry.outputs;
  options.keep = std::move(keep);
  options.best_class = std::is_same_v<Role, TextRecognition>;
  Result<std::unique_ptr<onnx::Network>> network = onnx::Network::load(*bytes, options);
  Error error;
  if (network) {
    Result<std::unique_ptr<Role>> made = Role::create(entry, std::move(*network));
    if (made) {
      role = std::move(*made);
      times_.upload_ms += ms_since(start);
      return Ok{};
    }
    error = made.error();
  } else {
    error = network.error();
  }
  error.message = manifest.directory + "/" + entry.file + " (" + entry.role + "): " + error.message;
  return error;
}

Status ModelSetImpl::load_all(const Manifest& manifest) {
  const c10::DeviceGuard on_device(device_);
  Status status = load_role(manifest, "text-detection", {}, detection_);
  if (status) status = load_role(manifest, "text-recognition", {}, recognition_);
  if (status) status = load_role(manifest, "line-orientation", {}, line_orientation_);
  if (status) status = load_role(manifest, "page-orientation", {}, page_orientation_);
  if (status) status = load_role(manifest, "layout", {}, layout_);
  if (status)
    status = load_role(manifest, "table-structure", SlanetDecoder::weight_names(), tables_);
  return status;
}

Result<Picture> ModelSetImpl::on_device(const Picture& picture) {
  if (device_.is_cpu()) return picture;
  return finished_here([&] { return to_device(picture, device_); });
}

Result<std::vector<TextLine>> ModelSetImpl::cut_lines(const Picture& picture,
                                                      std::span<const Quad> lines) {
  return finished_here([&] {
    return models::cut_lines(picture, lines, recognition_->height(),
                             static_cast<int>(recognition_->widths().back()), device_);
  });
}

Status ModelSetImpl::release_memory() {
  if (device_.is_cpu()) return Ok{};
  Result<bool> released = guarded([] { return at::accelerator::emptyCache(), true; });
  if (!released) return released.error();
  return Ok{};
}

Result<DeviceMemory> ModelSetImpl::memory() {
  if (device_.is_cpu()) return DeviceMemory{};
  return guarded([this] {
    DeviceMemory memory;
    std::tie(memory.free, memory.total) = at::accelerator::getMemoryInfo(device_.index());
    const auto stats = at::accelerator::getDeviceStats(device_.index());
    memory.allocated = static_cast<uint64_t>(stats.allocated_bytes[kAllPools].current);
    memory.reserved = static_cast<uint64_t>(stats.reserved_bytes[kAllPools].current);
    reserved_peak_ =
        std::max(reserved_peak_, static_cast<uint64_t>(stats.reserved_bytes[kAllPools].peak));
    memory.reserved_peak = reserved_peak_;
    return memory;
  });
}

Result<uint64_t> ModelSetImpl::take_allocation_peak() {
  if (device_.is_cpu()) return uint64_t{0};
  return guarded([this] {
    const auto stats = at::accelerator::getDeviceStats(device_.index());
    reserved_peak_ =
        std::max(reserved_peak_, static_cast<uint64_t>(stats.reserved_bytes[kAllPools].peak));
    at::accelerator::resetPeakStats(device_.index());
    return static_cast<uint64_t>(stats.allocated_bytes[kAllPools].peak);
  });
}

// A white page with a few dark bars: something for every network to look at.
Image sample_page(int width, int height) {
  Image page;
  page.width = width;
  page.height = height;
  page.channels = 1;
  page.pixels.assign(static_cast<size_t>(width) * height, 255);
  for (int y = height / 8; y < height; y += height / 4) {
    for (int x = width / 8; x < width * 7 / 8; ++x) {
      if (x % 8 < 4) page.pixels[static_cast<size_t>(y) * width + x] = 0;
    }
  }
  return page;
}

// Waits for the results, which say nothing more than that there are some.
template <class R>
Status finished(const Result<PendingList<R>>& pending) {
  if (!pending) return pending.error();
  const Result<std::vector<R>> results = wait_for_all(*pending);
  if (!results) return results.error();
  return Ok{};
}

Result<std::vector<TextLine>> ModelSetImpl::sample_line(int width) {
  const Image image = sample_page(width, recognition_->height());
  const float right = static_cast<float>(width), bottom = static_cast<float>(image.height);
  const Quad whole[] = {{{0, right, right, 0}, {0, 0, bottom, bottom}}};
  return cut_lines(image.view(), whole);
}

Status ModelSetImpl::warm_up() {
  const Clock::time_point start = Clock::now();
  const Image page = sample_page(640, 896);
  const Picture pages[] = {page.view()};
  const Result<std::vector<TextLine>> lines = sample_line(320);
  if (!lines) return lines.error();
  // What the first run of a network costs is the loading of its kernels.
  auto run = [](const char* role, auto function) -> Status {
    const Clock::time_point from = Clock::now();
    const Status result = finished(function());
    log(LogLevel::kDebug, "warmed up", {{"role", role}, {"ms", std::to_string(ms_since(from))}});
    return result;
  };
  Status done = run("text-detection", [&] { return detect_text(pages); });
  if (done) done = run("text-recognition", [&] { return recognise(*lines); });
  if (done) done = run("line-orientation", [&] { return is_upside_down(*lines); });
  if (done) done = run("page-orientation", [&] { return page_orientation(pages); });
  if (done) done = run("layout", [&] { return layout(pages); });
  if (done) done = run("table-structure", [&] { return table_structure(pages); });
  // What this thread leaves in its stream's cache no other thread could use.
  if (done) done = release_memory();
  times_.warm_up_ms = ms_since(start);
  return done;
}

Result<bool> ModelSetImpl::warm_up_more() {
  if (device_.is_cpu()) return false;
  // Every width of a line; pages of A4 and Letter at 200 dpi, upright and on their side.
  static constexpr std::pair<int, int> kPages[] = {
      {1654, 2339}, {1700, 2200}, {2339, 1654}, {2200, 1700}};
  const std::vector<int64_t>& widths = recognition_->widths();
  size_t step = warmed_++;
  const Clock::time_point start = Clock::now();
  Status done = Ok{};
  std::string shape;
  if (step < widths.size()) {
    const Result<std::vector<TextLine>> line = sample_line(static_cast<int>(widths[step]));
    done = line ? finished(recognise(*line)) : Status(line.error());
    shape = "line of " + std::to_string(widths[step]);
  } else if ((step -= widths.size()) < std::size(kPages)) {
    const Image page = sample_page(kPages[step].first, kPages[step].second);
    const Picture pages[] = {page.view()};
    done = finished(detect_text(pages));
    shape = "page of " + std::to_string(page.width) + " x " + std::to_string(page.height);
  } else {
    return false;
  }
  if (!done) return done.error();
  log(LogLevel::kDebug, "warmed up", {{"shape", shape}, {"ms", std::to_string(ms_since(start))}});
  return true;
}

Status ModelSetImpl::canary() {
  const Result<std::vector<TextLine>> line = sample_line(96);
  return line ? finished(is_upside_down(*line)) : Status(line.error());
}

}  // namespace

Result<std::unique_ptr<ModelSet>> ModelSet::load(const std::string& model_dir,
                                                 const DeviceInfo& device, int threads) {
  const Result<Manifest> manifest = read_manifest(model_dir);
  if (!manifest) return manifest.error();
  try {
    if (threads > 0) at::set_num_threads(threads);
    flush_denormals();
    std::unique_ptr<ModelSetImpl> set = std::make_unique<ModelSetImpl>(at::Device(device.id));
    if (const Status status = set->load_all(*manifest); !status) return status.error();
    return std::unique_ptr<ModelSet>(std::move(set));
  } catch (...) {
    Error error = classify_current_exception();
    error.message = "loading the models onto " + device.id + ": " + error.message;
    return error;
  }
}

}  // namespace pdf2md::models
