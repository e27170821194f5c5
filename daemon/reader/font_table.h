// The fonts of a page, as document::Font and with the metrics that glyph boxes need.
#pragma once

#include <GfxFont.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "document/page_content.h"

namespace pdf2md::reader {

// In units of the font size: 1 is the em of an ordinary font.
struct FontMetrics {
  double ascent = 0.9;
  double descent = -0.25;  // below the baseline: negative
  double em = 1;           // Type 3 fonts choose their own unit; else 1
  bool vertical = false;
};

class FontTable {
 public:
  // Index of a font in fonts(), and its metrics. More than kMaxFonts fonts share the last entry.
  uint16_t find(const std::shared_ptr<GfxFont>& font);
  const FontMetrics& metrics(uint16_t index) const { return metrics_[index]; }
  // The character of a code by its glyph's name, where that is known better than Poppler knows it;
  // 0: it is not.
  char32_t named_character(uint16_t index, CharCode code) const;
  std::vector<document::Font> take_fonts() { return std::move(fonts_); }
  size_t size() const { return fonts_.size(); }

 private:
  static constexpr size_t kMaxFonts = 4096;
  std::unordered_map<const GfxFont*, uint16_t> indices_;
  std::vector<std::shared_ptr<GfxFont>> kept_;  // so that no address is used twice
  std::vector<document::Font> fonts_;
  std::vector<FontMetrics> metrics_;
  std::vector<std::vector<char32_t>> named_;  // by code; empty: none of the font
};

}  // namespace pdf2md::reader
