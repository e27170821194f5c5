// A byte stream from anyone: framing, then every message that a daemon decodes from it.
#include <cstdint>

#include "proto/frame.h"
#include "proto/reader_messages.h"
#include "proto/worker_messages.h"

namespace {

using namespace pdf2md;

// What was decoded survives being encoded and decoded again.
template <class Body>
void round_trip(const proto::Message& message) {
  Result<Body> body = proto::body_of<Body>(message);
  if (!body) return;
  proto::FrameReader reader;
  reader.append(proto::encode_frame(*body));
  Result<std::optional<proto::Message>> again = reader.next();
  if (!again) return;  // larger than a frame may be
  if (!again->has_value() || !proto::body_of<Body>(**again)) __builtin_trap();
}

void decode(const proto::Message& message) {
  switch (message.type) {
    case proto::kHello:
      return round_trip<proto::Hello>(message);
    case proto::kSubmit:
      return round_trip<proto::Submit>(message);
    case proto::kData:
      return round_trip<proto::Data>(message);
    case proto::kFetch:
      return round_trip<proto::Fetch>(message);
    case proto::kStatus:
      return round_trip<proto::StatusRequest>(message);
    case proto::kJobs:
      return round_trip<proto::Jobs>(message);
    case proto::kHealthReport:
      return round_trip<proto::HealthReport>(message);
    case proto::kWorkerHello:
      return round_trip<proto::WorkerHello>(message);
    case proto::kProbed:
      return round_trip<proto::Probed>(message);
    case proto::kPageDone:
      return round_trip<proto::PageDone>(message);
    case proto::kAssembled:
      return round_trip<proto::Assembled>(message);
    case proto::kRaster:
      return round_trip<proto::Raster>(message);
    default:
      return round_trip<proto::ErrorReply>(message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // The first byte says in which pieces the rest arrives.
  size_t piece = data[0] + 1;
  proto::FrameReader reader;
  for (size_t at = 1; at < size; at += piece) {
    reader.append({reinterpret_cast<const char*>(data) + at, std::min(piece, size - at)});
    while (true) {
      Result<std::optional<proto::Message>> message = reader.next();
      if (!message) return 0;
      if (!message->has_value()) break;
      decode(**message);
    }
  }
  return 0;
}
