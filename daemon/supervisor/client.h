// One client: its conversation, as proto/messages.h lays it down.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "daemon/supervisor/connection.h"
#include "daemon/supervisor/intake.h"
#include "daemon/supervisor/listener.h"
#include "daemon/supervisor/metrics.h"
#include "daemon/supervisor/queue.h"
#include "daemon/supervisor/result_stream.h"
#include "daemon/supervisor/spool.h"
#include "proto/service_messages.h"
#include "proto/spool_messages.h"

namespace pdf2md::supervisor {

class Client;
class Forecast;
class Operations;

// What clients need of the daemon.
class Service {
 public:
  virtual ~Service() = default;
  virtual EventLoop& loop() = 0;
  virtual const Config& config() const = 0;
  virtual Queue& queue() = 0;
  virtual Spool& spool() = 0;
  virtual Intake& intake() = 0;
  virtual Now now() const = 0;
  // Why no job is taken at present (kStopping, kNoWorkers).
  virtual Status takes_jobs() const = 0;
  // Whether the disk has room for a document of `bytes`.
  virtual Status room_for(uint64_t bytes) const = 0;
  // Without its list of jobs.
  virtual proto::SpoolReport spool_report() const = 0;
  virtual proto::WorkerList workers() const = 0;
  virtual proto::Explanation explain(uint64_t job, uint32_t page) = 0;
  virtual proto::HealthReport health() const = 0;
  virtual Metrics& metrics() = 0;
  virtual proto::MetricsText metrics_text() const = 0;
  virtual Operations& operations() = 0;
  // The queue was changed: events are to be told, tasks to be handed out.
  virtual void changed() = 0;
  // As changed(); `call` follows when the journal knows of the change, or could not be written.
  virtual void once_journalled(std::function<void()> call) = 0;
  // The client is finished with and is to be destroyed, not from within this call.
  virtual void drop(Client& client) = 0;
};

class Client : public ConnectionHandler {
 public:
  Client(Service& service, uint64_t number, Fd socket, const Peer& peer, bool admin);
  ~Client() override;

  uint64_t number() const { return number_; }
  // An event of any job; sent on if this client watches it.
  void tell(const proto::Event& event);
  // Says goodbye after what is still to be sent.
  void close_soon(int64_t timeout_ms);

 private:
  void on_message(const proto::Message& message) override;
  void on_end(const Error& why) override;
  void on_drained() override;
  void on_closed() override { leave(); }

  template <class Body, class Handle>
  void with(const proto::Message& message, Handle handle);
  void greet(const proto::Message& message);
  void request(const proto::Message& message);
  void submit(const proto::Submit& submit);
  void data(const proto::Message& message);
  void data_end();
  // `since_ms`: when its last byte came.
  void accepted(const Result<uint64_t>& job, bool attached, int64_t since_ms);
  void watch(uint64_t job);
  void fetch(const proto::Fetch& fetch);
  void status(const proto::StatusRequest& request);
  template <class Change>
  void change(uint64_t job, const char* what, Change change);
  void operate(const proto::Message& message);
  void cancel(uint64_t job);
  void spool();
  void hold(uint64_t job);
  void unhold(uint64_t job);
  void set_priority(const proto::SetPriority& wish);
  void remove(uint64_t job);
  void retry(const proto::Retry& request);
  void explain(const proto::Explain& request);

  // The job, if it exists and this client may see it; otherwise the error is sent.
  const Job* visible(uint64_t job);
  void refuse(const Error& error) { connection_.send(proto::to_reply(error)); }
  void refuse_upload(const Error& error);
  void refuse_job(const Error& error);  // with BUSY where that is what it says
  // An error after which nothing of this client can be understood any more.
  void give_up(const Error& error);
  void leave();
  void pump();
  void catch_up(uint64_t job);
  // How the job stands, as far as it may be told.
  proto::Event state_of(const Job& job) const;
  proto::JobInfo info_of(const Forecast& forecast, const Job& job) const;

  Service& service_;
  uint64_t number_;
  uid_t uid_;
  bool admin_;
  Connection connection_;
  Timer patience_;  // for HELLO, and for the next piece of a document
  bool greeted_ = false;
  bool left_ = false;

  struct Incoming {
    proto::Submit request;
    uint64_t job = 0;
    Upload file;
  };
  std::optional<Incoming> incoming_;
  bool discarding_ = false;  // the document was refused, and its rest is on the way
  std::optional<ResultStream> outgoing_;
  std::set<uint64_t> watched_;
  std::set<uint64_t> attached_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // false: destroyed
  std::set<uint64_t>
      behind_;  // watched jobs of which an event was left out: the client reads too slowly
};

// JOBS that fits into a frame: the newest ones, without their lists where even one is too large.
proto::Jobs fit_into_frame(std::vector<proto::JobInfo> jobs);

// What a client of these rights can ask for.
proto::CapabilityList capabilities(const Config& config, bool admin);

// What is wrong with the options, beyond types. Errors: kBadOptions.
Status check_options(const proto::JobOptions& options);
Status check_priority(uint32_t priority);

}  // namespace pdf2md::supervisor
