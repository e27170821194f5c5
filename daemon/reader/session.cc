#include "daemon/reader/session.h"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "daemon/reader/allocation.h"
#include "daemon/reader/faults.h"
#include "daemon/reader/pdf_document.h"
#include "daemon/sandbox/process_limits.h"
#include "proto/memfd.h"
#include "proto/reader_messages.h"

namespace pdf2md::reader {
namespace {

const Error kNothingOpen{ErrorCode::kUnexpected, "no document is open", ""};

bool shows_text(const document::PageContent& content) {
  return std::any_of(content.glyphs.begin(), content.glyphs.end(), [](const document::Glyph& g) {
    return (g.flags & document::kGlyphInvisible) == 0;
  });
}

}  // namespace

WorkerExit Session::serve() {
  for (;;) {
    Result<proto::Message> request = channel_.receive();
    if (!request) {
      return request.error().code == ErrorCode::kDisconnected ? WorkerExit::kDrained
                                                              : WorkerExit::kProtocol;
    }
    forget_complaint();
    forget_allocation_failures();
    sandbox::limit_processor_time(page_timeout_ms_);
    Status sent = Ok{};
    try {
      sent = answer(*request);
    } catch (const std::bad_alloc&) {
      // Half-built structures of poppler may be left: nothing of this process is to be used again.
      sandbox::leave_out_of_memory();
    } catch (const std::exception& e) {
      sent = refuse({ErrorCode::kPageFailed, std::string("the renderer failed: ") + e.what(), ""});
    }
    if (!sent) {
      return sent.error().code == ErrorCode::kDisconnected ? WorkerExit::kDrained
                                                           : WorkerExit::kInternal;
    }
  }
}

Status Session::answer(const proto::Message& request) {
  switch (request.type) {
    case proto::kOpen:
      return open(request);
    case proto::kReadPage:
      return read_page(request);
    case proto::kRender:
      return render(request);
    case proto::kRenderPicture:
      return render_picture(request);
    case proto::kCloseDocument:
      document_.reset();
      return channel_.send(proto::DocumentClosed{});
    default:
      return refuse({ErrorCode::kBadMessage,
                     "message " + std::to_string(request.type) + " is no request", ""});
  }
}

Status Session::refuse(const Error& error) {
  return channel_.send(proto::to_reply(error));
}

Status Session::open(const proto::Message& request) {
  document_.reset();
  text_page_ = 0;
  std::vector<Fd> files = std::move(channel_.received_fds());
  channel_.received_fds().clear();
  Result<proto::Open> body = proto::from_value<proto::Open>(request.body);
  if (!body) return refuse(body.error());
  if (files.size() != 1) {
    return refuse({ErrorCode::kBadMessage, "OPEN comes with exactly one descriptor", ""});
  }
  // The document's own mapping is file-backed and can be dropped by the kernel: it does not count.
  set_memory_limit(body->limits.reader_memory_bytes);
  sandbox::limit_memory(body->limits.reader_memory_bytes, sandbox::file_size(files[0]));
  page_timeout_ms_ = body->limits.page_timeout_ms;
  Result<std::unique_ptr<DocumentSource>> document =
      open_source(std::move(files[0]), body->passwords, body->limits);
  if (allocation_failed()) sandbox::leave_out_of_memory();
  if (!document) return refuse(document.error());
  document_ = std::move(*document);
  std::string info = proto::pack(document_->info());
  Result<Fd> fd = proto::sealed_memfd(info);
  if (!fd) return refuse(fd.error());
  return channel_.send(proto::Opened{info.size()}, proto::kNoDeadline, fd->get());
}

Status Session::read_page(const proto::Message& request) {
  if (document_ == nullptr) return refuse(kNothingOpen);
  Result<proto::ReadPage> body = proto::from_value<proto::ReadPage>(request.body);
  if (!body) return refuse(body.error());
  fault_at_page(body->page);
  Result<document::PageContent> content = document_->read_page(body->page);
  if (!content) return refuse(content.error());
  if (allocation_failed()) sandbox::leave_out_of_memory();
  text_page_ = shows_text(*content) ? body->page : 0;
  std::string bytes = document::pack_content(*content);
  Result<Fd> fd = proto::sealed_memfd(bytes);
  if (!fd) return refuse(fd.error());
  return channel_.send(proto::PageContentHeader{bytes.size()}, proto::kNoDeadline, fd->get());
}

Status Session::render(const proto::Message& request) {
  if (document_ == nullptr) return refuse(kNothingOpen);
  Result<proto::Render> body = proto::from_value<proto::Render>(request.body);
  if (!body) return refuse(body.error());
  return send(document_->render(*body, body->page == text_page_));
}

Status Session::render_picture(const proto::Message& request) {
  if (document_ == nullptr) return refuse(kNothingOpen);
  Result<proto::RenderPicture> body = proto::from_value<proto::RenderPicture>(request.body);
  if (!body) return refuse(body.error());
  return send(document_->render_picture(*body));
}

Status Session::send(const Result<RenderedPage>& page) {
  if (!page) return refuse(page.error());
  if (allocation_failed()) sandbox::leave_out_of_memory();
  return channel_.send(page->header, proto::kNoDeadline, page->pixels.get());
}

}  // namespace pdf2md::reader
