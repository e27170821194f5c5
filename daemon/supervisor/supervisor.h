// The daemon: composes listener, clients, queue, spool and workers on one event loop.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "daemon/supervisor/client.h"
#include "daemon/supervisor/dispatcher.h"
#include "daemon/supervisor/intake.h"
#include "daemon/supervisor/journal.h"
#include "daemon/supervisor/metrics.h"
#include "daemon/supervisor/operations.h"
#include "daemon/supervisor/reporting.h"

namespace pdf2md::supervisor {

class Supervisor : public Service {
 public:
  // `asked` as it was given; `load` reads it again.
  Supervisor(const Config& asked, const Machine& machine, Operations::LoadConfig load);
  ~Supervisor() override;

  // Takes spool and socket. Errors: kBusy (another daemon holds one), kIo, kBadConfig.
  Status open();
  // Serves until it is told to leave. Writes "ready\n" to `ready_fd` (if ≥ 0) and closes it once
  // clients can connect. Returns whether it left in good order.
  bool run(int ready_fd);

 private:
  EventLoop& loop() override { return loop_; }
  const Config& config() const override { return config_; }
  Queue& queue() override { return queue_; }
  Spool& spool() override { return spool_; }
  Intake& intake() override { return *intake_; }
  Now now() const override;
  Status takes_jobs() const override;
  Status room_for(uint64_t bytes) const override;
  proto::SpoolReport spool_report() const override;
  proto::Explanation explain(uint64_t job, uint32_t page) override {
    return dispatcher_.traces().find(job, page);
  }
  proto::WorkerList workers() const override { return dispatcher_.workers(loop_.now_ms()); }
  proto::HealthReport health() const override;
  Metrics& metrics() override { return metrics_; }
  proto::MetricsText metrics_text() const override;
  Operations& operations() override { return operations_; }
  void once_journalled(std::function<void()> call) override;
  void changed() override;
  void drop(Client& client) override;

  void on_client(Fd socket, Peer peer);
  void on_stop_signal();
  void stop();
  void settle();
  void tell_events();
  void on_job_over(const Job& job);
  void write_journal();
  void tidy_up(uint64_t job, proto::JobState state);
  void measure(uint64_t job);
  void fail_overdue();
  void leave_if_idle();
  void leave_if_stopped();
  ServiceState service_state() const;
  void reconfigured();

  Config config_;  // resolved; Operations changes it
  EventLoop loop_;
  Queue queue_;
  Spool spool_;
  ResultCache cache_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Intake> intake_;
  Dispatcher dispatcher_;
  Operations operations_;
  std::unique_ptr<Listener> listener_;
  std::map<uint64_t, std::unique_ptr<Client>> clients_;
  std::optional<gid_t> admin_group_;
  Metrics metrics_;
  Reporting reporting_;
  Timer deadlines_;
  Timer housekeeping_;
  Timer idle_;
  Timer graceful_;
  int64_t started_ms_;
  uint64_t next_client_ = 1;
  std::vector<std::function<void()>> once_written_;  // the changes on their way to the journal
  std::vector<std::function<void()>> once_tried_;    // the same, or once that has failed
  bool settling_ = false;                            // a settle() is on its way
  bool idle_armed_ = false;
  int64_t stopping_since_ms_ = 0;
  int stop_signals_ = 0;
  bool leaving_ = false;
};

}  // namespace pdf2md::supervisor
