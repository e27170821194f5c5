// What stands between the last word of a line and the first of the next: a space, nothing, or a
// hyphen that the line break brought in. Decided by evidence from the document itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pdf2md::document {

char32_t lower_case(char32_t c);  // Latin, Greek, Cyrillic
std::string lower_case(std::string_view utf8);

// The words that a document uses within lines, compared without case. Bounded: when it is full,
// later words are left out. Kept as 64-bit hashes.
class WordSet {
 public:
  void add(std::string_view word);
  bool contains(std::string_view word) const;
  // Adds the words of a line. A first or last word that may be half of a broken one is left out.
  // Compounds are added whole ("well-known") and in parts.
  void add_line(std::string_view line, bool after_hyphen);
  size_t size() const { return count_; }

 private:
  static constexpr size_t kSlots = 1 << 19;  // 4 MiB
  void insert(uint64_t hash);
  bool has(uint64_t hash) const;
  std::vector<uint64_t> slots_;  // open addressing; 0: free
  size_t count_ = 0;
};

enum class LineJoin : uint8_t { kSpace, kNothing, kDropHyphen };

struct JoinEvidence {
  const WordSet* words = nullptr;
  bool french = false;            // "va-t-il": such hyphens stay
  bool cjk_latin_spaced = false;  // a space between ideographs and Latin words
};

// `before` and `after` are neighbouring lines of one paragraph. kDropHyphen: without the last
// character of `before`, and without a space.
LineJoin join_lines(std::string_view before, std::string_view after, const JoinEvidence& evidence);

// True for text that ends in a hyphen after a letter or digit.
bool ends_in_hyphen(std::string_view line);

}  // namespace pdf2md::document
