// Worker ↔ reader, on descriptor 3 of the reader. One document at a time; one request at a time.
//
//   reader  READER_HELLO                     first thing, locked down
//   worker  OPEN + descriptor of the document → OPENED + sealed memfd (document::DocumentInfo)
//   worker  READ_PAGE  → PAGE_CONTENT + sealed memfd (document::PageContent, packed)
//   worker  RENDER     → RASTER + sealed memfd (pixels)
//   worker  RENDER_PICTURE → RASTER + sealed memfd, of a picture of the page that was read last
//   worker  CLOSE_DOCUMENT → DOCUMENT_CLOSED
//
// Each may be answered by ERROR (messages.h) instead; the reader stays usable. The reader leaves on
// EOF. Memfds carry F_SEAL_SHRINK | GROW | WRITE | SEAL; a receiver that finds one missing, or a
// size that does not fit the header, treats the reader as broken.
#pragma once

#include "proto/messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::proto {

enum ReaderMessage : uint16_t {
  kOpen = 200,
  kOpened = 201,
  kReadPage = 202,
  kPageContent = 203,
  kRender = 204,
  kRaster = 205,
  kCloseDocument = 206,
  kDocumentClosed = 207,
  kReaderHello = 208,
  kRenderPicture = 209,
};

// From here on the reader is as locked down as this kernel allows.
struct ReaderHello {
  static constexpr uint16_t kType = kReaderHello;
  std::string sandbox;  // what holds: "seccomp+landlock7", "seccomp", "landlock3", "none"
  template <class A>
  void fields(A& a) {
    a("sandbox", sandbox);
  }
};

struct Open {
  static constexpr uint16_t kType = kOpen;
  std::vector<std::string> passwords;
  DocumentLimits limits;
  template <class A>
  void fields(A& a) {
    a("passwords", passwords);
    a("limits", limits);
  }
};

struct Opened {
  static constexpr uint16_t kType = kOpened;
  uint64_t bytes = 0;  // of the packed DocumentInfo
  template <class A>
  void fields(A& a) {
    a("bytes", bytes);
  }
};

struct ReadPage {
  static constexpr uint16_t kType = kReadPage;
  uint32_t page = 0;  // 1-based
  template <class A>
  void fields(A& a) {
    a("page", page);
  }
};

struct PageContentHeader {
  static constexpr uint16_t kType = kPageContent;
  uint64_t bytes = 0;
  template <class A>
  void fields(A& a) {
    a("bytes", bytes);
  }
};

// Pixels of the page as shown (rotation and crop box applied), or of a part of it.
struct Render {
  static constexpr uint16_t kType = kRender;
  uint32_t page = 0;
  double dpi = 72;
  bool grey = false;  // 1 byte a pixel; else RGB, 3 bytes
  // Page space (document/geometry.h); an empty box is the whole page.
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  template <class A>
  void fields(A& a) {
    a("page", page);
    a("dpi", dpi);
    a("grey", grey);
    a("x0", x0);
    a("y0", y0);
    a("x1", x1);
    a("y1", y1);
  }
};

// A picture of a page that has a flow (document/page_flow.h), in its own pixels; R, G, B.
struct RenderPicture {
  static constexpr uint16_t kType = kRenderPicture;
  uint32_t page = 0;
  uint32_t picture = 0;  // in PageFlow::pictures
  template <class A>
  void fields(A& a) {
    a("page", page);
    a("picture", picture);
  }
};

struct Raster {
  static constexpr uint16_t kType = kRaster;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t stride = 0;    // bytes a row
  uint32_t channels = 0;  // 1 or 3 (R, G, B)
  template <class A>
  void fields(A& a) {
    a("width", width);
    a("height", height);
    a("stride", stride);
    a("channels", channels);
  }
};

struct CloseDocument {
  static constexpr uint16_t kType = kCloseDocument;
  template <class A>
  void fields(A&) {}
};

struct DocumentClosed {
  static constexpr uint16_t kType = kDocumentClosed;
  template <class A>
  void fields(A&) {}
};

}  // namespace pdf2md::proto
