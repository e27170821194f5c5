// One pdf2md-reader process and the document that it has open.
//
// Not thread-safe but for interrupt(): each page thread owns one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/worker/child_process.h"
#include "document/document_info.h"
#include "document/geometry.h"
#include "document/page_content.h"
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
  explicit ReaderClient(std::string program) : child_(std::move(program), "reader") {}

  // See ChildProcess.
  Status start() { return child_.start(); }
  bool running() const { return child_.running(); }
  pid_t pid() const { return child_.pid(); }
  pid_t last_pid() const { return child_.last_pid(); }
  const std::string& sandbox() const { return child_.sandbox(); }
  void kill() { child_.kill(); }
  void watch(const std::atomic<bool>* abandoned) { child_.watch(abandoned); }
  void interrupt() { child_.interrupt(); }

  // In all five: errors are those of ChildProcess::ask(). A page that exceeds its time limit within
  // the reader also gives kPageTimedOut, and a raster too large for its memory kOutOfMemory, with
  // the reader still running: ask running().
  Result<document::DocumentInfo> open(int document_fd, const std::vector<std::string>& passwords,
                                      const proto::DocumentLimits& limits, int timeout_ms);
  Result<document::PageContent> read_page(uint32_t page, int timeout_ms);
  // An empty clip box is the whole page.
  Result<MappedRaster> render(uint32_t page, double dpi, bool grey, const document::Box& clip,
                              int timeout_ms);
  // Of the page that was read last.
  Result<MappedRaster> render_picture(uint32_t page, uint32_t picture, int timeout_ms);
  Status close_document(int timeout_ms);

 private:
  Result<std::string> fetch(uint64_t announced, size_t max_bytes);
  Result<MappedRaster> fetch_raster(const proto::Message& answer, bool grey);

  ChildProcess child_;
  proto::DocumentLimits limits_;
};

}  // namespace pdf2md::worker
