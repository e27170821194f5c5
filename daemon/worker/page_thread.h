// A thread with a reader of its own: takes items from the queue, one page at a time, and answers
// them.
//
// A reader that dies, hangs or lies costs one reader: it is replaced and the page tried again, at
// last without the step that failed. A page that cannot be read at all gets a record that says so.
// Work on a job that is cancelled ends at once: a model call that has begun ends by itself, a
// reader is killed.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "daemon/worker/model_executor.h"
#include "daemon/worker/page_pipeline.h"
#include "daemon/worker/reader_client.h"
#include "daemon/worker/script_ocr.h"
#include "daemon/worker/work_queue.h"
#include "proto/channel.h"

namespace pdf2md::worker {

// Sends to the supervisor, from any thread, whole frames at a time.
class Reporter {
 public:
  explicit Reporter(proto::Channel& channel) : channel_(channel) {}
  template <class Body>
  void send(const Body& body) {
    send_frame(proto::encode_frame(body));
  }

 private:
  void send_frame(const std::string& frame);
  std::mutex mutex_;
  proto::Channel& channel_;
};

struct WorkerSettings {
  proto::Configure configure;
  bool on_gpu = false;
};

class PageThread {
 public:
  // index: tells the readers of one worker apart in its log.
  PageThread(const WorkerSettings& settings, int index, WorkQueue& queue, ModelExecutor* models,
             Reporter& reporter);
  // Until the queue is closed and empty. The reader is started here: it is tied to this thread.
  void run();
  // Monotonic milliseconds since when the present page is being worked on; 0: none.
  int64_t page_since_ms() const { return page_since_ms_; }
  // Readers that died, hung or lied.
  uint64_t readers_lost() const { return readers_lost_; }
  // From any thread, after a job was cancelled in the queue.
  void interrupt() {
    reader_.interrupt();
    scripts_.interrupt();
  }

 private:
  void probe(Task& task);
  void convert(Task& task, uint32_t page);
  void assemble(Task& task);
  void fail_task(Task& task, const Error& error);
  void report_page(Task& task, const document::PageRecord& record, int64_t started_ms,
                   const PageUse& use);
  void finish_page(Task& task, const document::PageRecord& record, int64_t started_ms,
                   const PageUse& use);
  // Opens the job's document in the reader where it is not open yet, starting the reader if need
  // be.
  Result<document::DocumentInfo> open(const Task& task, uint32_t page);
  Result<document::DocumentInfo> open_document(const Task& task);
  Result<document::PageRecord> convert_with_retries(const Task& task, uint32_t page, PageUse& use);
  void note_loss(const Task& task, uint32_t page, const char* doing, const Error& error);

  const WorkerSettings& settings_;
  const int index_;
  WorkQueue& queue_;
  ModelExecutor* models_;
  Reporter& reporter_;
  ReaderClient reader_;
  ScriptOcr scripts_;
  uint64_t open_job_ = 0;  // job ids start at 1
  document::DocumentInfo info_;
  std::atomic<int64_t> page_since_ms_ = 0;
  std::atomic<uint64_t> readers_lost_ = 0;
};

}  // namespace pdf2md::worker
