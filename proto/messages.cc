#include "proto/messages.h"

namespace pdf2md::proto {

const char* name(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return "queued";
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

ErrorReply to_reply(const Error& error) {
  return ErrorReply{static_cast<uint16_t>(error.code), pdf2md::name(error.code), error.message,
                    error.hint};
}

Error to_error(const ErrorReply& reply) {
  return Error{static_cast<ErrorCode>(reply.code), reply.message, reply.hint};
}

}  // namespace pdf2md::proto
