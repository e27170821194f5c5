// Internal to analyse_page: the page as its analysis sees it, in sheet space. That is page space
// turned so that most text is upright, and mirrored where the page reads from right to left: in
// sheet space text always runs to the right and down. Lines keep page space; only their copies of
// boxes are turned.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "document/characters.h"
#include "document/frame.h"
#include "document/stages.h"

namespace pdf2md::document {

// A line, or what a wide gap left of one.
struct Fragment {
  Line line;
  std::string text;
  Box box;
  float base = 0;      // v of the baseline
  float size = 0;      // of most of its characters
  uint16_t style = 0;  // what all of its letters have
  bool mono = false;   // most of its characters are monospaced
  CharacterCounts counts;
  bool taken = false;  // in a block already
};

// How much of the page is set in one size.
struct SizeUse {
  size_t characters = 0;
  size_t plain_lines = 0;  // that are not bold
};

struct Sheet {
  const PageInput* input = nullptr;
  Frame frame;
  bool mirror = false;
  float width = 0, height = 0;
  float body_size = 10;          // of most characters
  std::map<int, SizeUse> sizes;  // by half points
  size_t characters = 0;
  uint32_t body_rgb = 0;
  float body_mono = 0;  // share of the characters that are monospaced
  Box text_area;        // hull of the fragments
  std::vector<Fragment> fragments;
  std::vector<Box> across;  // horizontal rules
  std::vector<Box> down;    // vertical rules
  std::vector<Fill> fills;  // boxes in sheet space
  std::vector<Box> images;
  std::vector<Region> regions;

  std::vector<Block> blocks;  // found so far; their boxes are in sheet space until the end

  static int size_key(float size) { return static_cast<int>(std::lround(size * 2)); }
  Box to_sheet(const Box& page_box) const {
    const Box b = frame.to_frame(page_box);
    return mirror ? Box{width - b.x1, b.y0, width - b.x0, b.y1} : b;
  }
  Box to_page(const Box& b) const {
    return frame.to_page(mirror ? Box{width - b.x1, b.y0, width - b.x0, b.y1} : b);
  }
};

Sheet make_sheet(const PageInput& input);

// Was most of its text read from pixels?
bool is_scan(const Sheet& sheet);

// Text on one baseline within a column: fragments from left to right.
struct Row {
  std::vector<uint32_t> fragments;  // into Sheet::fragments
  Box box;
  float base = 0;
  float size = 0;
};

// Fragments to rows, top to bottom. Neighbours on almost the same baseline share one.
std::vector<Row> rows_of(const Sheet& sheet, std::vector<uint32_t> fragments);

// One Line of the row's fragments, with a space between them.
Line joined_line(const Sheet& sheet, const Row& row);
std::string row_text(const Sheet& sheet, const Row& row);

// A block around what a column has there: text, or a block that was found before.
struct Piece {
  Box box;
  int32_t fragment = -1;
  int32_t block = -1;
};

// --- the stages, in order
void part_typed_tables(Sheet& sheet);  // typed_tables.cc: typed lines to the cells of a table
void mark_furniture(Sheet& sheet);  // furniture.cc: line numbers, watermarks, page numbers, heads
void find_ruled_tables(Sheet& sheet);      // ruled_tables.cc
void find_figures(Sheet& sheet);           // figures.cc
void find_scanned_formulas(Sheet& sheet);  // scanned_formulas.cc
// aligned_tables.cc: tables among `fragments` (one column of text), by alignment and horizontal
// rules. Takes their fragments; returns the numbers of the new blocks.
std::vector<uint32_t> find_aligned_tables(Sheet& sheet, const std::vector<uint32_t>& fragments);
// columns.cc: the rest, and the blocks found before, in reading order.
std::vector<Block> in_reading_order(Sheet& sheet);
// flow.cc: rows and blocks of one column, top to bottom, to paragraphs, headings, lists, code,
// captions.
void flow_column(Sheet& sheet, const std::vector<Piece>& column, std::vector<Block>& out);

// A stretch of one axis, in sheet space.
struct Interval {
  float a = 0, b = 0;
};
// What two ascending lists of free stretches share, where that is at least so long.
std::vector<Interval> common(const std::vector<Interval>& a, const std::vector<Interval>& b,
                             float least);

}  // namespace pdf2md::document
