// What pdf2md-reader finds on a page: the text layer, vector rules, images, links. No
// interpretation.
//
// It travels packed (proto/fields.h); the long columns are flat arrays of fixed-size records,
// because a page may hold a million glyphs. The reader works on hostile documents: whoever receives
// a PageContent calls validate() before using an index in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/geometry.h"
#include "proto/fields.h"

namespace pdf2md::document {

enum GlyphFlag : uint8_t {
  kGlyphInvisible = 1,    // text render mode 3, or clipped away entirely
  kGlyphNoUnicode = 2,    // the font gives no Unicode for it; text is U+FFFD
  kGlyphSpace = 4,        // a space that is drawn (an advance, no ink)
  kGlyphOffPage = 8,      // outside the crop box
  kGlyphActualText = 16,  // text is from an /ActualText span
  kGlyphVertical = 32,    // vertical writing mode
  kGlyphCovered = 64,     // an opaque image or fill drawn later hides it
};

// One drawn glyph (or the several that one code maps to), in drawing order.
struct Glyph {
  Box box;             // advance × [descent, ascent] of the font, axis-aligned hull after rotation
  float origin_x = 0;  // pen position: on the baseline
  float origin_y = 0;
  float size_pt = 0;         // font size after all transformations
  uint32_t text_offset = 0;  // into PageContent::text (UTF-8)
  uint32_t rgb = 0;          // 0xRRGGBB of the fill (stroke where it is only stroked)
  uint16_t font = 0;         // into PageContent::fonts
  int16_t rotation = 0;  // degrees clockwise of the baseline from left-to-right, as shown: 0…359
  uint8_t text_bytes = 0;
  uint8_t flags = 0;  // GlyphFlag
  uint16_t mcid =
      0xFFFF;  // marked-content id of the structure tree; 0xFFFE: artifact; 0xFFFF: none
};
static_assert(sizeof(Glyph) == 44);

struct Font {
  std::string name;   // without the subset prefix ("ABCDEF+")
  bool bold = false;  // weight ≥ 600 by descriptor flags or name
  bool italic = false;
  bool monospaced = false;
  bool serif = false;
  bool symbolic = false;
  bool embedded = false;
  bool has_to_unicode = false;
  bool type3 = false;
  template <class A>
  void fields(A& a) {
    a("name", name);
    a("bold", bold);
    a("italic", italic);
    a("monospaced", monospaced);
    a("serif", serif);
    a("symbolic", symbolic);
    a("embedded", embedded);
    a("has_to_unicode", has_to_unicode);
    a("type3", type3);
  }
};

// A straight line, or a thin filled rectangle that is drawn as one: horizontal or vertical only.
struct Rule {
  Box box;  // of the ink, so never empty: at least 0.1 pt thick
  uint32_t rgb = 0;
};
static_assert(sizeof(Rule) == 20);

enum FillFlag : uint32_t { kFillStroked = 1, kFillFilled = 2, kFillCurved = 4 };

// Any other path: a filled box (cell shading, side bar) or a drawing (flags kFillCurved).
struct Fill {
  Box box;
  uint32_t rgb = 0;
  uint32_t flags = 0;  // FillFlag
};
static_assert(sizeof(Fill) == 24);

struct PlacedImage {
  Box box;                // where it is shown
  uint32_t width_px = 0;  // of the image itself
  uint32_t height_px = 0;
  bool mask = false;  // a 1-bit stencil
  bool bilevel = false;
  bool grey = false;
  std::string encoding;  // "dct", "jpx", "jbig2", "ccitt", "flate", ...
  template <class A>
  void fields(A& a) {
    a("box", box);
    a("width_px", width_px);
    a("height_px", height_px);
    a("mask", mask);
    a("bilevel", bilevel);
    a("grey", grey);
    a("encoding", encoding);
  }
};

struct Link {
  Box box;
  std::string uri;           // external; empty for an internal link
  uint32_t target_page = 0;  // internal, 1-based; 0: none
  float target_y = 0;        // page space of the target page
  template <class A>
  void fields(A& a) {
    a("box", box);
    a("uri", uri);
    a("target_page", target_page);
    a("target_y", target_y);
  }
};

// A form field or annotation with text that is shown.
struct Widget {
  Box box;
  std::string kind;  // "text", "checkbox", "choice", "note"
  std::string name;
  std::string value;  // checkbox: "on" or ""
  template <class A>
  void fields(A& a) {
    a("box", box);
    a("kind", kind);
    a("name", name);
    a("value", value);
  }
};

// What the structure tree of a tagged document says about a marked-content id of this page.
struct TaggedSpan {
  uint16_t mcid = 0;
  std::string role;  // standard structure type of the nearest ancestor that says something: "H1",
                     // "P", "TD", "LI", "Artifact"
  uint32_t element = 0;  // number of that ancestor, from 1 in the tree's reading order as far as
                         // this page goes: equal for spans of one element; artifacts: 0
  template <class A>
  void fields(A& a) {
    a("mcid", mcid);
    a("role", role);
    a("element", element);
  }
};

struct PageContent {
  uint32_t page = 0;   // 1-based
  std::string label;   // "iv", "12"
  float width_pt = 0;  // as shown
  float height_pt = 0;
  int rotation = 0;  // /Rotate, already applied
  std::string text;  // UTF-8, pieces addressed by the glyphs
  std::vector<Glyph> glyphs;
  std::vector<Font> fonts;
  std::vector<Rule> rules;
  std::vector<Fill> fills;
  std::vector<PlacedImage> images;
  std::vector<Link> links;
  std::vector<Widget> widgets;
  std::vector<TaggedSpan> tags;
  // Packed PageFlow (page_flow.h) where the document itself says what is what, as a book does: then
  // there is nothing else on the page, and it has no size. Empty: none.
  std::string flow;
  bool truncated = false;  // a limit was reached: what is here is the beginning
  std::string problem;     // what the renderer complained about last; empty: nothing

  std::string_view glyph_text(const Glyph& g) const {
    return std::string_view(text).substr(g.text_offset, g.text_bytes);
  }
};

// Packs and unpacks, validating: text ranges inside `text`, valid UTF-8, font indices inside
// `fonts`, coordinates finite, sizes ≤ 1e6. Errors: kBadMessage.
std::string pack_content(const PageContent& content);
Result<PageContent> unpack_content(std::string_view bytes, size_t max_objects);

}  // namespace pdf2md::document
