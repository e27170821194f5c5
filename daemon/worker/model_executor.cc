#include "daemon/worker/model_executor.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "daemon/worker/clock.h"

namespace pdf2md::worker {
namespace {

constexpr uint64_t kNobody = std::numeric_limits<uint64_t>::max();

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
ModelExecutor::Results<R> ModelExecutor::ask(Queue<R>& queue, Images images) {
  if (images.empty()) return std::vector<R>();
  std::vector<std::future<Results<R>>> answers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (size_t start = 0; start < images.size(); start += queue.max_images) {
      size_t count = std::min(queue.max_images, images.size() - start);
      Request<R> request{images.subspan(start, count), {}, next_sequence_++};
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

ModelExecutor::Results<std::vector<models::TextBox>> ModelExecutor::detect_text(Images pages) {
  return ask(detect_, pages);
}
ModelExecutor::Results<models::RecognisedText> ModelExecutor::recognise(Images lines) {
  return ask(recognise_, lines);
}
ModelExecutor::Results<bool> ModelExecutor::is_upside_down(Images lines) {
  return ask(upside_down_, lines);
}
ModelExecutor::Results<models::ModelSet::Orientation> ModelExecutor::page_orientation(
    Images pages) {
  return ask(orientation_, pages);
}
ModelExecutor::Results<std::vector<models::LayoutBox>> ModelExecutor::layout(Images pages) {
  return ask(layout_, pages);
}
ModelExecutor::Results<models::TableStructure> ModelExecutor::table_structure(Images tables) {
  return ask(tables_, tables);
}

void ModelExecutor::canary(std::function<void(uint32_t)> done) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    canaries_.push_back(Canary{std::move(done), now_ms()});
  }
  work_.notify_one();
}

// Takes waiting requests of one role up to the call's limit, runs them together, hands the results
// out.
template <class R, class Call>
void ModelExecutor::serve(std::unique_lock<std::mutex>& lock, Queue<R>& queue, Call call) {
  std::vector<Request<R>> taken;
  std::vector<models::ImageView> images;
  while (!queue.waiting.empty()) {
    Request<R>& next = queue.waiting.front();
    if (!taken.empty() && images.size() + next.images.size() > queue.max_images) break;
    images.insert(images.end(), next.images.begin(), next.images.end());
    taken.push_back(std::move(next));
    queue.waiting.pop_front();
  }
  lock.unlock();
  Results<R> all = call(Images(images));
  if (!all &&
      (all.error().code == ErrorCode::kDeviceLost || all.error().code == ErrorCode::kOutOfMemory)) {
    on_fatal_(all.error());
  }
  size_t start = 0;
  for (Request<R>& request : taken) {
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

void ModelExecutor::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    // First come, first served, over all roles.
    uint64_t first =
        std::min({oldest(detect_.waiting), oldest(recognise_.waiting), oldest(upside_down_.waiting),
                  oldest(orientation_.waiting), oldest(layout_.waiting), oldest(tables_.waiting)});
    if (first == kNobody && canaries_.empty()) {
      if (stop_) return;
      work_.wait(lock);
      continue;
    }
    if (!canaries_.empty()) {
      Canary canary = std::move(canaries_.front());
      canaries_.pop_front();
      lock.unlock();
      Status alive = models_->canary();
      if (!alive) on_fatal_(alive.error());
      canary.done(static_cast<uint32_t>(now_ms() - canary.asked_ms));
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
