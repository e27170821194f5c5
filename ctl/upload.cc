#include "ctl/upload.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

constexpr uint32_t kForEver = UINT32_MAX;
constexpr uint32_t kShortestPauseMs = 100;
constexpr uint32_t kLongestPauseMs = 30'000;
// The answer comes after the document is durable on the daemon's disk.
constexpr int kAcceptMs = 120'000;

using Answer = std::variant<proto::Accepted, proto::Busy>;

Result<Answer> answer(Connection& connection) {
  for (;;) {
    Result<proto::Message> message = connection.receive(kAcceptMs);
    if (!message) return message.error();
    switch (message->type) {
      case proto::kEvent:
        continue;
      case proto::kError:
        return error_of(*message);
      case proto::kAccepted: {
        Result<proto::Accepted> accepted = proto::body_of<proto::Accepted>(*message);
        if (!accepted) return accepted.error();
        return Answer(*accepted);
      }
      case proto::kBusy: {
        Result<proto::Busy> busy = proto::body_of<proto::Busy>(*message);
        if (!busy) return busy.error();
        return Answer(*busy);
      }
      default:
        return Error{
            ErrorCode::kUnexpected,
            "the daemon answered a submission with message " + std::to_string(message->type),
            "pdf2mdctl and pdf2mdd may be of different versions"};
    }
  }
}

// One try. An answer before the end of the data is a refusal: the rest is not sent.
Result<Answer> try_upload(Connection& connection, const UploadRequest& request) {
  proto::Submit submit;
  submit.options = request.options;
  submit.size = request.document->size();
  submit.attached = request.attached;
  submit.priority = request.priority;
  submit.hold = request.hold;
  submit.max_workers = request.max_workers;
  Status sent = connection.send(submit);
  for (uint64_t offset = 0; sent && offset < request.document->size();) {
    if (connection.has_message()) return answer(connection);
    size_t count = std::min<uint64_t>(proto::kDataBytes, request.document->size() - offset);
    Result<std::string> bytes = request.document->read(offset, count);
    if (!bytes) return bytes.error();
    sent = connection.send(proto::Data{proto::Bytes{std::move(*bytes)}});
    offset += count;
    if (request.on_sent) request.on_sent(offset);
  }
  if (sent) sent = connection.send(proto::DataEnd());
  // A daemon that refuses may close at once; what it said is worth more than that it closed.
  if (!sent && !connection.has_message()) return sent.error();
  return answer(connection);
}

}  // namespace

Result<Submitted> submit_document(Connection first, const UploadRequest& request,
                                  const BusyHandler& on_busy) {
  std::optional<Connection> connection(std::move(first));
  uint64_t waited_ms = 0;
  for (;;) {
    Result<Answer> said = try_upload(*connection, request);
    if (!said) return said.error();
    if (proto::Accepted* accepted = std::get_if<proto::Accepted>(&*said)) {
      return Submitted{std::move(*connection), *accepted};
    }
    const proto::Busy& busy = std::get<proto::Busy>(*said);
    connection.reset();
    uint32_t pause = std::clamp(busy.retry_after_ms, kShortestPauseMs, kLongestPauseMs);
    if (request.wait_ms != kForEver) {
      if (waited_ms >= request.wait_ms) {
        std::string reason = busy.reason.empty() ? "" : ": " + printable(busy.reason);
        return Error{ErrorCode::kBusy, "the daemon is busy" + reason,
                     "try later, or give it longer with --patience"};
      }
      pause = static_cast<uint32_t>(std::min<uint64_t>(pause, request.wait_ms - waited_ms));
    }
    if (on_busy) on_busy(busy, pause);
    if (wait_on(-1, 0, static_cast<int>(pause), Patience::kIdle) == Wake::kInterrupted) {
      return Error{ErrorCode::kCancelled, "interrupted", ""};
    }
    waited_ms += pause;
    Result<Connection> again = Connection::open(request.socket_path);
    if (!again) return again.error();
    connection.emplace(std::move(*again));
  }
}

}  // namespace pdf2md::ctl
