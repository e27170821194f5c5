// The one thread that runs models, and the queues in front of it.
//
// Page threads call the functions below and block; requests of one role that wait at the same time,
// from whatever page or document, are answered by one call of the model set. (That a result does
// not depend on its neighbours is ModelSet's promise.)
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "models/model_set.h"
#include "proto/result.h"

namespace pdf2md::worker {

class ModelExecutor {
 public:
  // on_fatal runs on the model thread when the device is lost or memory cannot be had even for the
  // smallest batch; it must not return.
  using Fatal = std::function<void(const Error&)>;
  // small_calls: keep each call short (on a CPU), so that a canary never waits long.
  ModelExecutor(std::unique_ptr<models::ModelSet> models, bool small_calls, Fatal on_fatal);
  ~ModelExecutor();
  ModelExecutor(const ModelExecutor&) = delete;
  ModelExecutor& operator=(const ModelExecutor&) = delete;

  // One result per image, in order. The images must stay valid until the call returns.
  template <class R>
  using Results = Result<std::vector<R>>;
  using Images = std::span<const models::ImageView>;
  Results<std::vector<models::TextBox>> detect_text(Images pages);
  Results<models::RecognisedText> recognise(Images lines);
  Results<bool> is_upside_down(Images lines);
  Results<models::ModelSet::Orientation> page_orientation(Images pages);
  Results<std::vector<models::LayoutBox>> layout(Images pages);
  Results<models::TableStructure> table_structure(Images tables);

  // Runs the canary before any other waiting work, then calls `done` on the model thread with the
  // time since this call: it proves that the thread is not stuck and that the device answers.
  void canary(std::function<void(uint32_t elapsed_ms)> done);

 private:
  template <class R>
  struct Request {
    Images images;
    std::promise<Results<R>> answer;
    uint64_t sequence = 0;
  };
  template <class R>
  struct Queue {
    std::deque<Request<R>> waiting;
    size_t max_images = 0;  // of one call
  };
  struct Canary {
    std::function<void(uint32_t)> done;
    int64_t asked_ms = 0;
  };

  template <class R>
  Results<R> ask(Queue<R>& queue, Images images);
  template <class R, class Call>
  void serve(std::unique_lock<std::mutex>& lock, Queue<R>& queue, Call call);
  void run();

  std::unique_ptr<models::ModelSet> models_;
  Fatal on_fatal_;
  std::mutex mutex_;
  std::condition_variable work_;
  bool stop_ = false;
  uint64_t next_sequence_ = 0;
  Queue<std::vector<models::TextBox>> detect_;
  Queue<models::RecognisedText> recognise_;
  Queue<bool> upside_down_;
  Queue<models::ModelSet::Orientation> orientation_;
  Queue<std::vector<models::LayoutBox>> layout_;
  Queue<models::TableStructure> tables_;
  std::deque<Canary> canaries_;
  std::thread thread_;
};

}  // namespace pdf2md::worker
