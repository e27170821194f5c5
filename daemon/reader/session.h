// The conversation of pdf2md-reader: proto/reader_messages.h, one request at a time.
#pragma once

#include <memory>

#include "daemon/reader/document_source.h"
#include "proto/channel.h"
#include "proto/exit_code.h"

namespace pdf2md::reader {

class Session {
 public:
  explicit Session(proto::Channel channel) : channel_(std::move(channel)) {}

  // Until the other side closes (kDrained) or sends what is not a request (kProtocol).
  WorkerExit serve();

 private:
  Status answer(const proto::Message& request);
  Status open(const proto::Message& request);
  Status read_page(const proto::Message& request);
  Status render(const proto::Message& request);
  Status render_picture(const proto::Message& request);
  Status send(const Result<RenderedPage>& page);
  Status refuse(const Error& error);

  proto::Channel channel_;
  std::unique_ptr<DocumentSource> document_;
  uint32_t text_page_ = 0;        // of this document, the page that was read last, if it shows text
  uint32_t page_timeout_ms_ = 0;  // of the document that was opened last; 0: none was
};

}  // namespace pdf2md::reader
