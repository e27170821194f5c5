// Internal to analyse_page: a row of one column with what decides where paragraphs begin.
#pragma once

#include <string>
#include <vector>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {

struct FlowRow {
  Row row;
  Line line;
  std::string text;
  CharacterCounts counts;
  float x0 = 0, x1 = 0, base = 0, size = 0;
  uint16_t style = 0;  // of all of its fragments
  bool mono = false;
  Marker marker;          // a list marker, where it is taken for one
  bool contents = false;  // a line of a table of contents: title, leader, page
  float text_x = 0;       // where the text after the marker begins
  float after = 0;        // baseline distance to the row before; 0: first
  int block = -1;         // into Sheet::blocks: not a row at all
  Box box;
};

struct ColumnShape {
  float x0 = 0, x1 = 0;
  float leading = 12;  // baseline distance of body rows
};

std::vector<FlowRow> flow_rows(const Sheet& sheet, const std::vector<Piece>& column,
                               ColumnShape& shape);

// Marks the rows of a table of contents: those with leaders, and between them those whose page
// stands apart.
void mark_contents(std::vector<FlowRow>& rows, const Sheet& sheet);

// Keeps a row's marker only where it begins a list item.
void confirm_markers(std::vector<FlowRow>& rows, const ColumnShape& shape, const Sheet& sheet);

// Removes `bytes` from the start of the line's text.
void drop_prefix(Line& line, size_t bytes);

// Does the row look like a heading's: larger, bold or numbered?
bool looks_like_heading(const Sheet& sheet, const FlowRow& row);

// Set in a font of small capitals ("CMCSC10", "LMRomanCaps10-Regular").
bool in_small_caps_font(const FlowRow& row);
// That, or some capitals of small size.
bool has_small_caps(const FlowRow& row);

}  // namespace pdf2md::document
