// Heading levels over the whole document. Pages propose headings; which level each has depends on
// all of them: bookmarks, tagged roles, numbering, and the sizes and weights of their type.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/document_info.h"
#include "document/page_record.h"

namespace pdf2md::document {

// Depth that a heading's own numbering says: "1 Intro", "Chapter 2", "Appendix A", "第3章" are 1,
// "1.2" and "A.1" are 2, ...; 0: not numbered.
uint32_t numbering_depth(std::string_view title);

// For comparing titles with bookmarks: lower case, letters and digits only, without leading
// numbering.
std::string title_key(std::string_view title);

// Of most of a block's characters.
struct TextStyle {
  float size_pt = 0;
  bool bold = false, italic = false, capitals = false;
};
TextStyle style_of(const Block& block);
std::string text_of(const Block& block);  // lines with spaces between

// Lines of one heading that the page stage took for several: same type, close below each other.
void merge_split_headings(PageRecord& record);

class HeadingLevels {
 public:
  HeadingLevels() = default;
  explicit HeadingLevels(const DocumentInfo& info);

  // Pass 1, in page order; `index` is the block's place in the record.
  void see(const PageRecord& record, uint32_t index);
  void finish(float body_size_pt);

  // The level by these signals, before levels that would be skipped are closed up; 0: not a
  // heading. Also knows headings that the page stage took for text: those that a bookmark of the
  // page names.
  uint32_t level(const PageRecord& record, uint32_t index) const;
  bool is_title(uint32_t page, uint32_t index) const {
    return page == title_page_ && index >= title_first_ && index <= title_last_;
  }
  // The title once more, above the text that follows a title page.
  bool repeats_title(uint32_t page, uint32_t index) const {
    return page != 0 && page == repeat_page_ && index == repeat_index_;
  }

 private:
  // Sizes in quarter points: finer differences are noise. `weight`: capitals, bold, italic, in this
  // order.
  struct Key {
    int32_t size = 0;
    uint8_t weight = 0;
    bool operator<(const Key& o) const {  // the more prominent first
      return size != o.size ? size > o.size : weight > o.weight;
    }
  };
  struct Counts {
    uint32_t count = 0;
    uint32_t first_page = 0, first_index = 0, last_page = 0, last_index = 0;
    uint32_t bookmarked[7] = {}, tagged[7] = {}, numbered[7] = {};
    uint32_t leads = 0;  // how many stand directly above running text
    uint32_t level = 0;
    std::string first_text;  // title_key of the first one
    bool byline = false;     // authors and the like below the title: no headings
  };
  struct Target {
    uint32_t page = 0, level = 0;
  };
  Key key_of(const Block& block) const;
  bool is_byline(const Key& key, const Counts& counts) const;
  bool is_author_line(const PageRecord& record, uint32_t index) const;
  void find_repeated_title();
  uint32_t bookmark_level(uint32_t page, const std::string& text) const;

  std::map<std::string, std::vector<Target>> bookmarks_;  // by title_key
  std::map<Key, Counts> styles_;
  uint32_t title_page_ = 0, title_first_ = 0, title_last_ = 0;  // page 0: no title
  uint32_t repeat_page_ = 0, repeat_index_ = 0;                 // page 0: none
  uint32_t bookmark_shift_ = 0;  // 1 where the title is not among the bookmarks
  uint32_t numbered_ = 0;        // headings with a number
  uint32_t number_base_ = 0;     // level of depth 1, less 1
  bool trust_numbers_ = false;
  float body_size_ = 0;
};

// Levels as they are written: none skipped, none above 6. In document order.
class LevelStack {
 public:
  uint32_t next(uint32_t level);

 private:
  std::vector<uint32_t> open_;
};

}  // namespace pdf2md::document
