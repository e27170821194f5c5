// Scripts that the shipped recogniser does not know, and how a page written in one is noticed.
//
// The recogniser knows Latin, Han and Kana. Of other scripts it reads what looks alike, or nothing:
// lines that are far too short for the room they take. Where a share of a page's lines is like
// this, Tesseract is asked which script they are in (script_ocr.h), and reads a sample; only a
// sample that reads well proves the script.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/characters.h"

namespace pdf2md::document {

struct ForeignScript {
  const char* name;  // as Tesseract's script detection calls it
  Script letters;    // what its words consist of
  // Tesseract's data: of the whole script, and where that is not there of its most frequent language.
  // For Korean the other way round: the data of the script parts its syllables by spaces.
  const char* data;
  const char* other_data;
  const char* package;  // Debian's, with `data`
};

std::span<const ForeignScript> foreign_scripts();
const ForeignScript* foreign_script(std::string_view name);  // null: not one

// A line as somebody read it.
struct LineReading {
  std::string text;
  float confidence = 0;  // 0…1
  float length = 0;      // of its box: width over height
};

// Too few letters for the length.
bool has_gaps(const LineReading& line);
// That, or unsure.
bool is_badly_read(const LineReading& line);

struct DoubtfulLines {
  std::vector<size_t> lines;   // those badly read, where they are a share of the page that counts
  bool most = false;           // they are most of the page
  bool gaps = false;           // most of them lack letters: more than poor print
  std::vector<size_t> sample;  // the longest of them, in the page's order
};
// Empty: the recogniser reads this page.
DoubtfulLines find_doubtful_lines(std::span<const LineReading> lines);

// Do these readings of the sample prove that the page is written in `script`?
bool proves_script(const ForeignScript& script, std::span<const LineReading> sample);

// Of one line on a page written in `script`: is what Tesseract read the better reading?
bool is_better_reading(const ForeignScript& script, const LineReading& recogniser,
                       const LineReading& tesseract);

// What another program read, as text of a line: one line, no control characters or marks of
// direction, well-formed.
std::string cleaned_reading(std::string_view text);

// What became of a page's lines in foreign scripts.
struct ScriptFinding {
  std::string reason;   // for the page's record; empty: nothing to tell
  std::string problem;  // what could not be done, and what to do; empty: nothing
};

}  // namespace pdf2md::document
