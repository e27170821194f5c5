// One pdf2md-reader process and the document that it has open.
//
// Not thread-safe but for interrupt(): each page thread owns one. A reader that died, hung or lied
// is replaced by calling start() again; nothing of the old one is left (it is killed and reaped).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
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

  // fork + exec, and waits for its READER_HELLO; kills a former one first. The child asks to be
  // killed when the *thread* that called start() ends (PR_SET_PDEATHSIG), and leaves when its
  // socket closes: call start() from a thread that lives as long as the reader is needed. Several
  // clients in several threads do not disturb each other.
  Status start();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  pid_t last_pid() const { return last_pid_; }             // also of one that is gone
  const std::string& sandbox() const { return sandbox_; }  // of the last one that was started
  void kill();

  // From now on the calls below give kCancelled where this is true. Null: never.
  void watch(const std::atomic<bool>* abandoned);
  // From any thread, after setting what is watched: ends a call that is under way, by killing the
  // reader. Where none is under way, nothing happens.
  void interrupt();

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
  Status greet();
  Result<proto::Message> receive(int timeout_ms);
  Result<proto::Message> ask(const std::string& frame, uint16_t expected, int timeout_ms,
                             int with_fd);
  Result<proto::Message> exchange(const std::string& frame, uint16_t expected, int timeout_ms,
                                  int with_fd);
  Result<std::string> fetch(uint64_t announced, size_t max_bytes);
  Error dead(const Error& cause);

  bool is_abandoned() const { return abandoned_ != nullptr && *abandoned_; }

  std::string program_;
  std::mutex mutex_;  // for interrupt(): of the three below, whose other writer is the owner
  pid_t pid_ = -1;
  bool busy_ = false;
  const std::atomic<bool>* abandoned_ = nullptr;
  pid_t last_pid_ = -1;
  std::string sandbox_;
  std::unique_ptr<proto::Channel> channel_;
  proto::DocumentLimits limits_;
};

}  // namespace pdf2md::worker
