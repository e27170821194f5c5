// The conversation of pdf2md-script-reader: proto/script_messages.h, one request at a time.
#pragma once

#include <string>
#include <vector>

#include "daemon/script_reader/line_recogniser.h"
#include "proto/channel.h"
#include "proto/exit_code.h"
#include "proto/memfd.h"
#include "proto/script_messages.h"

namespace pdf2md::script_reader {

class Session {
 public:
  // folder: Tesseract's data.
  Session(proto::Channel channel, std::string folder)
      : channel_(std::move(channel)), folder_(std::move(folder)), recogniser_(folder_) {}

  // Until the other side closes (kDrained) or sends what is not a request (kProtocol).
  WorkerExit serve();

 private:
  Status answer(const proto::Message& request);
  Status open(const proto::Message& request);
  Status tell_script(const proto::Message& request, std::string_view pixels);
  Status read_lines(const proto::Message& request, std::string_view pixels);
  Status refuse(const Error& error);

  proto::Channel channel_;
  const std::string folder_;
  LineRecogniser recogniser_;
  uint32_t request_timeout_ms_ = 0;
};

}  // namespace pdf2md::script_reader
