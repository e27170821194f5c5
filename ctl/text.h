// Text for people: safe on a terminal, aligned, short.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pdf2md::ctl {

// Bytes of the well-formed UTF-8 sequence that `text` starts with (RFC 3629); 0 where there is
// none.
size_t utf8_sequence(std::string_view text);

// Ill-formed bytes become U+FFFD: strings of the protocol are UTF-8, names of files need not be.
std::string well_formed(std::string_view text);

// Names and messages come from documents and other programs: control characters (which could drive
// the terminal) and ill-formed bytes become U+FFFD; tabs and line ends become spaces.
std::string printable(std::string_view text);

// Columns that printable text takes on a terminal (wide East Asian characters take two).
size_t display_width(std::string_view text);
// The text cut to `columns`, with "…" at its end where something was cut.
std::string cut_to_width(std::string_view text, size_t columns);

std::string format_bytes(uint64_t bytes);     // "812 B", "1.4 MiB"
std::string format_duration_ms(uint64_t ms);  // "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"
std::string format_time(int64_t unix_ms);     // "2026-11-21 09:27:20", local time; "-" for 0
std::string format_decimal(double value);     // one decimal
std::string format_pages(const std::vector<uint32_t>& pages);  // "3-5, 9"; ascending input

// "1 page", "3 pages"
std::string count_of(uint64_t number, const std::string& noun);

// Rows of cells as a table: two spaces between columns, columns named in `right` flush right.
// The first row is the heading.
std::string format_table(const std::vector<std::vector<std::string>>& rows,
                         const std::vector<bool>& right);

}  // namespace pdf2md::ctl
