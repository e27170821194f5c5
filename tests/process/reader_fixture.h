// A pdf2md-reader with a document open, for tests.
#pragma once

#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/worker/reader_client.h"
#include "proto/fd.h"
#include "tests/process/pdf_builder.h"

namespace pdf2md::test {

constexpr int kTimeoutMs = 60000;

inline std::string reader_program() {
  const char* folder = std::getenv("PDF2MD_BIN");
  return std::string(folder == nullptr ? "build/bin" : folder) + "/pdf2md-reader";
}

class OpenReader {
 public:
  explicit OpenReader(const std::string& pdf, const std::vector<std::string>& passwords = {},
                      const proto::DocumentLimits& limits = {})
      : client(reader_program()), info(Error{}) {
    Fd file(file_with(pdf));
    Status started = client.start();
    REQUIRE(started);
    info = client.open(file.get(), passwords, limits, kTimeoutMs);
  }
  // The code of the error that opening gave; kOk where it opened.
  ErrorCode code() const { return info ? ErrorCode::kOk : info.error().code; }
  document::PageContent page(uint32_t number) {
    Result<document::PageContent> content = client.read_page(number, kTimeoutMs);
    if (!content) FAIL(to_string(content.error()));
    return std::move(*content);
  }

  // Without a reader its pid is -1: a signal to that would reach every process of the machine.
  void signal(int number) {
    REQUIRE(client.pid() > 0);
    ::kill(client.pid(), number);
  }

  worker::ReaderClient client;
  Result<document::DocumentInfo> info;
};

// The text of the glyphs that have none of these flags, in drawing order.
inline std::string text_without(const document::PageContent& content, int flags) {
  std::string text;
  for (const document::Glyph& glyph : content.glyphs) {
    if ((glyph.flags & flags) == 0) text += content.glyph_text(glyph);
  }
  return text;
}
inline std::string all_text(const document::PageContent& content) {
  return text_without(content, 0);
}

}  // namespace pdf2md::test
