#include "document/page_content.h"

#include <cmath>
#include <cstring>

#include "document/page_flow.h"
#include "document/utf8.h"

namespace pdf2md::document {
namespace {

constexpr float kMaxCoordinate = 1e6f;

// What travels: the columns as bytes of the records in memory (both ends are one build on one
// machine).
struct Packed {
  uint32_t page = 0;
  std::string label;
  float width_pt = 0, height_pt = 0;
  int rotation = 0;
  proto::Bytes text, glyphs, rules, fills;
  std::vector<Font> fonts;
  std::vector<PlacedImage> images;
  std::vector<Link> links;
  std::vector<Widget> widgets;
  std::vector<TaggedSpan> tags;
  proto::Bytes flow;
  bool truncated = false;
  std::string problem;
  template <class A>
  void fields(A& a) {
    a("page", page);
    a("label", label);
    a("width_pt", width_pt);
    a("height_pt", height_pt);
    a("rotation", rotation);
    a("text", text);
    a("glyphs", glyphs);
    a("rules", rules);
    a("fills", fills);
    a("fonts", fonts);
    a("images", images);
    a("links", links);
    a("widgets", widgets);
    a("tags", tags);
    a("flow", flow);
    a("truncated", truncated);
    a("problem", problem);
  }
};

template <class Record>
proto::Bytes to_bytes(const std::vector<Record>& records) {
  return {
      std::string(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record))};
}

template <class Record>
bool from_bytes(const std::string& bytes, std::vector<Record>& records) {
  if (bytes.size() % sizeof(Record) != 0) return false;
  records.resize(bytes.size() / sizeof(Record));
  if (!bytes.empty()) std::memcpy(records.data(), bytes.data(), bytes.size());
  return true;
}

bool sane(float value) {
  return std::isfinite(value) && std::abs(value) <= kMaxCoordinate;
}
bool sane(const Box& box) {
  return sane(box.x0) && sane(box.y0) && sane(box.x1) && sane(box.y1) && box.x0 <= box.x1 &&
         box.y0 <= box.y1;
}

bool starts_character(const std::string& text, size_t at) {
  return at == text.size() || !is_continuation_byte(text[at]);
}

// Returns nullptr, or what is wrong. c.text is valid UTF-8 as a whole before glyphs cut into it.
const char* first_fault(const PageContent& c) {
  const bool has_size = c.width_pt > 0 && c.height_pt > 0;
  if (!sane(c.width_pt) || !sane(c.height_pt) || (!has_size && c.flow.empty())) return "page size";
  if (c.rotation != 0 && c.rotation != 90 && c.rotation != 180 && c.rotation != 270)
    return "page rotation";
  if (!valid_utf8(c.text) || !valid_utf8(c.label) || !valid_utf8(c.problem))
    return "text is not UTF-8";
  for (const Glyph& glyph : c.glyphs) {
    size_t end = size_t{glyph.text_offset} + glyph.text_bytes;
    if (end > c.text.size()) return "a glyph's text lies outside the text";
    if (!starts_character(c.text, glyph.text_offset) || !starts_character(c.text, end)) {
      return "a glyph's text cuts a character";
    }
    if (glyph.font >= c.fonts.size()) return "a glyph's font does not exist";
    if (!sane(glyph.box) || !sane(glyph.origin_x) || !sane(glyph.origin_y)) return "a glyph's box";
    if (!sane(glyph.size_pt) || glyph.size_pt < 0) return "a glyph's size";
    if (glyph.rotation < 0 || glyph.rotation > 359) return "a glyph's rotation";
  }
  for (const Rule& rule : c.rules) {
    if (!sane(rule.box)) return "a rule's box";
  }
  for (const Fill& fill : c.fills) {
    if (!sane(fill.box)) return "a fill's box";
  }
  for (const Font& font : c.fonts) {
    if (!valid_utf8(font.name)) return "a font's name";
  }
  for (const PlacedImage& image : c.images) {
    if (!sane(image.box) || !valid_utf8(image.encoding)) return "an image";
  }
  for (const Link& link : c.links) {
    if (!sane(link.box) || !sane(link.target_y) || !valid_utf8(link.uri)) return "a link";
  }
  for (const Widget& widget : c.widgets) {
    if (!sane(widget.box) || !valid_utf8(widget.kind) || !valid_utf8(widget.name) ||
        !valid_utf8(widget.value)) {
      return "a form field";
    }
  }
  for (const TaggedSpan& tag : c.tags) {
    if (!valid_utf8(tag.role)) return "a tag's role";
  }
  return nullptr;
}

Error bad(const char* what) {
  return {ErrorCode::kBadMessage, std::string("page content is not valid: ") + what, ""};
}

}  // namespace

std::string pack_content(const PageContent& c) {
  return proto::pack(Packed{c.page,
                            c.label,
                            c.width_pt,
                            c.height_pt,
                            c.rotation,
                            {c.text},
                            to_bytes(c.glyphs),
                            to_bytes(c.rules),
                            to_bytes(c.fills),
                            c.fonts,
                            c.images,
                            c.links,
                            c.widgets,
                            c.tags,
                            {c.flow},
                            c.truncated,
                            c.problem});
}

Result<PageContent> unpack_content(std::string_view bytes, size_t max_objects) {
  proto::DecodeLimits limits;
  limits.depth = 6;
  limits.objects = 1 << 20;  // the lists that are not columns; the reader keeps them short
  limits.string_bytes = bytes.size();
  Result<Packed> packed = proto::unpack<Packed>(bytes, limits);
  if (!packed) return packed.error();
  size_t objects = packed->glyphs.data.size() / sizeof(Glyph) +
                   packed->rules.data.size() / sizeof(Rule) +
                   packed->fills.data.size() / sizeof(Fill) + packed->images.size();
  // One drawing operation may overshoot the limit that the reader observes by a fraction.
  if (objects > max_objects + max_objects / 4 + 16) return bad("more objects than the limit");
  PageContent c;
  c.page = packed->page;
  c.label = std::move(packed->label);
  c.width_pt = packed->width_pt;
  c.height_pt = packed->height_pt;
  c.rotation = packed->rotation;
  c.text = std::move(packed->text.data);
  if (!from_bytes(packed->glyphs.data, c.glyphs)) return bad("the glyph column's size");
  if (!from_bytes(packed->rules.data, c.rules)) return bad("the rule column's size");
  if (!from_bytes(packed->fills.data, c.fills)) return bad("the fill column's size");
  c.fonts = std::move(packed->fonts);
  c.images = std::move(packed->images);
  c.links = std::move(packed->links);
  c.widgets = std::move(packed->widgets);
  c.tags = std::move(packed->tags);
  c.flow = std::move(packed->flow.data);
  c.truncated = packed->truncated;
  c.problem = std::move(packed->problem);
  if (const char* fault = first_fault(c)) return bad(fault);
  if (!c.flow.empty()) {
    Result<PageFlow> flow = unpack_flow(c.flow);
    if (!flow) return flow.error();
  }
  return c;
}

}  // namespace pdf2md::document
