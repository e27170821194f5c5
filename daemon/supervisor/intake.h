// From a received document to an accepted job: what has to be on disk before ACCEPTED is said.
//
// A submitted job is accepted once its document, the folders above it and its record in the journal
// are fsynced, in this order. A job that lives only as long as its client's connection (convert) is
// not journalled and waits for no disk.
#pragma once

#include <functional>

#include "daemon/supervisor/journal.h"
#include "daemon/supervisor/queue.h"
#include "daemon/supervisor/result_cache.h"
#include "daemon/supervisor/spool.h"

namespace pdf2md::supervisor {

class Intake {
 public:
  struct Parts {
    EventLoop& loop;
    Queue& queue;
    Spool& spool;
    Journal& journal;
    ResultCache& cache;
    std::function<Now()> now;
    std::function<void()> changed;  // a job came in
  };
  explicit Intake(Parts parts) : parts_(std::move(parts)) {}

  // The job's id, or why it was not accepted; then nothing is left of it. Called at once for an
  // attached job.
  using Answer = std::function<void(const Result<uint64_t>&)>;
  // `job.id` is reserved in the queue. The answer is given even if the client is gone by then.
  void accept(Job job, Upload upload, Answer answer);
  // Likewise, a document that is in the job's folder already; `job.cache_key` is set.
  void accept_again(Job job, Answer answer);

 private:
  void store(Job job, bool cached, Answer answer);
  bool answer_from_cache(Job& job);
  void admit(Job job, const Answer& answer);
  void refuse(const Job& job, const Error& error, const Answer& answer);

  Parts parts_;
};

}  // namespace pdf2md::supervisor
