// The threads that run models, and the queues in front of them: one on a CPU; on a GPU several, each
// with a stream of its own, since one alone cannot queue work as fast as the device does it.
//
// Page threads call the functions below and block; requests of one role that wait at the same time,
// from whatever page or document, are answered by one call of the model set. (That a result does
// not depend on its neighbours is ModelSet's promise.) On a GPU the call only queues the work: the
// page threads themselves wait for the results and make of them what they mean, while the model
// threads go on with the next calls.
//
// A call with few images keeps a GPU busy for longer, by the image, than one with many.
// While the device has something to do, requests of a role therefore wait until they fill a batch,
// but no longer than kPatienceMs; an idle device takes what there is.
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
#include "daemon/worker/peak.h"
#include "models/model_set.h"
#include "proto/result.h"

namespace pdf2md::worker {

// What a page asked models for, as bits.
enum class ModelRole : unsigned {
  kLayout = 1,
  kTables = 2,
  kDetection = 4,
  kRecognition = 8,
  kOrientation = 16,
};

// The page, or whatever else, that a request is for.
struct PageUse {
  // Once true, requests that have not begun are answered kCancelled. Null: never.
  const std::atomic<bool>* abandoned = nullptr;
  // Most device memory of any call that had a request of this page.
  Peak vram_peak_bytes{};
  unsigned models_asked = 0;  // ModelRoles
};

class ModelExecutor {
 public:
  // on_fatal runs on the model thread or a page's when the context is destroyed, the device is lost,
  // or memory cannot be had even for the smallest batch. It must not return, nor touch the device.
  using Fatal = std::function<void(const Error&)>;
  // small_calls: keep each call short (on a CPU), so that a canary never waits long.
  ModelExecutor(std::unique_ptr<models::ModelSet> models, bool small_calls, int threads,
                Fatal on_fatal);
  ~ModelExecutor();
  ModelExecutor(const ModelExecutor&) = delete;
  ModelExecutor& operator=(const ModelExecutor&) = delete;

  // One result per image, in order. The images and `use` must stay valid until the call returns.
  template <class R>
  using Results = Result<std::vector<R>>;
  using Pictures = std::span<const models::Picture>;
  using Lines = std::span<const models::TextLine>;
  Results<std::vector<models::TextBox>> detect_text(Pictures pages, PageUse& use);
  Results<models::RecognisedText> recognise(Lines lines, PageUse& use);
  Results<bool> is_upside_down(Lines lines, PageUse& use);
  Results<models::ModelSet::Orientation> page_orientation(Pictures pages, PageUse& use);
  Results<std::vector<models::LayoutBox>> layout(Pictures pages, PageUse& use);
  Results<models::TableStructure> table_structure(Pictures tables, PageUse& use);

  // Done by the calling thread itself (models/model_set.h).
  Result<models::Picture> on_device(const models::Picture& picture);
  Result<std::vector<models::TextLine>> cut_lines(const models::Picture& picture,
                                                  std::span<const models::Quad> lines);

  // Answers what waits for abandoned pages, now rather than when its turn comes.
  void drop_abandoned();

  struct Proof {
    uint32_t elapsed_ms = 0;  // since the canary was asked for
    models::DeviceMemory memory;
    int batch_rung = 0;
  };
  // Runs the canary on every model thread before any other waiting work, then calls `done` on one of
  // them: it proves that no thread is stuck and that the device answers.
  void canary(std::function<void(const Proof&)> done);

 private:
  // I: what is looked at; R: what is made of it.
  template <class R>
  using Answers = Result<models::PendingList<R>>;
  template <class I, class R>
  struct Request {
    std::span<const I> images;
    PageUse* use = nullptr;
    std::promise<Answers<R>> answer;
    uint64_t sequence = 0;
    int64_t since_ms = 0;
    bool abandoned() const { return use->abandoned != nullptr && *use->abandoned; }
  };
  template <class I, class R>
  struct Queue {
    std::deque<Request<I, R>> waiting;
    size_t max_images = 0;  // of one call
    size_t full = 1;        // so many are worth a call
  };
  struct Canary {
    std::function<void(const Proof&)> done;
    int64_t asked_ms = 0;
    std::atomic<size_t> threads_left = 0;
  };
  struct ModelThread {
    std::deque<std::shared_ptr<Canary>> canaries;
    std::thread thread;
  };

  template <class I, class R>
  Results<R> ask(Queue<I, R>& queue, std::span<const I> images, PageUse& use);
  void end_of_request();
  template <class I, class R>
  static void drop_abandoned(Queue<I, R>& queue);
  template <class I, class R, class Call>
  void serve(std::unique_lock<std::mutex>& lock, Queue<I, R>& queue, Call call);
  template <class I, class R, class Call>
  Answers<R> call_within_memory(std::span<const I> images, size_t max_images, Call call);
  template <class Function>
  auto try_within_memory(Function function);
  bool make_room(const Error& error);
  int batch_rung();
  void warm_up_more();
  void prove(Canary& canary);
  template <class I, class R>
  uint64_t ripe(const Queue<I, R>& queue, int64_t now) const;
  bool anything_waits() const;
  bool serve_next(std::unique_lock<std::mutex>& lock);
  void run(size_t index);

  std::unique_ptr<models::ModelSet> models_;
  Fatal on_fatal_;
  std::mutex ladder_mutex_;
  MemoryLadder ladder_{kMemoryRungs};
  std::mutex mutex_;  // of all below
  std::condition_variable work_;
  bool warm_ = false;  // every usual shape has run; the first thread sees to that
  bool stop_ = false;
  uint64_t next_sequence_ = 0;
  size_t under_way_ = 0;  // requests that were taken and whose results are not there yet
  Queue<models::Picture, std::vector<models::TextBox>> detect_;
  Queue<models::TextLine, models::RecognisedText> recognise_;
  Queue<models::TextLine, bool> upside_down_;
  Queue<models::Picture, models::ModelSet::Orientation> orientation_;
  Queue<models::Picture, std::vector<models::LayoutBox>> layout_;
  Queue<models::Picture, models::TableStructure> tables_;
  std::vector<ModelThread> threads_;
};

}  // namespace pdf2md::worker
