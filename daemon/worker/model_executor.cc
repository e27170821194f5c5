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

template <class Waiting>
uint64_t oldest(const Waiting& waiting) {
  return waiting.empty() ? kNobody : waiting.front().sequence;
}

}  // namespace

ModelExecutor::ModelExecutor(std::unique_ptr<models::ModelSet> models, bool small_calls,
                             Fatal on_fatal)
    : models_(std::move(models)), on_fatal_(std::move(on_fatal)) {
  detect_.max_images = orientation_.max_images = layout_.max_images = tables_.max_images =
      small_calls ? 1 : 32;
  recognise_.max_images = upside_down_.max_images = small_calls ? 16 : 2048;
  thread_ = std::thread([this] { run(); });
}

ModelExecutor::~ModelExecutor() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  thread_.join();
}

template <class R>
ModelExecutor::Results<R> ModelExecutor::ask(Queue<R>& queue, Images images, PageUse& use) {
  if (images.empty()) return std::vector<R>();
  std::vector<std::future<Results<R>>> answers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (use.abandoned != nullptr && *use.abandoned) return kAbandoned;
    for (size_t start = 0; start < images.size(); start += queue.max_images) {
      size_t count = std::min(queue.max_images, images.size() - start);
      Request<R> request{images.subspan(start, count), &use, {}, next_sequence_++};
      answers.push_back(request.answer.get_future());
      queue.waiting.push_back(std::move(request));
    }
  }
  work_.notify_one();
  std::vector<R> all;
  std::optional<Error> problem;
  // Every answer is waited for, also after an error: the requests refer to the caller's images.
  for (std::future<Results<R>>& answer : answers) {
    Results<R> part = answer.get();
    if (!part)
      problem = part.error();
    else
      all.insert(all.end(), part->begin(), part->end());
  }
  if (problem) return *problem;
  return all;
}

ModelExecutor::Results<std::vector<models::TextBox>> ModelExecutor::detect_text(Images pages,
                                                                                PageUse& use) {
  return ask(detect_, pages, use);
}
ModelExecutor::Results<models::RecognisedText> ModelExecutor::recognise(Images lines,
                                                                        PageUse& use) {
  return ask(recognise_, lines, use);
}
ModelExecutor::Results<bool> ModelExecutor::is_upside_down(Images lines, PageUse& use) {
  return ask(upside_down_, lines, use);
}
ModelExecutor::Results<models::ModelSet::Orientation> ModelExecutor::page_orientation(
    Images pages, PageUse& use) {
  return ask(orientation_, pages, use);
}
ModelExecutor::Results<std::vector<models::LayoutBox>> ModelExecutor::layout(Images pages,
                                                                             PageUse& use) {
  return ask(layout_, pages, use);
}
ModelExecutor::Results<models::TableStructure> ModelExecutor::table_structure(Images tables,
                                                                              PageUse& use) {
  return ask(tables_, tables, use);
}

void ModelExecutor::canary(std::function<void(const Proof&)> done) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    canaries_.push_back(Canary{std::move(done), now_ms()});
  }
  work_.notify_one();
}

template <class R>
void ModelExecutor::drop_abandoned(Queue<R>& queue) {
  std::erase_if(queue.waiting, [](Request<R>& request) {
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

// Frees memory, and makes the next call smaller where it must be. False: nothing is left to try.
bool ModelExecutor::make_room(const Error& error) {
  const int before = ladder_.rung();
  const std::optional<int> pause_ms = ladder_.out_of_memory();
  if (!pause_ms) return false;
  log(LogLevel::kWarning, to_string(error),
      {{"batch_rung", std::to_string(ladder_.rung())}, {"was", std::to_string(before)}});
  Status released = models_->release_memory();
  if (!released) on_fatal_(released.error());
  std::this_thread::sleep_for(std::chrono::milliseconds(*pause_ms));
  return true;
}

// Cuts the images as the rung of the ladder asks, and tries again where memory runs out. Results do
// not depend on the rung: the networks' own batches keep their size.
template <class R, class Call>
ModelExecutor::Results<R> ModelExecutor::call_within_memory(Images images, size_t max_images,
                                                            Call call) {
  std::vector<R> all;
  while (all.size() < images.size()) {
    const size_t most = std::max<size_t>(1, max_images >> ladder_.rung());
    Results<R> part = call(images.subspan(all.size(), std::min(most, images.size() - all.size())));
    if (!part) {
      if (part.error().code == ErrorCode::kOutOfMemory && make_room(part.error())) continue;
      return part;
    }
    ladder_.succeeded();
    all.insert(all.end(), std::move_iterator(part->begin()), std::move_iterator(part->end()));
  }
  return all;
}

// Takes waiting requests of one role up to the call's limit, runs them together, hands the results
// out.
template <class R, class Call>
void ModelExecutor::serve(std::unique_lock<std::mutex>& lock, Queue<R>& queue, Call call) {
  std::vector<Request<R>> taken;
  std::vector<models::ImageView> images;
  drop_abandoned(queue);
  while (!queue.waiting.empty()) {
    Request<R>& next = queue.waiting.front();
    if (!taken.empty() && images.size() + next.images.size() > queue.max_images) break;
    images.insert(images.end(), next.images.begin(), next.images.end());
    taken.push_back(std::move(next));
    queue.waiting.pop_front();
  }
  if (taken.empty()) return;
  lock.unlock();
  Results<R> all = call_within_memory<R>(Images(images), queue.max_images, call);
  if (!all && is_fatal(all.error().code)) on_fatal_(all.error());
  Result<uint64_t> peak = models_->take_allocation_peak();
  if (!peak && is_fatal(peak.error().code)) on_fatal_(peak.error());
  size_t start = 0;
  for (Request<R>& request : taken) {
    if (peak) request.use->vram_peak_bytes = std::max(request.use->vram_peak_bytes, *peak);
    if (!all) {
      request.answer.set_value(all.error());
      continue;
    }
    typename std::vector<R>::iterator from = all->begin() + static_cast<ptrdiff_t>(start);
    start += request.images.size();
    typename std::vector<R>::iterator to = all->begin() + static_cast<ptrdiff_t>(start);
    request.answer.set_value(std::vector<R>(std::move_iterator(from), std::move_iterator(to)));
  }
  lock.lock();
}

void ModelExecutor::prove(const Canary& canary) {
  Status alive = models_->canary();
  while (!alive && alive.error().code == ErrorCode::kOutOfMemory && make_room(alive.error())) {
    alive = models_->canary();
  }
  if (!alive) on_fatal_(alive.error());
  Result<models::DeviceMemory> memory = models_->memory();
  if (!memory && is_fatal(memory.error().code)) on_fatal_(memory.error());
  Proof proof;
  proof.elapsed_ms = static_cast<uint32_t>(now_ms() - canary.asked_ms);
  if (memory) proof.memory = *memory;
  proof.batch_rung = ladder_.rung();
  canary.done(proof);
}

// What is not warm after this is warmed by the page that needs it.
void ModelExecutor::warm_up_more() {
  Result<bool> more = models_->warm_up_more();
  if (!more && more.error().code != ErrorCode::kOutOfMemory && is_fatal(more.error().code))
    on_fatal_(more.error());
  warm_ = !more || !*more;
}

void ModelExecutor::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    // First come, first served, over all roles.
    uint64_t first =
        std::min({oldest(detect_.waiting), oldest(recognise_.waiting), oldest(upside_down_.waiting),
                  oldest(orientation_.waiting), oldest(layout_.waiting), oldest(tables_.waiting)});
    if (first == kNobody && canaries_.empty()) {
      if (stop_) return;
      if (warm_) {
        work_.wait(lock);
        continue;
      }
      lock.unlock();
      warm_up_more();
      lock.lock();
      continue;
    }
    if (!canaries_.empty()) {
      Canary canary = std::move(canaries_.front());
      canaries_.pop_front();
      lock.unlock();
      prove(canary);
      lock.lock();
    } else if (first == oldest(detect_.waiting)) {
      serve(lock, detect_, [this](Images images) { return models_->detect_text(images); });
    } else if (first == oldest(recognise_.waiting)) {
      serve(lock, recognise_, [this](Images images) { return models_->recognise(images); });
    } else if (first == oldest(upside_down_.waiting)) {
      serve(lock, upside_down_, [this](Images images) { return models_->is_upside_down(images); });
    } else if (first == oldest(orientation_.waiting)) {
      serve(lock, orientation_,
            [this](Images images) { return models_->page_orientation(images); });
    } else if (first == oldest(layout_.waiting)) {
      serve(lock, layout_, [this](Images images) { return models_->layout(images); });
    } else {
      serve(lock, tables_, [this](Images images) { return models_->table_structure(images); });
    }
  }
}

}  // namespace pdf2md::worker
