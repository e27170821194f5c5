#include "daemon/worker/model_executor.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "daemon/worker/clock.h"
#include "proto/log.h"

namespace pdf2md::worker {
namespace {

constexpr uint64_t kNobody = std::numeric_limits<uint64_t>::max();
const Error kAbandoned{ErrorCode::kCancelled, "the job was cancelled", ""};

bool is_fatal(ErrorCode code) {
  return code == ErrorCode::kDeviceFault || code == ErrorCode::kDeviceLost ||
         code == ErrorCode::kOutOfMemory;
}

// The networks' own batch of pages on a GPU.
constexpr size_t kPagesACall = 8;
// How long a request waits for others beside which it could run.
constexpr int64_t kPatienceMs = 100;

}  // namespace

ModelExecutor::ModelExecutor(std::unique_ptr<models::ModelSet> models, bool small_calls,
                             int threads, Fatal on_fatal)
    : models_(std::move(models)),
      on_fatal_(std::move(on_fatal)),
      threads_(static_cast<size_t>(threads)) {
  detect_.max_images = orientation_.max_images = layout_.max_images = tables_.max_images =
      small_calls ? 1 : kPagesACall;
  recognise_.max_images = upside_down_.max_images = small_calls ? 16 : 512;
  if (!small_calls) {
    detect_.full = orientation_.full = layout_.full = kPagesACall;
    recognise_.full = 192;
    upside_down_.full = 32;
  }
  for (size_t i = 0; i < threads_.size(); ++i)
    threads_[i].thread = std::thread([this, i] { run(i); });
}

ModelExecutor::~ModelExecutor() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (ModelThread& thread : threads_) thread.thread.join();
}

template <class I, class R>
ModelExecutor::Results<R> ModelExecutor::ask(Queue<I, R>& queue, std::span<const I> images,
                                             PageUse& use) {
  if (images.empty()) return std::vector<R>();
  std::vector<std::future<Answers<R>>> answers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (use.abandoned != nullptr && *use.abandoned) return kAbandoned;
    for (size_t start = 0; start < images.size(); start += queue.max_images) {
      size_t count = std::min(queue.max_images, images.size() - start);
      Request<I, R> request{images.subspan(start, count), &use, {}, next_sequence_++, now_ms()};
      answers.push_back(request.answer.get_future());
      queue.waiting.push_back(std::move(request));
    }
  }
  work_.notify_one();
  std::vector<R> all;
  std::optional<Error> problem;
  // Every answer is waited for, also after an error: the requests refer to the caller's images.
  for (std::future<Answers<R>>& answer : answers) {
    Answers<R> queued = answer.get();
    Results<R> part = queued ? models::wait_for_all(*queued) : Results<R>(queued.error());
    if (queued) end_of_request();
    if (part) {
      all.insert(all.end(), std::move_iterator(part->begin()), std::move_iterator(part->end()));
      continue;
    }
    problem = part.error();
    if (queued && is_fatal(part.error().code)) on_fatal_(part.error());
  }
  if (problem) return *problem;
  return all;
}

void ModelExecutor::end_of_request() {
  bool idle = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    idle = --under_way_ == 0;
  }
  if (idle) work_.notify_all();
}

ModelExecutor::Results<std::vector<models::TextBox>> ModelExecutor::detect_text(Pictures pages,
                                                                                PageUse& use) {
  return ask(detect_, pages, use);
}
ModelExecutor::Results<models::RecognisedText> ModelExecutor::recognise(Lines lines, PageUse& use) {
  return ask(recognise_, lines, use);
}
ModelExecutor::Results<bool> ModelExecutor::is_upside_down(Lines lines, PageUse& use) {
  return ask(upside_down_, lines, use);
}
ModelExecutor::Results<models::ModelSet::Orientation> ModelExecutor::page_orientation(
    Pictures pages, PageUse& use) {
  return ask(orientation_, pages, use);
}
ModelExecutor::Results<std::vector<models::LayoutBox>> ModelExecutor::layout(Pictures pages,
                                                                             PageUse& use) {
  return ask(layout_, pages, use);
}
ModelExecutor::Results<models::TableStructure> ModelExecutor::table_structure(Pictures tables,
                                                                              PageUse& use) {
  return ask(tables_, tables, use);
}

// The model thread, too, empties the cache when memory runs out: what it frees may be enough.
template <class Function>
auto ModelExecutor::try_within_memory(Function function) {
  MemoryLadder attempts(kMemoryRungs);
  for (;;) {
    auto result = function();
    if (result || !is_fatal(result.error().code)) return result;
    std::optional<int> pause_ms;
    if (result.error().code == ErrorCode::kOutOfMemory) pause_ms = attempts.out_of_memory();
    if (!pause_ms) on_fatal_(result.error());
    log(LogLevel::kWarning, to_string(result.error()));
    Status released = models_->release_memory();
    if (!released) on_fatal_(released.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(*pause_ms));
  }
}

Result<models::Picture> ModelExecutor::on_device(const models::Picture& picture) {
  return try_within_memory([&] { return models_->on_device(picture); });
}
Result<std::vector<models::TextLine>> ModelExecutor::cut_lines(
    const models::Picture& picture, std::span<const models::Quad> lines) {
  return try_within_memory([&] { return models_->cut_lines(picture, lines); });
}

void ModelExecutor::canary(std::function<void(const Proof&)> done) {
  const std::shared_ptr<Canary> canary = std::make_shared<Canary>();
  canary->done = std::move(done);
  canary->asked_ms = now_ms();
  canary->threads_left = threads_.size();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (ModelThread& thread : threads_) thread.canaries.push_back(canary);
  }
  work_.notify_all();
}

template <class I, class R>
void ModelExecutor::drop_abandoned(Queue<I, R>& queue) {
  std::erase_if(queue.waiting, [](Request<I, R>& request) {
    if (!request.abandoned()) return false;
    request.answer.set_value(kAbandoned);
    return true;
  });
}

void ModelExecutor::drop_abandoned() {
  std::lock_guard<std::mutex> lock(mutex_);
  drop_abandoned(detect_);
  drop_abandoned(recognise_);
  drop_abandoned(upside_down_);
  drop_abandoned(orientation_);
  drop_abandoned(layout_);
  drop_abandoned(tables_);
}

int ModelExecutor::batch_rung() {
  std::lock_guard<std::mutex> lock(ladder_mutex_);
  return ladder_.rung();
}

// Frees memory, and makes the next call smaller where it must be. False: nothing is left to try.
bool ModelExecutor::make_room(const Error& error) {
  std::unique_lock<std::mutex> lock(ladder_mutex_);
  const int before = ladder_.rung();
  const std::optional<int> pause_ms = ladder_.out_of_memory();
  if (!pause_ms) return false;
  log(LogLevel::kWarning, to_string(error),
      {{"batch_rung", std::to_string(ladder_.rung())}, {"was", std::to_string(before)}});
  lock.unlock();
  Status released = models_->release_memory();
  if (!released) on_fatal_(released.error());
  std::this_thread::sleep_for(std::chrono::milliseconds(*pause_ms));
  return true;
}

// Cuts the images as the rung of the ladder asks, and tries again where memory runs out. Results do
// not depend on the rung: the networks' own batches keep their size.
template <class I, class R, class Call>
ModelExecutor::Answers<R> ModelExecutor::call_within_memory(std::span<const I> images,
                                                            size_t max_images, Call call) {
  models::PendingList<R> all;
  while (all.size() < images.size()) {
    const size_t most = std::max<size_t>(1, max_images >> batch_rung());
    Answers<R> part = call(images.subspan(all.size(), std::min(most, images.size() - all.size())));
    if (!part) {
      if (part.error().code == ErrorCode::kOutOfMemory && make_room(part.error())) continue;
      return part;
    }
    {
      std::lock_guard<std::mutex> lock(ladder_mutex_);
      ladder_.succeeded();
    }
    all.insert(all.end(), std::move_iterator(part->begin()), std::move_iterator(part->end()));
  }
  return all;
}

// Takes waiting requests of one role up to the call's limit, runs them together, hands the results
// out.
template <class I, class R, class Call>
void ModelExecutor::serve(std::unique_lock<std::mutex>& lock, Queue<I, R>& queue, Call call) {
  std::vector<Request<I, R>> taken;
  std::vector<I> images;
  drop_abandoned(queue);
  while (!queue.waiting.empty()) {
    Request<I, R>& next = queue.waiting.front();
    if (!taken.empty() && images.size() + next.images.size() > queue.max_images) break;
    images.insert(images.end(), next.images.begin(), next.images.end());
    taken.push_back(std::move(next));
    queue.waiting.pop_front();
  }
  if (taken.empty()) return;
  under_way_ += taken.size();
  lock.unlock();
  Answers<R> all = call_within_memory<I, R>(std::span<const I>(images), queue.max_images, call);
  if (!all && is_fatal(all.error().code)) on_fatal_(all.error());
  Result<uint64_t> peak = models_->take_allocation_peak();
  if (!peak && is_fatal(peak.error().code)) on_fatal_(peak.error());
  size_t start = 0;
  for (Request<I, R>& request : taken) {
    if (peak) request.use->vram_peak_bytes.raise(*peak);
    if (!all) {
      request.answer.set_value(all.error());
      continue;
    }
    const auto from = all->begin() + static_cast<ptrdiff_t>(start);
    start += request.images.size();
    const auto to = all->begin() + static_cast<ptrdiff_t>(start);
    request.answer.set_value(
        models::PendingList<R>(std::move_iterator(from), std::move_iterator(to)));
  }
  lock.lock();
  if (!all) under_way_ -= taken.size();
}

void ModelExecutor::prove(Canary& canary) {
  Status alive = models_->canary();
  while (!alive && alive.error().code == ErrorCode::kOutOfMemory && make_room(alive.error())) {
    alive = models_->canary();
  }
  if (!alive) on_fatal_(alive.error());
  if (--canary.threads_left > 0) return;
  Result<models::DeviceMemory> memory = models_->memory();
  if (!memory && is_fatal(memory.error().code)) on_fatal_(memory.error());
  Proof proof;
  proof.elapsed_ms = static_cast<uint32_t>(now_ms() - canary.asked_ms);
  if (memory) proof.memory = *memory;
  proof.batch_rung = batch_rung();
  canary.done(proof);
}

// What is not warm after this is warmed by the page that needs it.
void ModelExecutor::warm_up_more() {
  Result<bool> more = models_->warm_up_more();
  if (!more && more.error().code != ErrorCode::kOutOfMemory && is_fatal(more.error().code))
    on_fatal_(more.error());
  std::lock_guard<std::mutex> lock(mutex_);
  warm_ = !more || !*more;
}

// The place in the order of the queue's oldest request, once it is worth a call or has waited long
// enough; kNobody before.
template <class I, class R>
uint64_t ModelExecutor::ripe(const Queue<I, R>& queue, int64_t now) const {
  if (queue.waiting.empty()) return kNobody;
  const Request<I, R>& oldest = queue.waiting.front();
  if (under_way_ == 0 || now - oldest.since_ms >= kPatienceMs) return oldest.sequence;
  size_t images = 0;
  for (const Request<I, R>& request : queue.waiting) {
    images += request.images.size();
    if (images >= queue.full) return oldest.sequence;
  }
  return kNobody;
}

bool ModelExecutor::anything_waits() const {
  return !detect_.waiting.empty() || !recognise_.waiting.empty() || !upside_down_.waiting.empty() ||
         !orientation_.waiting.empty() || !layout_.waiting.empty() || !tables_.waiting.empty();
}

// First come, first served, over all roles. False: nothing is ripe.
bool ModelExecutor::serve_next(std::unique_lock<std::mutex>& lock) {
  const int64_t now = now_ms();
  const uint64_t first =
      std::min({ripe(detect_, now), ripe(recognise_, now), ripe(upside_down_, now),
                ripe(orientation_, now), ripe(layout_, now), ripe(tables_, now)});
  if (first == kNobody) return false;
  if (first == ripe(detect_, now)) {
    serve(lock, detect_, [this](Pictures images) { return models_->detect_text(images); });
  } else if (first == ripe(recognise_, now)) {
    serve(lock, recognise_, [this](Lines images) { return models_->recognise(images); });
  } else if (first == ripe(upside_down_, now)) {
    serve(lock, upside_down_, [this](Lines images) { return models_->is_upside_down(images); });
  } else if (first == ripe(orientation_, now)) {
    serve(lock, orientation_,
          [this](Pictures images) { return models_->page_orientation(images); });
  } else if (first == ripe(layout_, now)) {
    serve(lock, layout_, [this](Pictures images) { return models_->layout(images); });
  } else {
    serve(lock, tables_, [this](Pictures images) { return models_->table_structure(images); });
  }
  return true;
}

void ModelExecutor::run(size_t index) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    std::deque<std::shared_ptr<Canary>>& canaries = threads_[index].canaries;
    if (!canaries.empty()) {
      const std::shared_ptr<Canary> canary = std::move(canaries.front());
      canaries.pop_front();
      lock.unlock();
      prove(*canary);
      lock.lock();
    } else if (serve_next(lock)) {
      continue;
    } else if (anything_waits()) {
      work_.wait_for(lock, std::chrono::milliseconds(kPatienceMs / 10));
    } else if (stop_) {
      return;
    } else if (index == 0 && !warm_) {
      lock.unlock();
      warm_up_more();
      lock.lock();
    } else {
      work_.wait(lock);
    }
  }
}

}  // namespace pdf2md::worker
