// Every error that crosses a process border has a number. Bands of 100; a number is never reused.
#pragma once

#include <cstdint>

namespace pdf2md {

enum class ErrorCode : uint16_t {
  kOk = 0,
  kInternal = 1,  // a bug of ours; the message says where

  // 1xx: the conversation
  kBadFrame = 100,         // not a frame, or larger than the limit
  kBadMessage = 101,       // a frame, but not a message that we know, or a field is wrong
  kVersionMismatch = 102,  // no common protocol version
  kUnexpected = 103,       // a known message at the wrong time
  kDisconnected = 104,     // the other side closed
  kTimedOut = 105,         // no answer in time

  // 2xx: the document
  kNotADocument = 200,         // not a PDF (or another type we read)
  kTruncated = 201,            // ends early; nothing usable
  kDamaged = 202,              // structure broken beyond repair
  kNeedsPassword = 203,        // encrypted, no password given
  kWrongPassword = 204,        // encrypted, none of the given passwords fits
  kUnsupportedSecurity = 205,  // encrypted with a security handler that is not supported
  kNoPages = 206,              // opens, but has no page (in the range asked for)
  kUnsupportedType = 207,      // a document, but of a type that we do not convert
  kPageFailed = 208,           // one page could not be read; its neighbours could

  // 3xx: limits
  kTooManyPages = 300,
  kPageTooLarge = 301,      // in points or in pixels at the resolution asked for
  kDocumentTooLarge = 302,  // in bytes
  kTooManyObjects = 303,    // glyphs, lines or images on a page
  kPageTimedOut = 304,
  kJobTimedOut = 305,
  kOutOfMemory = 306,

  // 4xx: jobs
  kNoSuchJob = 400,
  kNotYours = 401,
  kBusy = 402,  // queue full; a retry hint comes along
  kNotFinished = 403,
  kCancelled = 404,
  kBadOptions = 405,
  kNoSuchOutput = 406,

  // 5xx: the service
  kNoDaemon = 500,
  kStopping = 501,
  kNoWorkers = 502,  // all broken: bad model, no device, crash loop
  kBadConfig = 503,
  kBadModel = 504,    // missing, hash differs, or cannot be run
  kDeviceLost = 505,  // not there, or not any more
  kIo = 506,          // the operating system refused; the message holds errno's words
  kWorkerDied = 507,
  kDeviceFault = 508,  // the CUDA context is destroyed; a new process may use the device
  kNoSpace = 509,      // the disk or the quota is full; later there may be room
};

// A stable lower-case name ("needs_password"), for JSON and logs.
const char* name(ErrorCode code);

// True for faults of the document or the request (2xx, 3xx, kBadOptions): trying again is
// pointless.
bool is_document_fault(ErrorCode code);

}  // namespace pdf2md
