// A block of the joined document: what assembly streams and writers write. An element may come from
// several pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/page_record.h"

namespace pdf2md::document {

// Text of one kind within a paragraph.
struct Run {
  std::string text;         // UTF-8; of a note reference: the mark as printed
  uint16_t style = 0;       // StyleFlag
  std::string uri;          // external link target; empty: none
  uint32_t note = 0;        // reference to the footnote of this number; 0: none
  bool line_break = false;  // a line break that is kept; `text` is empty then
  template <class A>
  void fields(A& a) {
    a("text", text);
    a("style", style);
    a("uri", uri);
    a("note", note);
    a("line_break", line_break);
  }
};
using Runs = std::vector<Run>;

std::string plain_text(const Runs& runs);  // without the marks of note references

enum class ElementType : uint8_t {
  kPageStart = 0,  // before the first element of a page that begins there
  kHeading = 1,
  kParagraph = 2,
  kListItem = 3,
  kTable = 4,
  kFigure = 5,
  kCode = 6,
  kFormula = 7,
  kFootnote = 8,   // definition of a note
  kFurniture = 9,  // running header, footer or page number, where they are kept
};

struct PageStart {
  uint32_t page = 0;
  std::string label;
  float width_pt = 0, height_pt = 0;
  PageStatus status = PageStatus::kOk;
  std::string problem;
};

struct ElementCell {
  uint32_t row = 0, column = 0;
  uint32_t row_span = 1, column_span = 1;
  bool header = false;
  std::vector<Runs> paragraphs;
  template <class A>
  void fields(A& a) {
    a("row", row);
    a("column", column);
    a("row_span", row_span);
    a("column_span", column_span);
    a("header", header);
    a("paragraphs", paragraphs);
  }
};

struct ElementTable {
  uint32_t rows = 0, columns = 0;
  uint32_t header_rows = 0;        // leading rows whose cells are headers
  std::vector<ElementCell> cells;  // row by row
  template <class A>
  void fields(A& a) {
    a("rows", rows);
    a("columns", columns);
    a("header_rows", header_rows);
    a("cells", cells);
  }
};

// A block of a page's record that an element is made of.
struct Place {
  uint32_t page = 0;
  uint32_t block = 0;  // its index in the record, once that is settled
  BlockType type = BlockType::kText;
  Box box;
  Source source = Source::kTextLayer;
  float confidence = 1;
};

struct Element {
  ElementType type = ElementType::kParagraph;
  uint32_t level = 0;    // heading: 1…6
  uint32_t depth = 0;    // list item: nesting, 0 outermost; paragraph: list levels that it lies in
  std::string marker;    // list item: as printed
  bool ordered = false;  // list item: numbered with decimals; `number` is its number
  uint32_t number = 0;
  uint32_t note = 0;  // footnote: its number
  Runs runs;          // text; formula: as printed
  std::string code;   // code: lines with '\n' between them
  ElementTable table;
  std::string asset;  // figure, formula: file name in the asset folder; empty: none
  Runs caption;       // figure, table
  PageStart page_start;
  Source source = Source::kTextLayer;  // of its first block
  std::vector<Place> places;           // in reading order; a caption comes after what it describes
  // Page starts and places are assembly's, and do not travel.
  template <class A>
  void fields(A& a) {
    a("type", type);
    a("level", level);
    a("depth", depth);
    a("marker", marker);
    a("ordered", ordered);
    a("number", number);
    a("note", note);
    a("runs", runs);
    a("code", code);
    a("table", table);
    a("asset", asset);
    a("caption", caption);
  }
};

}  // namespace pdf2md::document
