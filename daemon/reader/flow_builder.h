// Internal to book_flow.cc and book_table.cc: walks a chapter's tree and makes elements of it.
#pragma once

#include <optional>

#include "daemon/reader/book_flow.h"
#include "daemon/reader/book_notes.h"
#include "daemon/reader/run_builder.h"

namespace pdf2md::reader {

class FlowBuilder {
 public:
  FlowBuilder(const BookNotes& notes, const FlowLimits& limits) : notes_(notes), limits_(limits) {}

  void add_children(const xmlNode* node);
  void add_notes();
  BookFlow finish();

  // What stands in a cell, a caption or a note: its blocks, each as running text.
  std::vector<document::Runs> paragraphs_of(const xmlNode* node);

 private:
  void add(const xmlNode* node);
  void add_inline(const xmlNode* node, std::string_view name);
  void add_styled(const xmlNode* node, uint16_t style);
  void add_link(const xmlNode* link);
  void add_block(const xmlNode* node, std::string_view name);
  void add_heading(const xmlNode* node, uint32_t level);
  void add_list(const xmlNode* node, bool ordered);
  void add_item(const xmlNode* node, bool ordered, uint32_t number);
  void add_code(const xmlNode* node);
  void add_figure(const xmlNode* node);
  void add_picture(const xmlNode* node);
  void add_math(const xmlNode* node);
  void add_table(const xmlNode* node);

  void end_paragraph();
  void put(document::Element element);
  bool full();
  document::Runs one_paragraph(const xmlNode* node);

  const BookNotes& notes_;
  const FlowLimits& limits_;
  BookFlow result_;
  RunBuilder text_;
  TextKind kind_;
  uint32_t lists_ = 0;                     // that are open
  std::optional<document::Element> item_;  // a list item whose text is to come
  struct Waiting {
    std::string reference;
    document::Runs caption;
  };
  std::vector<Waiting> pictures_;  // of the paragraph that is under way
  uint32_t depth_ = 0;
};

// Cells, spans and header rows of a <table>; where each cell stands is worked out as HTML does it.
document::ElementTable table_of(const xmlNode* node, FlowBuilder& builder);

}  // namespace pdf2md::reader
