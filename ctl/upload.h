// SUBMIT and the document's bytes, again and again while the daemon is busy.
#pragma once

#include <string>

#include "ctl/connection.h"
#include "ctl/input.h"

namespace pdf2md::ctl {

struct Submitted {
  Connection connection;
  proto::Accepted accepted;
};

struct UploadRequest {
  std::string socket_path;
  const Document* document = nullptr;
  proto::JobOptions options;
  bool attached = false;
  uint32_t priority = proto::kDefaultPriority;
  bool hold = false;
  uint32_t max_workers = 0;                     // 0: no wish
  uint32_t wait_ms = 0;                         // for a busy daemon; UINT32_MAX: for ever
  std::function<void(uint64_t bytes)> on_sent;  // after each piece: how much is sent
};

// Told before each pause.
using BusyHandler = std::function<void(const proto::Busy& busy, uint32_t pause_ms)>;

// `connection` is used for the first try. Errors: kBusy when the patience is over; what the daemon
// says; kCancelled, kDisconnected; kIo of the document.
Result<Submitted> submit_document(Connection connection, const UploadRequest& request,
                                  const BusyHandler& on_busy);

}  // namespace pdf2md::ctl
