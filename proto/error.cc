#include "proto/result.h"

namespace pdf2md {

std::string to_string(const Error& error) {
  if (error.hint.empty()) return error.message;
  return error.message + " (" + error.hint + ")";
}

const char* name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOk:
      return "ok";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kBadFrame:
      return "bad_frame";
    case ErrorCode::kBadMessage:
      return "bad_message";
    case ErrorCode::kVersionMismatch:
      return "version_mismatch";
    case ErrorCode::kUnexpected:
      return "unexpected";
    case ErrorCode::kDisconnected:
      return "disconnected";
    case ErrorCode::kTimedOut:
      return "timed_out";
    case ErrorCode::kNotADocument:
      return "not_a_document";
    case ErrorCode::kTruncated:
      return "truncated";
    case ErrorCode::kDamaged:
      return "damaged";
    case ErrorCode::kNeedsPassword:
      return "needs_password";
    case ErrorCode::kWrongPassword:
      return "wrong_password";
    case ErrorCode::kUnsupportedSecurity:
      return "unsupported_security";
    case ErrorCode::kNoPages:
      return "no_pages";
    case ErrorCode::kUnsupportedType:
      return "unsupported_type";
    case ErrorCode::kPageFailed:
      return "page_failed";
    case ErrorCode::kTooManyPages:
      return "too_many_pages";
    case ErrorCode::kPageTooLarge:
      return "page_too_large";
    case ErrorCode::kDocumentTooLarge:
      return "document_too_large";
    case ErrorCode::kTooManyObjects:
      return "too_many_objects";
    case ErrorCode::kPageTimedOut:
      return "page_timed_out";
    case ErrorCode::kJobTimedOut:
      return "job_timed_out";
    case ErrorCode::kOutOfMemory:
      return "out_of_memory";
    case ErrorCode::kNoSuchJob:
      return "no_such_job";
    case ErrorCode::kNotYours:
      return "not_yours";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kNotFinished:
      return "not_finished";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kBadOptions:
      return "bad_options";
    case ErrorCode::kNoSuchOutput:
      return "no_such_output";
    case ErrorCode::kNoDaemon:
      return "no_daemon";
    case ErrorCode::kStopping:
      return "stopping";
    case ErrorCode::kNoWorkers:
      return "no_workers";
    case ErrorCode::kBadConfig:
      return "bad_config";
    case ErrorCode::kBadModel:
      return "bad_model";
    case ErrorCode::kDeviceLost:
      return "device_lost";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kWorkerDied:
      return "worker_died";
    case ErrorCode::kDeviceFault:
      return "device_fault";
    case ErrorCode::kNoSpace:
      return "no_space";
  }
  return "unknown";
}

bool is_document_fault(ErrorCode code) {
  int number = static_cast<int>(code);
  return (number >= 200 && number < 400) || code == ErrorCode::kBadOptions;
}

}  // namespace pdf2md
