#include "ctl/text.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace pdf2md::ctl {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD

char32_t decode(std::string_view sequence) {
  unsigned char lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead;
  char32_t c = lead & (0x7F >> sequence.size());
  for (size_t i = 1; i < sequence.size(); ++i) {
    c = c << 6 | (static_cast<unsigned char>(sequence[i]) & 0x3F);
  }
  return c;
}

// C0, DEL, C1, and the marks that reorder or hide text on a terminal.
bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

size_t columns_of(char32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
  bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
              (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
              (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
              (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
              (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::string print(const char* format, double value, const char* unit) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value, unit);
  return buffer;
}

}  // namespace

size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  unsigned char lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  char32_t c = decode(text.substr(0, size));
  bool overlong = (size == 3 && c < 0x800) || (size == 4 && c < 0x10000);
  bool surrogate = c >= 0xD800 && c <= 0xDFFF;
  return overlong || surrogate || c > 0x10FFFF ? 0 : size;
}

std::string well_formed(std::string_view text) {
  std::string all;
  all.reserve(text.size());
  while (!text.empty()) {
    size_t size = utf8_sequence(text);
    all += size == 0 ? kReplacement : text.substr(0, size);
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return all;
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    size_t size = utf8_sequence(text);
    char32_t c = size == 0 ? 0 : decode(text.substr(0, size));
    if (size == 1 && (c == '\t' || c == '\n' || c == '\r')) {
      safe += ' ';
    } else if (size == 0 || is_unsafe(c)) {
      safe += kReplacement;
    } else {
      safe += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return safe;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    size_t size = utf8_sequence(text);
    width += size == 0 ? 1 : columns_of(decode(text.substr(0, size)));
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return width;
}

std::string cut_to_width(std::string_view text, size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::string cut;
  size_t width = 0;
  while (!text.empty()) {
    size_t size = std::max<size_t>(utf8_sequence(text), 1);
    size_t more = display_width(text.substr(0, size));
    if (width + more > columns - 1) break;
    width += more;
    cut += text.substr(0, size);
    text.remove_prefix(size);
  }
  return cut + "…";
}

std::string format_bytes(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return print(value < 10 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
}

std::string format_duration_ms(uint64_t ms) {
  if (ms < 10'000) return print("%.1f %s", static_cast<double>(ms) / 1000, "s");
  uint64_t seconds = (ms + 500) / 1000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  uint64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string format_time(int64_t unix_ms) {
  if (unix_ms <= 0) return "-";
  time_t seconds = static_cast<time_t>(unix_ms / 1000);
  struct tm local {};
  if (::localtime_r(&seconds, &local) == nullptr) return "-";
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S", &local);
  return buffer;
}

std::string format_decimal(double value) {
  return print("%.1f%s", value, "");
}

std::string format_pages(const std::vector<uint32_t>& pages) {
  std::string text;
  for (size_t i = 0; i < pages.size();) {
    size_t last = i;
    while (last + 1 < pages.size() && pages[last + 1] == pages[last] + 1) ++last;
    if (!text.empty()) text += ", ";
    text += std::to_string(pages[i]);
    if (last > i) text += (last == i + 1 ? ", " : "-") + std::to_string(pages[last]);
    i = last + 1;
  }
  return text;
}

std::string count_of(uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string format_table(const std::vector<std::vector<std::string>>& rows,
                         const std::vector<bool>& right) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string table;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string padding(widths[i] - display_width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i < right.size() && right[i] ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

}  // namespace pdf2md::ctl
