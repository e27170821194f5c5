// Tells those outside how the service is doing, unasked: the service manager (notify.h) and the
// metrics' textfile.
#pragma once

#include <functional>
#include <string>

#include "daemon/supervisor/event_loop.h"
#include "daemon/supervisor/notify.h"

namespace pdf2md::supervisor {

class Reporting {
 public:
  struct Source {
    std::function<ServiceState()> service;
    std::function<std::string()> metrics;  // Prometheus' text
  };
  Reporting(EventLoop& loop, const Config& config, Source source);

  // Begins to report, from a timer: a loop that does not turn feeds no watchdog.
  void start();
  // Something changed: what must not wait for the timer is told at once.
  void tell();
  // Around a reload that the service manager asked for.
  void reload_begins();
  void reload_ends();
  // The textfile's settings may be other ones.
  void reconfigured();

 private:
  void write_textfile();

  EventLoop& loop_;
  const Config& config_;
  Source source_;
  NotifyRequest request_;
  Notifier notifier_;
  Timer turn_;
  Timer textfile_;
  bool writing_ = false;
  std::string last_problem_;  // with the textfile; said once
};

// Replaces the file as a whole; every user may read it. Not synced: after a crash of the machine
// these figures are worth nothing.
Status replace_file(const std::string& path, const std::string& text);

}  // namespace pdf2md::supervisor
