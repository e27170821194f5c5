// Elements to a page of HTML that needs nothing but itself and its images. Written as it comes.
#pragma once

#include <string>
#include <vector>

#include "document/element.h"
#include "document/markdown.h"

namespace pdf2md::document {

class HtmlWriter {
 public:
  // `blank_pages`, `page_separator`, `asset_prefix` and `inline_images` count.
  HtmlWriter(MarkdownOptions options, ByteSink sink)
      : options_(std::move(options)), sink_(std::move(sink)) {}

  Status begin(const std::string& title, const std::string& language);
  Status add(const Element& element);
  Status finish();

 private:
  Status page_start(const PageStart& start);
  Status list_item(const Element& element);
  Status figure(const Element& element);
  Status block(const std::string& html) { return sink_(html + "\n"); }
  std::string close_lists(uint32_t depth);  // the end tags of all levels from `depth` on

  MarkdownOptions options_;
  ByteSink sink_;
  bool any_page_ = false;
  struct Level {
    bool ordered = false;
    char kind = '-';  // '-', '.' or ')'
    uint32_t number = 0;
  };
  std::vector<Level> lists_;  // open list levels, an item open in each
};

std::string table_html(const ElementTable& table);

}  // namespace pdf2md::document
