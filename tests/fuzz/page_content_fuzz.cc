// What a reader that was taken over may send as page content, through the stages of a page.
#include <cstdint>

#include "document/stages.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md;
  Result<document::PageContent> content =
      document::unpack_content({reinterpret_cast<const char*>(data), size}, 2'000'000);
  if (!content) return 0;
  document::judge_text_layer(*content);
  document::PageInput input;
  input.page = 1;
  input.width_pt = 595;
  input.height_pt = 842;
  input.lines = document::lines_from_glyphs(*content);
  input.rules = content->rules;
  input.fills = content->fills;
  input.images = content->images;
  input.links = content->links;
  document::layout_is_doubtful(input);
  document::analyse_page(input);
  return 0;
}
