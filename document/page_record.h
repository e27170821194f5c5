// The result of one page: blocks in reading order. Written to disk by the worker, one file a page;
// read again by assembly. Everything that assembly needs is in it, nothing of it depends on another
// page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/geometry.h"
#include "document/page_content.h"

namespace pdf2md::document {

enum class Source : uint8_t { kTextLayer = 0, kOcr = 1 };

enum StyleFlag : uint16_t {
  kBold = 1,
  kItalic = 2,
  kMonospaced = 4,
  kSuperscript = 8,
  kSubscript = 16,
  kSmallCaps = 32,
  kUnderlined = 64,
  kStruck = 128,
  kMath = 256,  // a formula: the text is LaTeX
};

// Text of one style within a line. Spaces between words are in the text.
struct Span {
  std::string text;    // UTF-8, logical order
  uint16_t style = 0;  // StyleFlag
  float size_pt = 0;
  Box box;
  int32_t link = -1;  // into PageRecord::links
  std::string font;   // name; empty for OCR
  uint32_t rgb = 0;
  template <class A>
  void fields(A& a) {
    a("text", text);
    a("style", style);
    a("size_pt", size_pt);
    a("box", box);
    a("link", link);
    a("font", font);
    a("rgb", rgb);
  }
};

struct Line {
  Box box;
  float baseline_y = 0;  // page space (x for rotated lines)
  int rotation = 0;      // degrees clockwise as shown: 0, 90, 180, 270
  Source source = Source::kTextLayer;
  float confidence = 1;  // 0…1, in steps of 0.001; text layer: 1
  std::string script;    // OCR: that Tesseract read it in ("Greek"); empty: the recogniser did
  std::vector<Span> spans;
  template <class A>
  void fields(A& a) {
    a("box", box);
    a("baseline_y", baseline_y);
    a("rotation", rotation);
    a("source", source);
    a("confidence", confidence);
    a("script", script);
    a("spans", spans);
  }
  std::string text() const {
    std::string all;
    for (const Span& span : spans) all += span.text;
    return all;
  }
};

struct Cell {
  uint32_t row = 0, column = 0;
  uint32_t row_span = 1, column_span = 1;
  bool header = false;
  Box box;
  std::vector<Line> lines;
  template <class A>
  void fields(A& a) {
    a("row", row);
    a("column", column);
    a("row_span", row_span);
    a("column_span", column_span);
    a("header", header);
    a("box", box);
    a("lines", lines);
  }
};

struct Table {
  uint32_t rows = 0, columns = 0;
  bool ruled = false;       // found from rules
  std::vector<Cell> cells;  // row by row; a grid position is covered by one cell at most
  template <class A>
  void fields(A& a) {
    a("rows", rows);
    a("columns", columns);
    a("ruled", ruled);
    a("cells", cells);
  }
};

enum class BlockType : uint8_t {
  kText = 0,
  kHeading = 1,
  kListItem = 2,
  kTable = 3,
  kFigure = 4,
  kCaption = 5,
  kCode = 6,
  kFormula = 7,
  kHeader = 8,
  kFooter = 9,
  kPageNumber = 10,
  kFootnote = 11,
  kReference = 12,
  kNoise = 13,  // watermark, line numbers, off-page or hidden text: kept in the record, not written
};
const char* name(BlockType type);
// The file that the figure of this number (from 1) is saved under: "p0012-1.png".
std::string asset_name(uint32_t page, uint32_t figure);

struct Block {
  BlockType type = BlockType::kText;
  Box box;
  Source source = Source::kTextLayer;
  float confidence = 1;
  uint32_t level = 0;  // heading: 1…6, 0 not decided yet; list item: nesting, 0 outermost
  std::string marker;  // list item: "-", "1.", "a)", as printed
  std::vector<Line> lines;
  std::optional<Table> table;
  std::string asset;  // figure: file name in the asset folder; empty: not saved
  template <class A>
  void fields(A& a) {
    a("type", type);
    a("box", box);
    a("source", source);
    a("confidence", confidence);
    a("level", level);
    a("marker", marker);
    a("lines", lines);
    a("table", table);
    a("asset", asset);
  }
};

enum class PageStatus : uint8_t {
  kOk = 0,
  kBlank = 1,
  kDegraded = 2,  // done with less than was due (the text layer only); `problem` says why
  kFailed = 3,    // nothing could be read; `problem` says why
};
const char* name(PageStatus status);

enum class TextLayer : uint8_t { kTrusted = 0, kRejected = 1, kAbsent = 2 };
const char* name(TextLayer verdict);

struct PageRecord {
  uint32_t page = 0;
  std::string label;
  float width_pt = 0, height_pt = 0;
  PageStatus status = PageStatus::kOk;
  std::string problem;
  uint16_t error_code = 0;  // ErrorCode, with kFailed and kDegraded
  TextLayer text_layer = TextLayer::kTrusted;
  std::vector<std::string> reasons;  // why: "31 % of the letters have no Unicode", ...
  std::vector<Block> blocks;         // in reading order
  std::vector<Link> links;
  std::string flow;  // packed PageFlow (page_flow.h), instead of blocks: a page of a book
  template <class A>
  void fields(A& a) {
    a("flow", flow);
    a("page", page);
    a("label", label);
    a("width_pt", width_pt);
    a("height_pt", height_pt);
    a("status", status);
    a("problem", problem);
    a("error_code", error_code);
    a("text_layer", text_layer);
    a("reasons", reasons);
    a("blocks", blocks);
    a("links", links);
  }
};

}  // namespace pdf2md::document
