#include "daemon/supervisor/client.h"

#include <algorithm>

#include "daemon/supervisor/forecast.h"
#include "daemon/supervisor/operations.h"
#include "proto/job_folder.h"
#include "proto/log.h"
#include "proto/version.h"

namespace pdf2md::supervisor {
namespace {

constexpr int64_t kHelloMs = 10'000;
constexpr int64_t kGoodbyeMs = 5'000;

}  // namespace

proto::Jobs fit_into_frame(std::vector<proto::JobInfo> jobs) {
  constexpr size_t kRoom = proto::kMaxFrameBytes - 4096;
  proto::Jobs fitting;
  size_t used = 0;
  while (!jobs.empty()) {
    proto::JobInfo& job = jobs.back();
    size_t size = proto::pack(job).size();
    if (size > kRoom) {
      job.outputs.clear();
      job.pages_failed.clear();
      job.pages_degraded.clear();
      size = proto::pack(job).size();
    }
    if (used + size > kRoom) break;
    used += size;
    fitting.jobs.push_back(std::move(job));
    jobs.pop_back();
  }
  std::reverse(fitting.jobs.begin(), fitting.jobs.end());
  fitting.omitted = static_cast<uint32_t>(jobs.size());
  return fitting;
}

Client::Client(Service& service, uint64_t number, Fd socket, const Peer& peer, bool admin)
    : service_(service),
      number_(number),
      uid_(peer.uid),
      admin_(admin),
      connection_(service.loop(), std::move(socket), service.config().socket.buffer_bytes, *this),
      patience_(service.loop()) {
  patience_.once(kHelloMs, [this] {
    give_up(Error{ErrorCode::kTimedOut, "no HELLO within 10 s", ""});
  });
}

Client::~Client() {
  *here_ = false;
  if (incoming_) service_.queue().release(incoming_->job);
}

// --- the ends of a conversation

void Client::leave() {
  if (left_) return;
  left_ = true;
  patience_.stop();
  connection_.close();
  if (incoming_) {
    service_.queue().release(incoming_->job);
    incoming_.reset();  // and the file with it
  }
  for (uint64_t id : attached_) {
    Status cancelled = service_.queue().cancel(id, service_.now());
    if (cancelled) {
      log(LogLevel::kInfo, "job cancelled: its client left", {{"job", std::to_string(id)}});
    } else if (service_.queue().find(id) != nullptr) {
      service_.queue().forget_outputs(id);
      service_.spool().remove(id);
    }
  }
  service_.changed();
  service_.drop(*this);
}

void Client::give_up(const Error& error) {
  log(LogLevel::kInfo, "client disconnected: " + to_string(error),
      {{"client", std::to_string(number_)}});
  patience_.stop();
  refuse(error);
  connection_.close_when_sent(kGoodbyeMs);
}

void Client::on_end(const Error& why) {
  if (why.code == ErrorCode::kBadFrame || why.code == ErrorCode::kBadMessage) return give_up(why);
  leave();
}

void Client::close_soon(int64_t timeout_ms) {
  connection_.close_when_sent(timeout_ms);
}

// --- requests

template <class Body, class Handle>
void Client::with(const proto::Message& message, Handle handle) {
  Result<Body> body = proto::body_of<Body>(message);
  if (!body) return give_up(body.error());
  handle(*body);
}

void Client::on_message(const proto::Message& message) {
  if (!greeted_) return greet(message);
  if (message.type == proto::kData) return data(message);
  if (message.type == proto::kDataEnd) return data_end();
  discarding_ = false;
  if (incoming_) {
    return give_up(Error{ErrorCode::kUnexpected,
                         "message " + std::to_string(message.type) + " in the middle of a document",
                         "send DATA and DATA_END first"});
  }
  request(message);
}

void Client::greet(const proto::Message& message) {
  if (message.type != proto::kHello) {
    return give_up(Error{ErrorCode::kUnexpected,
                         "message " + std::to_string(message.type) + " before HELLO", ""});
  }
  with<proto::Hello>(message, [this](const proto::Hello& hello) {
    if (hello.max_version < proto::kOldestProtocolVersion ||
        hello.min_version > proto::kProtocolVersion) {
      return give_up(Error{ErrorCode::kVersionMismatch,
                           "the client speaks protocol versions " +
                               std::to_string(hello.min_version) + " to " +
                               std::to_string(hello.max_version) + ", this daemon " +
                               std::to_string(proto::kOldestProtocolVersion) + " to " +
                               std::to_string(proto::kProtocolVersion),
                           "use a pdf2mdctl and a pdf2mdd of the same release"});
    }
    greeted_ = true;
    patience_.stop();
    log(LogLevel::kDebug, "client",
        {{"client", std::to_string(number_)},
         {"name", hello.client},
         {"uid", std::to_string(uid_)}});
    proto::Welcome welcome;
    welcome.version = std::min(hello.max_version, proto::kProtocolVersion);
    welcome.server = std::string("pdf2mdd ") + kVersion;
    welcome.build_id = build_id();
    welcome.max_document_bytes = service_.config().max_document_bytes;
    connection_.send(welcome);
  });
}

void Client::request(const proto::Message& message) {
  switch (message.type) {
    case proto::kSubmit:
      return with<proto::Submit>(message, [this](const proto::Submit& body) { submit(body); });
    case proto::kWatch:
      return with<proto::Watch>(message, [this](const proto::Watch& body) { watch(body.job); });
    case proto::kFetch:
      return with<proto::Fetch>(message, [this](const proto::Fetch& body) { fetch(body); });
    case proto::kStatus:
      return with<proto::StatusRequest>(message,
                                        [this](const proto::StatusRequest& body) { status(body); });
    case proto::kCancel:
      return with<proto::Cancel>(message, [this](const proto::Cancel& body) { cancel(body.job); });
    case proto::kHold:
      return with<proto::Hold>(message, [this](const proto::Hold& body) { hold(body.job); });
    case proto::kRelease:
      return with<proto::Release>(message,
                                  [this](const proto::Release& body) { unhold(body.job); });
    case proto::kSetPriority:
      return with<proto::SetPriority>(
          message, [this](const proto::SetPriority& body) { set_priority(body); });
    case proto::kSpool:
      return spool();
    case proto::kRetry:
      return with<proto::Retry>(message, [this](const proto::Retry& body) { retry(body); });
    case proto::kRemove:
      return with<proto::Remove>(message, [this](const proto::Remove& body) { remove(body.job); });
    case proto::kExplain:
      return with<proto::Explain>(message, [this](const proto::Explain& body) { explain(body); });
    case proto::kCapabilities:
      return connection_.send(capabilities(service_.config(), admin_));
    case proto::kWorkers:
      return connection_.send(service_.workers());
    case proto::kHealth:
      return connection_.send(service_.health());
    case proto::kMetrics:
      return connection_.send(service_.metrics_text());
    case proto::kHello:
      return give_up(Error{ErrorCode::kUnexpected, "HELLO twice", ""});
    default:
      if (operation_name(message) != nullptr) return operate(message);
      return give_up(Error{ErrorCode::kBadMessage,
                           "message " + std::to_string(message.type) + " is not known", ""});
  }
}

void Client::operate(const proto::Message& message) {
  Result<std::string> answer =
      answer_operation(service_.operations(), message, admin_, "uid " + std::to_string(uid_));
  if (!answer) return give_up(answer.error());
  connection_.send_frame(std::move(*answer));
}

// --- documents coming in

void Client::refuse_upload(const Error& error) {
  if (incoming_) {
    service_.queue().release(incoming_->job);
    incoming_.reset();
  }
  patience_.stop();
  discarding_ = true;
  refuse_job(error);
}

void Client::refuse_job(const Error& error) {
  if (error.code == ErrorCode::kBusy) {
    uint32_t retry_after_ms = service_.queue().retry_after_ms(
        service_.config().queue.retry_after_ms, service_.now().monotonic_ms);
    connection_.send(proto::Busy{retry_after_ms, error.message});
    service_.metrics().on_busy();
  } else {
    refuse(error);
  }
}

void Client::submit(const proto::Submit& submit) {
  Status possible = service_.takes_jobs();
  if (possible) possible = check_options(submit.options);
  if (possible) possible = check_priority(submit.priority);
  if (!possible) return refuse_upload(possible.error());
  uint64_t max_bytes = service_.config().max_document_bytes;
  if (submit.size > max_bytes) {
    return refuse_upload(Error{ErrorCode::kDocumentTooLarge,
                               "the document has " + std::to_string(submit.size) + " bytes, " +
                                   std::to_string(max_bytes) + " are allowed",
                               "raise limits.max_document_mib"});
  }
  std::string full = service_.queue().no_room(uid_, submit.size);
  if (!full.empty()) return refuse_upload(Error{ErrorCode::kBusy, full, ""});
  Status room = service_.room_for(submit.size);
  if (!room) return refuse_upload(room.error());
  uint64_t job = service_.queue().reserve(uid_, submit.size);
  Result<Upload> file = Upload::begin(service_.spool(), job);
  if (!file) {
    service_.queue().release(job);
    return refuse_upload(file.error());
  }
  incoming_.emplace(Incoming{submit, job, std::move(*file)});
  patience_.once(service_.config().socket.upload_idle_ms, [this] {
    give_up(Error{ErrorCode::kTimedOut, "nothing more of the document came", ""});
  });
}

void Client::data(const proto::Message& message) {
  if (discarding_) return;
  if (!incoming_) return give_up(Error{ErrorCode::kUnexpected, "DATA without SUBMIT", ""});
  with<proto::Data>(message, [this](const proto::Data& data) {
    uint64_t size = incoming_->file.size() + data.bytes.data.size();
    uint64_t max_bytes = service_.config().max_document_bytes;
    if (size > max_bytes) {
      return refuse_upload(Error{
          ErrorCode::kDocumentTooLarge,
          "the document has more than the " + std::to_string(max_bytes) + " bytes that are allowed",
          "raise limits.max_document_mib"});
    }
    if (!service_.queue().grow(incoming_->job, size)) {
      return refuse_upload(
          Error{ErrorCode::kBusy, "the queue is full: no room for the rest of the document", ""});
    }
    Status written = incoming_->file.append(data.bytes.data);
    if (!written) return refuse_upload(written.error());
    patience_.once(service_.config().socket.upload_idle_ms, [this] {
      give_up(Error{ErrorCode::kTimedOut, "nothing more of the document came", ""});
    });
  });
}

void Client::data_end() {
  if (discarding_) {
    discarding_ = false;
    return;
  }
  if (!incoming_) return give_up(Error{ErrorCode::kUnexpected, "DATA_END without SUBMIT", ""});
  patience_.stop();
  Incoming& incoming = *incoming_;
  if (incoming.request.size != 0 && incoming.request.size != incoming.file.size()) {
    return give_up(Error{ErrorCode::kBadMessage,
                         "the document has " + std::to_string(incoming.file.size()) +
                             " bytes where " + std::to_string(incoming.request.size) +
                             " were announced",
                         ""});
  }
  Job job;
  job.id = incoming.job;
  job.uid = uid_;
  job.options = std::move(incoming.request.options);
  job.document_bytes = incoming.file.size();
  job.attached = incoming.request.attached;
  job.priority = incoming.request.priority;
  job.held = incoming.request.hold;
  job.max_workers = incoming.request.max_workers;
  job.folder = service_.spool().folder(job.id);
  bool attached = job.attached;
  Upload upload = std::move(incoming.file);
  incoming_.reset();
  connection_.hold(true);  // requests are answered in order
  service_.intake().accept(std::move(job), std::move(upload),
                           [this, here = here_, attached,
                            since_ms = service_.now().monotonic_ms](const Result<uint64_t>& job) {
                             if (*here && !left_) accepted(job, attached, since_ms);
                           });
}

void Client::accepted(const Result<uint64_t>& id, bool attached, int64_t since_ms) {
  connection_.hold(false);
  if (!id) return refuse(id.error());
  const Job* job = service_.queue().find(*id);
  log(LogLevel::kInfo, "job accepted",
      {{"job", std::to_string(*id)},
       {"name", job->options.name},
       {"bytes", std::to_string(job->document_bytes)},
       {"uid", std::to_string(uid_)}});
  connection_.send(proto::Accepted{*id, service_.queue().position(*id)});
  service_.metrics().on_accepted(service_.now().monotonic_ms - since_ms, job->document_bytes);
  if (attached) {
    attached_.insert(*id);
    watched_.insert(*id);
  }
  service_.changed();
}

// --- results going out

void Client::fetch(const proto::Fetch& fetch) {
  const Job* job = visible(fetch.job);
  if (job == nullptr) return;
  if (!job->end_told) {
    return refuse(Error{ErrorCode::kNotFinished,
                        "job " + std::to_string(job->id) + " is not finished",
                        "WATCH tells when it is"});
  }
  if (job->state == proto::JobState::kFailed) return refuse(job->error);
  if (job->state == proto::JobState::kCancelled) {
    return refuse(
        Error{ErrorCode::kCancelled, "job " + std::to_string(job->id) + " was cancelled", ""});
  }
  bool listed =
      std::any_of(job->outputs.begin(), job->outputs.end(),
                  [&](const proto::OutputInfo& output) { return output.name == fetch.output; });
  if (!listed) {
    return refuse(
        Error{ErrorCode::kNoSuchOutput,
              "job " + std::to_string(job->id) + " has no output \"" + fetch.output + "\"",
              "STATUS lists them"});
  }
  Result<ResultStream> stream = ResultStream::open(proto::output_path(job->folder, fetch.output));
  if (!stream) return refuse(stream.error());
  outgoing_ = std::move(*stream);
  connection_.send(proto::ResultHeader{fetch.job, fetch.output, outgoing_->size()});
  connection_.hold(true);  // the next request is answered after this one
  pump();
}

void Client::pump() {
  while (outgoing_ && !connection_.above_high_water() && connection_.open()) {
    if (outgoing_->finished()) {
      outgoing_.reset();
      connection_.send(proto::DataEnd{});
      connection_.hold(false);
      return;
    }
    Result<std::string> piece = outgoing_->next(proto::kDataBytes);
    if (!piece) {
      outgoing_.reset();
      return give_up(piece.error());
    }
    connection_.send(proto::Data{proto::Bytes{std::move(*piece)}});
  }
}

// What a slow client missed: how things stand now.
void Client::catch_up(uint64_t id) {
  const Job* job = service_.queue().find(id);
  if (job != nullptr) connection_.send(state_of(*job));
}

void Client::on_drained() {
  if (left_) return;
  std::set<uint64_t> behind;
  behind.swap(behind_);
  for (uint64_t id : behind) catch_up(id);
  pump();
}

}  // namespace pdf2md::supervisor
