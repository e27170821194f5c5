// Waiting for a job's end, with what happens meanwhile.
#pragma once

#include <functional>
#include <string>

#include "ctl/connection.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {

struct FollowHandlers {
  EventHandler on_event;
  // The daemon's health, asked for while nothing happens.
  std::function<void(const proto::HealthReport&)> on_health;
  // Once, when the daemon has not answered for a minute.
  std::function<void()> on_silence;
};

// Returns when an EVENT says that the job is in a final state. The job must be watched, or attached
// to this connection. curious: health is asked for every second in which nothing happens, else
// rarely. Errors: kCancelled, kDisconnected and other faults of the conversation.
Status follow_job(Connection& connection, uint64_t job, bool curious,
                  const FollowHandlers& handlers);

// Sends CANCEL and waits for its answer. True: the job is cancelled.
bool cancel_and_confirm(Connection& connection, uint64_t job);

bool is_final(proto::JobState state);
// "queued", "running", "held", "running, held", ...
std::string state_text(proto::JobState state, bool held);

// What keeps a job from starting, in a few words: "loading models", "waiting: 3 jobs in the queue".
std::string waiting_note(const proto::HealthReport& health);

const char* page_status_name(uint8_t status);  // of document::PageStatus: "ok", "blank", ...

}  // namespace pdf2md::ctl
