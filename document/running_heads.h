// Running headers, footers and page numbers, found by what repeats near the edges of pages. The
// page stage marks what one page can tell; this sees the whole document.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "document/page_record.h"

namespace pdf2md::document {

class RunningHeads {
 public:
  void see(const PageRecord& record);  // pass 1, in page order
  void finish(uint32_t pages);

  // Takes running lines out of the record's blocks, as blocks of their own (kHeader, kFooter,
  // kPageNumber) in the place of what they stood in.
  void separate(PageRecord& record) const;

 private:
  struct Sighting {
    float y = 0;  // of the line's centre, as a share of the page's height
    float size = 0;
    uint32_t pages = 0, first = 0, last = 0;
    bool exact = true;  // the digits were equal too
    // The page's number stands in it, apart from the rest, and is always as far from the page's.
    bool numbered = false;
    int64_t offset = 0;
    std::string text;
    bool running = false;
  };
  struct Slot {  // a place where running lines stand
    float y = 0, size = 0;
    uint32_t pages = 0;
  };
  // What stands on one line near an edge, over all blocks: pages part it differently.
  struct EdgeRow {
    std::vector<const Line*> lines;  // from left to right
    std::string text;
    BlockType type = BlockType::kText;  // kHeading where any of it is
    bool furniture = false;             // all of it is known to be
    bool top = false;
    float y = 0;
    float size = 0;
    uint32_t number = 0;  // at an end, apart from other text; 0: none
  };
  static uint32_t outer_number(const EdgeRow& row);
  static std::vector<EdgeRow> edge_rows(const PageRecord& record);
  bool is_running(const PageRecord& record, const EdgeRow& edge) const;
  bool is_page_number(const PageRecord& record, const std::string& text) const;

  std::map<std::string, std::vector<Sighting>> seen_;
  std::map<int64_t, uint32_t> offsets_;  // printed number − page → pages
  std::vector<Slot> slots_;
  uint32_t pages_seen_ = 0;
};

// The number that a line like "12", "– 12 –", "Page 12 of 30", "xii" stands for; 0: none.
uint32_t page_number_in(const std::string& text);

}  // namespace pdf2md::document
