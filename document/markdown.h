// Elements to Markdown: CommonMark with the pipe tables and footnotes of GFM. A table that pipes
// cannot say (spanning cells) is HTML. Written as it comes: memory is that of one element.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "document/element.h"

namespace pdf2md::document {

using ByteSink = std::function<Status(std::string_view)>;

// Reads a figure's PNG by its file name.
using AssetLoader = std::function<Result<std::string>(const std::string& asset)>;

struct MarkdownOptions {
  std::string asset_prefix = "assets/";  // before the file names of figures
  std::string page_separator;            // a line between pages, {page} replaced; empty: none
  std::string blank_pages = "comment";   // proto::JobOptions::blank_pages
  bool html_tables = false;              // all of them, not only those that pipes cannot say
  AssetLoader inline_images;             // the files themselves, in the text; empty: links
};

class MarkdownWriter {
 public:
  MarkdownWriter(MarkdownOptions options, ByteSink sink)
      : options_(std::move(options)), sink_(std::move(sink)) {}

  Status add(const Element& element);
  // The end of the document. Nothing may follow.
  Status finish();

 private:
  Status block(std::string_view text, bool tight = false);
  Status page_start(const PageStart& start);
  Status list_item(const Element& element);
  Status figure(const Element& element);
  std::string indent_of(uint32_t depth) const;
  void leave_lists(uint32_t depth);

  MarkdownOptions options_;
  ByteSink sink_;
  bool any_ = false;  // something has been written
  bool any_page_ = false;
  struct Level {
    size_t width = 2;  // of marker and space: how far the item's text stands in
    char kind = '-';   // '-', '.' or ')'
    uint32_t number = 0;
  };
  std::vector<Level> lists_;  // open list levels
  bool after_item_ = false;   // the last block was a list item or stood in one
};

// Pipes, or HTML where they cannot say it, or where that is asked for.
std::string table_markdown(const ElementTable& table, bool html = false);

}  // namespace pdf2md::document
