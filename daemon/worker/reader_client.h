// One pdf2md-reader process and the document that it has open.
//
// Not thread-safe: each page thread owns one. A reader that died, hung or lied is replaced by
// calling start() again; nothing of the old one is left (it is killed and reaped).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "document/document_info.h"
#include "document/geometry.h"
#include "document/page_content.h"
#include "proto/channel.h"
#include "proto/reader_messages.h"

namespace pdf2md::worker {

// Pixels in a sealed memfd, mapped read-only for as long as this lives.
class MappedRaster {
 public:
  MappedRaster() = default;
  MappedRaster(void* data, size_t bytes, const proto::Raster& header)
      : data_(data), bytes_(bytes), header_(header) {}
  MappedRaster(MappedRaster&& other) noexcept;
  MappedRaster& operator=(MappedRaster&& other) noexcept;
  ~MappedRaster();

  const uint8_t* pixels() const { return static_cast<const uint8_t*>(data_); }
  int width() const { return static_cast<int>(header_.width); }
  int height() const { return static_cast<int>(header_.height); }
  int stride() const { return static_cast<int>(header_.stride); }
  int channels() const { return static_cast<int>(header_.channels); }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
  proto::Raster header_;
};

class ReaderClient {
 public:
  // program: absolute path of pdf2md-reader.
  explicit ReaderClient(std::string program) : program_(std::move(program)) {}
  ~ReaderClient();  // kills and reaps
  ReaderClient(const ReaderClient&) = delete;
  ReaderClient& operator=(const ReaderClient&) = delete;

  // fork + exec; kills a former one first. The child asks to be killed when the *thread* that
  // called start() ends (PR_SET_PDEATHSIG), and leaves when its socket closes: call start() from a
  // thread that lives as long as the reader is needed. Several clients in several threads do not
  // disturb each other.
  Status start();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  void kill();

  // In all four: errors that the reader reports leave it running. Where it died (kWorkerDied:
  // "reader killed by signal 11 (segmentation fault)"; kOutOfMemory), took too long (kPageTimedOut)
  // or sent what it must not (kBadMessage), it is killed and reaped, and running() is false. A page
  // that exceeds its time limit within the reader also gives kPageTimedOut, and a raster too large
  // for its memory kOutOfMemory, with the reader still running: ask running().
  Result<document::DocumentInfo> open(int document_fd, const std::vector<std::string>& passwords,
                                      const proto::DocumentLimits& limits, int timeout_ms);
  Result<document::PageContent> read_page(uint32_t page, int timeout_ms);
  // An empty clip box is the whole page.
  Result<MappedRaster> render(uint32_t page, double dpi, bool grey, const document::Box& clip,
                              int timeout_ms);
  Status close_document(int timeout_ms);

 private:
  Result<proto::Message> ask(const std::string& frame, uint16_t expected, int timeout_ms,
                             int with_fd);
  Result<std::string> fetch(uint64_t announced, size_t max_bytes);
  Error dead(const Error& cause);

  std::string program_;
  pid_t pid_ = -1;
  std::unique_ptr<proto::Channel> channel_;
  proto::DocumentLimits limits_;
};

}  // namespace pdf2md::worker
