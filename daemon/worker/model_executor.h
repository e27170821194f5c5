// The one thread that runs models, and the queues in front of it.
//
// Page threads call the functions below and block; requests of one role that wait at the same time,
// from whatever page or document, are answered by one call of the model set. (That a result does
// not depend on its neighbours is ModelSet's promise.)
//
// Out of device memory is answered here: the cache is emptied, the batches get smaller, and the
// call is made again. Only when that ends in nothing, and when the device fails, is it fatal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "daemon/worker/memory_ladder.h"
#include "models/model_set.h"
#include "proto/result.h"

namespace pdf2md::worker {

// The page, or whatever else, that a request is for.
struct PageUse {
  // Once true, requests that have not begun are answered kCancelled. Null: never.
  const std::atomic<bool>* abandoned = nullptr;
  // Most device memory of any call that had a request of this page. Written by the model thread
  // before it answers.
  uint64_t vram_peak_bytes = 0;
};

class ModelExecutor {
 public:
  // on_fatal runs on the model thread when the context is destroyed, the device is lost, or memory
  // cannot be had even for the smallest batch. It must not return, nor touch the device.
  using Fatal = std::function<void(const Error&)>;
  // small_calls: keep each call short (on a CPU), so that a canary never waits long.
  ModelExecutor(std::unique_ptr<models::ModelSet> models, bool small_calls, Fatal on_fatal);
  ~ModelExecutor();
  ModelExecutor(const ModelExecutor&) = delete;
  ModelExecutor& operator=(const ModelExecutor&) = delete;

  // One result per image, in order. The images and `use` must stay valid until the call returns.
  template <class R>
  using Results = Result<std::vector<R>>;
  using Images = std::span<const models::ImageView>;
  Results<std::vector<models::TextBox>> detect_text(Images pages, PageUse& use);
  Results<models::RecognisedText> recognise(Images lines, PageUse& use);
  Results<bool> is_upside_down(Images lines, PageUse& use);
  Results<models::ModelSet::Orientation> page_orientation(Images pages, PageUse& use);
  Results<std::vector<models::LayoutBox>> layout(Images pages, PageUse& use);
  Results<models::TableStructure> table_structure(Images tables, PageUse& use);

  // Answers what waits for abandoned pages, now rather than when its turn comes.
  void drop_abandoned();

  struct Proof {
    uint32_t elapsed_ms = 0;  // since the canary was asked for
    models::DeviceMemory memory;
    int batch_rung = 0;
  };
  // Runs the canary before any other waiting work, then calls `done` on the model thread: it proves
  // that the thread is not stuck and that the device answers.
  void canary(std::function<void(const Proof&)> done);

 private:
  template <class R>
  struct Request {
    Images images;
    PageUse* use = nullptr;
    std::promise<Results<R>> answer;
    uint64_t sequence = 0;
    bool abandoned() const { return use->abandoned != nullptr && *use->abandoned; }
  };
  template <class R>
  struct Queue {
    std::deque<Request<R>> waiting;
    size_t max_images = 0;  // of one call
  };
  struct Canary {
    std::function<void(const Proof&)> done;
    int64_t asked_ms = 0;
  };

  template <class R>
  Results<R> ask(Queue<R>& queue, Images images, PageUse& use);
  template <class R>
  static void drop_abandoned(Queue<R>& queue);
  template <class R, class Call>
  void serve(std::unique_lock<std::mutex>& lock, Queue<R>& queue, Call call);
  template <class R, class Call>
  Results<R> call_within_memory(Images images, size_t max_images, Call call);
  bool make_room(const Error& error);
  void warm_up_more();
  void prove(const Canary& canary);
  void run();

  std::unique_ptr<models::ModelSet> models_;
  Fatal on_fatal_;
  MemoryLadder ladder_{kMemoryRungs};  // of the model thread
  bool warm_ = false;                  // likewise: every usual shape has run
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
