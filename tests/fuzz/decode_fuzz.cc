// The decoder and the bodies of all messages, on arbitrary bytes: what a client, a worker or a
// reader could send, and what the journal could hold. Nothing may crash, and memory stays bounded.
#include <cstddef>
#include <cstdint>

#include "daemon/supervisor/job_record.h"
#include "proto/admin_messages.h"
#include "proto/reader_messages.h"
#include "proto/service_messages.h"
#include "proto/spool_messages.h"
#include "proto/worker_messages.h"

namespace {

using namespace pdf2md::proto;

template <class... Bodies>
void decode_as(const Message& message) {
  // What is accepted must survive a round trip.
  auto one = [&]<class Body>(Body*) {
    pdf2md::Result<Body> body = body_of<Body>(message);
    if (!body) return;
    std::string packed = pack(*body);
    pdf2md::Result<Body> again = unpack<Body>(packed);
    if (!again || pack(*again) != packed) __builtin_trap();
  };
  (one(static_cast<Bodies*>(nullptr)), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FrameReader reader;
  // In two pieces, cut where the input itself says.
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t cut = size == 0 ? 0 : data[size - 1] % size;
  for (std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    reader.append(piece);
    for (;;) {
      pdf2md::Result<std::optional<Message>> message = reader.next();
      if (!message) return 0;
      if (!message->has_value()) break;
      decode_as<Hello, Welcome, ErrorReply, Submit, Data, DataEnd, Accepted, Busy, Watch, Event,
                Fetch, ResultHeader, StatusRequest, Jobs, Cancel, Hold, Release, SetPriority, Done,
                SpoolRequest, SpoolReport, Retry, Remove, Explain, Explanation, CapabilitiesRequest,
                CapabilityList, WorkersRequest, WorkerList, HealthRequest, HealthReport,
                MetricsRequest, MetricsText>(**message);
      decode_as<Resize, DrainPool, ResumePool, RestartWorker, Pool, Reload, Reloaded, DeathsRequest,
                DeathList>(**message);
      decode_as<WorkerHello, Configure, Ready, Probe, Probed, Convert, PageStarted, PageDone,
                TaskDone, TaskFailed, Assemble, Assembled, CancelJob, Ping, Pong, Drain>(**message);
      decode_as<ReaderHello, Open, Opened, ReadPage, PageContentHeader, Render, Raster,
                CloseDocument, DocumentClosed>(**message);
      decode_as<pdf2md::supervisor::JobRecord>(**message);
    }
  }
  return 0;
}
