// What a reader that was taken over may send as page content, through the stages of a page.
#include <cstdint>

#include "document/stages.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md;
  Result<document::PageContent> content =
      document::unpack_content({reinterpret_cast<const char*>(data), size}, 2'000'000);
  if (!content) return 0;
  document::judge_text_layer(*content);
  document::PageInput input = document::input_from(*content);
  input.lines = document::lines_from_glyphs(*content);
  document::layout_is_doubtful(input);
  document::analyse_page(input);
  return 0;
}
