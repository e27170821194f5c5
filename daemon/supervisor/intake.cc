#include "daemon/supervisor/intake.h"

#include "proto/log.h"

namespace pdf2md::supervisor {
namespace {

// A job on its way through the background.
struct Storing {
  Job job;
  bool cached = false;
  Status status = Ok{};
};

}  // namespace

void Intake::accept(Job job, Upload upload, Answer answer) {
  job.cache_key = parts_.cache.key(upload.keep(), job.uid, job.options);
  bool cached = answer_from_cache(job);
  if (job.attached) return admit(std::move(job), answer);
  store(std::move(job), cached, std::move(answer));
}

void Intake::accept_again(Job job, Answer answer) {
  bool cached = answer_from_cache(job);
  store(std::move(job), cached, std::move(answer));
}

// On disk first, then in the queue.
void Intake::store(Job job, bool cached, Answer answer) {
  job.submitted_unix_ms = parts_.now().unix_ms;
  auto storing = std::make_shared<Storing>(Storing{std::move(job), cached});
  parts_.loop.in_background(
      [storing] {
        const Job& job = storing->job;
        storing->status = Spool::write_passwords(job.folder, job.options.passwords);
        if (storing->status && storing->cached) storing->status = Spool::sync_outputs(job.folder);
        if (storing->status) storing->status = Spool::sync_document(job.folder);
      },
      [this, storing, answer = std::move(answer)] {
        if (!storing->status) return refuse(storing->job, storing->status.error(), answer);
        JournalBatch batch;
        batch.jobs.push_back(storing->job.record());
        parts_.journal.require(std::move(batch), [this, storing, answer](const Status& written) {
          if (!written) return refuse(storing->job, written.error(), answer);
          if (storing->cached) parts_.spool.keep_outputs_only(storing->job.id);
          admit(std::move(storing->job), answer);
        });
      });
}

void Intake::admit(Job job, const Answer& answer) {
  uint64_t id = job.id;
  parts_.queue.admit(std::move(job), parts_.now());
  answer(id);
  parts_.changed();
}

void Intake::refuse(const Job& job, const Error& error, const Answer& answer) {
  parts_.queue.release(job.id);
  parts_.spool.remove(job.id);
  log(LogLevel::kError, "document not accepted: " + to_string(error));
  answer(error);
}

// Makes the job one that is done already, with the outputs of an earlier one.
bool Intake::answer_from_cache(Job& job) {
  const Job* earlier = parts_.queue.find(parts_.cache.find(job.cache_key));
  if (earlier == nullptr || earlier->outputs.empty()) return false;
  Status linked = Spool::link_outputs(earlier->folder, job.folder);
  if (!linked) {
    log(LogLevel::kWarning, to_string(linked.error()));
    return false;
  }
  job.stage = Stage::kOver;
  job.state = proto::JobState::kDone;
  job.finished_unix_ms = parts_.now().unix_ms;  // else it would be too old to keep after a restart
  job.answered_from = earlier->id;
  job.pages = earlier->pages;
  job.outputs = earlier->outputs;
  return true;
}

}  // namespace pdf2md::supervisor
