// A request's document through the daemon, as pdf2mdctl does it.
#pragma once

#include <string>

#include "daemon/http/replies.h"
#include "proto/fd.h"
#include "proto/messages.h"

namespace pdf2md::http {

// An upload on its way to the daemon: an unnamed temporary file.
class Upload {
 public:
  // Errors: kIo.
  static Result<Upload> create();
  // Errors: kDocumentTooLarge, kIo, kNoSpace.
  Status add(std::string_view bytes, uint64_t most_bytes);
  uint64_t size() const { return size_; }
  std::string path() const;

 private:
  explicit Upload(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  uint64_t size_ = 0;
};

Reply convert(const std::string& socket_path, const Upload& upload,
              const proto::JobOptions& options);
Reply ask_health(const std::string& socket_path);
// Prometheus' text. Errors: those of the connection.
Result<std::string> ask_metrics(const std::string& socket_path);

}  // namespace pdf2md::http
