#include "daemon/worker/reader_client.h"

#include <sys/mman.h>

#include "proto/memfd.h"

namespace pdf2md::worker {
namespace {

constexpr size_t kMaxInfoBytes = 64 << 20;

}  // namespace

MappedRaster::MappedRaster(MappedRaster&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_), header_(other.header_) {}

MappedRaster& MappedRaster::operator=(MappedRaster&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) ::munmap(data_, bytes_);
    data_ = std::exchange(other.data_, nullptr);
    bytes_ = other.bytes_;
    header_ = other.header_;
  }
  return *this;
}

MappedRaster::~MappedRaster() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

Result<std::string> ReaderClient::fetch(uint64_t announced, size_t max_bytes) {
  if (announced > max_bytes) return child_.lied("announced more than it may send");
  Result<Fd> file = child_.take_memfd(announced);
  if (!file) return file.error();
  proto::Mapping mapping(file->get(), announced);
  if (!mapping.ok()) return io_error("mapping the reader's memfd");
  return std::string(mapping.view());
}

Result<document::DocumentInfo> ReaderClient::open(int document_fd,
                                                  const std::vector<std::string>& passwords,
                                                  const proto::DocumentLimits& limits,
                                                  int timeout_ms) {
  limits_ = limits;
  child_.note_memory_limit(limits.reader_memory_bytes);
  proto::Open request;
  request.passwords = passwords;
  request.limits = limits;
  Result<proto::Message> answer =
      child_.ask(proto::encode_frame(request), proto::kOpened, timeout_ms, document_fd);
  if (!answer) return answer.error();
  Result<proto::Opened> opened = proto::from_value<proto::Opened>(answer->body);
  if (!opened) return child_.dead(opened.error());
  Result<std::string> bytes = fetch(opened->bytes, kMaxInfoBytes);
  if (!bytes) return bytes.error();
  Result<document::DocumentInfo> info = proto::unpack<document::DocumentInfo>(*bytes);
  if (!info) return child_.dead(info.error());
  return info;
}

Result<document::PageContent> ReaderClient::read_page(uint32_t page, int timeout_ms) {
  Result<proto::Message> answer =
      child_.ask(proto::encode_frame(proto::ReadPage{page}), proto::kPageContent, timeout_ms);
  if (!answer) return answer.error();
  Result<proto::PageContentHeader> header =
      proto::from_value<proto::PageContentHeader>(answer->body);
  if (!header) return child_.dead(header.error());
  // An object costs at most a glyph with a long text; links, fields and names come on top.
  size_t max_bytes =
      (size_t{limits_.max_page_objects} * 2 + 1024) * sizeof(document::Glyph) + (256u << 20);
  Result<std::string> bytes = fetch(header->bytes, max_bytes);
  if (!bytes) return bytes.error();
  Result<document::PageContent> content =
      document::unpack_content(*bytes, limits_.max_page_objects);
  if (!content) return child_.dead(content.error());
  if (content->page != page) {
    return child_.lied("answered for another page");
  }
  return content;
}

Result<MappedRaster> ReaderClient::render(uint32_t page, double dpi, bool grey,
                                          const document::Box& clip, int timeout_ms) {
  proto::Render request;
  request.page = page;
  request.dpi = dpi;
  request.grey = grey;
  if (!clip.empty()) {
    request.x0 = clip.x0;
    request.y0 = clip.y0;
    request.x1 = clip.x1;
    request.y1 = clip.y1;
  }
  Result<proto::Message> answer =
      child_.ask(proto::encode_frame(request), proto::kRaster, timeout_ms);
  if (!answer) return answer.error();
  return fetch_raster(*answer, grey);
}

Result<MappedRaster> ReaderClient::render_picture(uint32_t page, uint32_t picture, int timeout_ms) {
  Result<proto::Message> answer = child_.ask(
      proto::encode_frame(proto::RenderPicture{page, picture}), proto::kRaster, timeout_ms);
  if (!answer) return answer.error();
  return fetch_raster(*answer, false);
}

Result<MappedRaster> ReaderClient::fetch_raster(const proto::Message& answer, bool grey) {
  Result<proto::Raster> header = proto::from_value<proto::Raster>(answer.body);
  if (!header) return child_.dead(header.error());
  uint64_t row = uint64_t{header->width} * header->channels;
  bool sound = header->width > 0 && header->height > 0 && header->channels == (grey ? 1u : 3u) &&
               header->stride >= row && header->stride <= row + 64 &&
               uint64_t{header->width} * header->height <= limits_.max_pixels;
  if (!sound) return child_.lied("sent a raster whose header is not valid");
  const size_t bytes = size_t{header->stride} * header->height;
  Result<Fd> file = child_.take_memfd(bytes);
  if (!file) return file.error();
  proto::Mapping mapping(file->get(), bytes);
  if (!mapping.ok()) return io_error("mapping the reader's raster");
  return MappedRaster(mapping.release(), bytes, *header);
}

Status ReaderClient::close_document(int timeout_ms) {
  Result<proto::Message> answer =
      child_.ask(proto::encode_frame(proto::CloseDocument{}), proto::kDocumentClosed, timeout_ms);
  if (!answer) return answer.error();
  return Ok{};
}

}  // namespace pdf2md::worker
