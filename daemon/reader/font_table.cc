#include "daemon/reader/font_table.h"

#include <Dict.h>
#include <Stream.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <initializer_list>

#include "daemon/reader/glyph_names.h"
#include "daemon/reader/text_string.h"
#include "document/math_symbols.h"

namespace pdf2md::reader {
namespace {

constexpr int kMaxCharProcs = 64;

bool contains_any(const std::string& text, std::initializer_list<const char*> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const char* part) { return text.find(part) != std::string::npos; });
}

document::Font describe(const GfxFont& font) {
  document::Font out;
  out.name = shortened(valid_utf8(font.getName() ? font.getNameWithoutSubsetTag() : ""), 200);
  std::string lower = out.name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // Many producers leave the descriptor's flags empty, and the standard 14 fonts have no
  // descriptor: the name decides too. cmbx, cmti, ... are Computer Modern; NimbusRomNo9L-Medi and
  // its family call bold "medium".
  out.bold = font.isBold() || (font.getWeight() >= GfxFont::W600) ||
             contains_any(lower, {"bold", "black", "heavy", "semibold", "demi", "-medi"}) ||
             lower.starts_with("cmbx") || lower.starts_with("cmb10") ||
             lower.starts_with("cmssbx") || lower.starts_with("sfbx");
  if (contains_any(lower, {"-medium"}) && !font.isBold() && font.getWeight() < GfxFont::W600) {
    out.bold = contains_any(lower, {"bold", "black", "heavy", "demi"});
  }
  out.italic = font.isItalic() || contains_any(lower, {"italic", "oblique", "slanted", "kursiv"}) ||
               lower.ends_with("-it") || lower.ends_with("-ita") || lower.ends_with("ital") ||
               lower.starts_with("cmti") || lower.starts_with("cmsl") ||
               lower.starts_with("cmmi") || lower.starts_with("cmbxti") ||
               lower.starts_with("cmssi") || lower.starts_with("sfti");
  out.monospaced =
      font.isFixedWidth() ||
      contains_any(lower, {"courier", "mono", "consol", "typewriter", "menlo", "inconsolata"}) ||
      lower.starts_with("cmtt") || lower.starts_with("sftt");
  bool sans = contains_any(lower, {"helvetica", "arial", "sans", "gothic", "calibri", "verdana"});
  out.serif = font.isSerif() && !sans;
  out.symbolic = font.isSymbolic();
  out.type3 = font.getType() == fontType3;
  Ref file;
  out.embedded = out.type3 || font.getEmbeddedFontID(&file);
  out.has_to_unicode = font.hasToUnicodeCMap();
  return out;
}

// The vertical extent that a Type 3 glyph declares: "wx wy llx lly urx ury d1" comes first in its
// procedure.
bool declared_extent(Object& procedure, double& low, double& high) {
  if (!procedure.isStream()) return false;
  std::string start;
  procedure.streamReset();
  for (int c = 0; start.size() < 200 && (c = procedure.streamGetChar()) != EOF;) {
    start.push_back(static_cast<char>(c));
  }
  procedure.streamClose();
  size_t end = start.find("d1");
  if (end == std::string::npos) return false;
  start.resize(end);
  double values[6];
  const char* at = start.c_str();
  for (double& value : values) {
    char* after = nullptr;
    value = std::strtod(at, &after);
    if (after == at || !std::isfinite(value)) return false;
    at = after;
  }
  low = std::min(values[3], values[5]);
  high = std::max(values[3], values[5]);
  return high > low;
}

// A Type 3 font says nothing reliable about its em; the extent of its glyphs does. From ascender to
// descender is about one em, and a font without descenders (capitals, digits) is about three
// quarters of one high.
FontMetrics type3_metrics(Gfx8BitFont& font) {
  const double* matrix = font.getFontMatrix();
  double scale = matrix[3] != 0 ? matrix[3] : matrix[1];
  double low = 0, high = 0;
  Dict* procedures = font.getCharProcs();
  int count = procedures == nullptr ? 0 : std::min(procedures->getLength(), kMaxCharProcs);
  for (int i = 0; i < count; ++i) {
    Object procedure = procedures->getVal(i);
    double glyph_low = 0, glyph_high = 0;
    if (!declared_extent(procedure, glyph_low, glyph_high)) continue;
    low = std::min(low, glyph_low);
    high = std::max(high, glyph_high);
  }
  if (high <= low) {
    low = std::min(font.getFontBBox()[1], font.getFontBBox()[3]);
    high = std::max(font.getFontBBox()[1], font.getFontBBox()[3]);
  }
  double ascent = std::max(low * scale, high * scale);
  double descent = std::min(low * scale, high * scale);
  FontMetrics metrics;
  if (!std::isfinite(ascent) || !std::isfinite(descent) || ascent <= 0 || ascent - descent < 1e-6) {
    metrics.em = scale != 0 && std::isfinite(scale) ? std::abs(scale) * 1000 : 1;
    metrics.ascent *= metrics.em;
    metrics.descent *= metrics.em;
    return metrics;
  }
  metrics.em = std::max(ascent - descent, ascent / 0.75);
  metrics.ascent = ascent;
  metrics.descent = std::min(descent, -0.1 * metrics.em);
  return metrics;
}

FontMetrics measure(GfxFont& font) {
  FontMetrics metrics;
  if (font.getType() == fontType3) {
    metrics = type3_metrics(static_cast<Gfx8BitFont&>(font));
  } else {
    // Descriptors lie: what no font has is replaced by what most have.
    double ascent = font.getAscent();
    double descent = font.getDescent();
    if (ascent >= 0.4 && ascent <= 1.3) metrics.ascent = ascent;
    if (descent <= -0.05 && descent >= -0.6) metrics.descent = descent;
  }
  metrics.vertical = font.getWMode() != 0;
  return metrics;
}

// Empty: the font has none. In other fonts such names may mean anything.
std::vector<char32_t> named_characters(const GfxFont& font, const std::string& name_of_font) {
  if (font.isCIDFont() || document::math_font(name_of_font) == document::MathFont::kNone) return {};
  const Gfx8BitFont& simple = static_cast<const Gfx8BitFont&>(font);
  std::vector<char32_t> named(256, 0);
  bool any = false;
  for (int code = 0; code < 256; ++code) {
    const char* name = simple.getCharName(code);
    if (name == nullptr) continue;
    named[static_cast<size_t>(code)] = character_of_glyph(name);
    any = any || named[static_cast<size_t>(code)] != 0;
  }
  return any ? named : std::vector<char32_t>{};
}

}  // namespace

char32_t FontTable::named_character(uint16_t index, CharCode code) const {
  const std::vector<char32_t>& named = named_[index];
  return code < named.size() ? named[code] : 0;
}

uint16_t FontTable::find(const std::shared_ptr<GfxFont>& font) {
  auto known = indices_.find(font.get());
  if (known != indices_.end()) return known->second;
  if (fonts_.size() >= kMaxFonts) return kMaxFonts - 1;
  uint16_t index = static_cast<uint16_t>(fonts_.size());
  fonts_.push_back(describe(*font));
  metrics_.push_back(measure(*font));
  named_.push_back(named_characters(*font, fonts_.back().name));
  kept_.push_back(font);
  indices_.emplace(font.get(), index);
  return index;
}

}  // namespace pdf2md::reader
