#include "daemon/script_reader/session.h"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "daemon/sandbox/process_limits.h"
#include "daemon/script_reader/tessdata.h"

namespace pdf2md::script_reader {
namespace {

// The lines whose pixels lie one after the other in `pixels`.
Result<std::vector<GreyLine>> lines_in(std::string_view pixels,
                                       const std::vector<proto::LineSize>& sizes) {
  const Error wrong{ErrorCode::kBadMessage, "the sizes and the pixels of the lines differ", ""};
  std::vector<GreyLine> lines;
  size_t used = 0;
  for (const proto::LineSize& size : sizes) {
    const uint64_t bytes = uint64_t{size.width} * size.height;
    if (bytes == 0 || bytes > proto::kMaxLinePixels || bytes > pixels.size() - used) return wrong;
    lines.push_back({reinterpret_cast<const uint8_t*>(pixels.data()) + used,
                     static_cast<int>(size.width), static_cast<int>(size.height)});
    used += bytes;
  }
  if (used != pixels.size() || lines.empty() || lines.size() > proto::kMaxLinesOfRequest)
    return wrong;
  return lines;
}

}  // namespace

WorkerExit Session::serve() {
  for (;;) {
    Result<proto::Message> request = channel_.receive();
    if (!request) {
      return request.error().code == ErrorCode::kDisconnected ? WorkerExit::kDrained
                                                              : WorkerExit::kProtocol;
    }
    sandbox::limit_processor_time(request_timeout_ms_);
    Status sent = Ok{};
    try {
      sent = answer(*request);
    } catch (const std::bad_alloc&) {
      // Half-built structures may be left: nothing of this process is to be used again.
      sandbox::leave_out_of_memory();
    } catch (const std::exception& e) {
      sent = refuse({ErrorCode::kPageFailed, std::string("Tesseract failed: ") + e.what(), ""});
    }
    if (!sent) {
      return sent.error().code == ErrorCode::kDisconnected ? WorkerExit::kDrained
                                                           : WorkerExit::kInternal;
    }
  }
}

Status Session::refuse(const Error& error) {
  return channel_.send(proto::to_reply(error));
}

Status Session::answer(const proto::Message& request) {
  std::vector<Fd> files = std::move(channel_.received_fds());
  channel_.received_fds().clear();
  if (request.type == proto::kOpenScripts) return open(request);
  if (request.type != proto::kTellScript && request.type != proto::kReadLines) {
    return refuse(
        {ErrorCode::kBadMessage, "message " + std::to_string(request.type) + " is no request", ""});
  }
  if (files.size() != 1)
    return refuse({ErrorCode::kBadMessage, "lines come with exactly one descriptor", ""});
  Result<size_t> bytes = proto::sealed_size(files[0].get());
  if (!bytes) return refuse(bytes.error());
  proto::Mapping pixels(files[0].get(), *bytes);
  if (!pixels.ok()) return refuse(io_error("mapping the lines"));
  return request.type == proto::kTellScript ? tell_script(request, pixels.view())
                                            : read_lines(request, pixels.view());
}

Status Session::open(const proto::Message& request) {
  Result<proto::OpenScripts> body = proto::from_value<proto::OpenScripts>(request.body);
  if (!body) return refuse(body.error());
  sandbox::limit_memory(body->memory_bytes, 0);
  request_timeout_ms_ = body->request_timeout_ms;
  proto::ScriptsOpened answer;
  answer.scripts = scripts_with_data(folder_);
  answer.can_tell = has_data(folder_, kDetectionData);
  return channel_.send(answer);
}

Status Session::tell_script(const proto::Message& request, std::string_view pixels) {
  Result<proto::TellScript> body = proto::from_value<proto::TellScript>(request.body);
  if (!body) return refuse(body.error());
  Result<std::vector<GreyLine>> lines = lines_in(pixels, body->lines);
  if (!lines) return refuse(lines.error());
  Result<std::string> script = recogniser_.tell_script(*lines);
  if (!script) return refuse(script.error());
  return channel_.send(proto::ScriptTold{*script});
}

Status Session::read_lines(const proto::Message& request, std::string_view pixels) {
  Result<proto::ReadLines> body = proto::from_value<proto::ReadLines>(request.body);
  if (!body) return refuse(body.error());
  const document::ForeignScript* script = document::foreign_script(body->script);
  const std::string data = script == nullptr ? "" : data_for(folder_, *script);
  if (data.empty())
    return refuse({ErrorCode::kBadOptions, "no data for the script " + body->script, ""});
  Result<std::vector<GreyLine>> lines = lines_in(pixels, body->lines);
  if (!lines) return refuse(lines.error());
  Result<std::vector<LineRecogniser::Reading>> readings = recogniser_.read(data, *lines);
  if (!readings) return refuse(readings.error());
  proto::LinesRead answer;
  for (LineRecogniser::Reading& reading : *readings) {
    // Longer than any line that fits on a page: not a reading.
    if (reading.text.size() > proto::kMaxLineText) reading = {};
    answer.lines.push_back(
        {std::move(reading.text), static_cast<uint32_t>(std::clamp(reading.confidence, 0, 100))});
  }
  return channel_.send(answer);
}

}  // namespace pdf2md::script_reader
