// What an administrator can do to the running daemon: the requests of proto/admin_messages.h.
#pragma once

#include <functional>
#include <string>

#include "daemon/supervisor/dispatcher.h"
#include "proto/admin_messages.h"

namespace pdf2md::supervisor {

class Operations {
 public:
  using LoadConfig = std::function<Config(ConfigProblems&)>;

  // `asked` is the configuration as it was given; `live` the resolved one that everybody reads, and
  // that reload() writes. `changed` is called after whatever may concern others; `reconfigured`
  // after a reload.
  Operations(Config asked, Config& live, const Machine& machine, LoadConfig load,
             Dispatcher& dispatcher, std::function<void()> changed,
             std::function<void()> reconfigured);

  // Errors: kBadOptions.
  Result<proto::Pool> resize(uint32_t workers);
  proto::Pool pause(bool paused);
  // Errors: kBadOptions: there is no such slot.
  Result<proto::Pool> restart(std::optional<uint32_t> slot);
  // All or nothing; what was done, or why not, is logged as well.
  proto::Reloaded reload();
  proto::DeathList deaths() const { return dispatcher_.pool().deaths().list(); }

 private:
  Config asked_;
  Config& live_;
  Machine machine_;
  LoadConfig load_;
  Dispatcher& dispatcher_;
  std::function<void()> changed_;
  std::function<void()> reconfigured_;
};

// The name of a request that this file answers; null for any other message.
const char* operation_name(const proto::Message& message);
// The answer, as a frame; `who` asked, for the log. Errors: kBadMessage.
Result<std::string> answer_operation(Operations& operations, const proto::Message& message,
                                     bool admin, const std::string& who);

}  // namespace pdf2md::supervisor
