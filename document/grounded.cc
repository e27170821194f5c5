#include "document/grounded.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {
namespace {

constexpr const char* kPageSplit = "<--- Page Split --->";

MarkdownOptions with_page_split(MarkdownOptions options) {
  if (options.page_separator.empty()) options.page_separator = kPageSplit;
  return options;
}

int thousandths(float at, float whole) {
  if (!(whole > 0) || !std::isfinite(at)) return 0;
  return static_cast<int>(std::lround(std::clamp(at / whole, 0.0f, 1.0f) * 999));
}

// What looks like a tag of ours comes from the document.
std::string without_tags(std::string text) {
  for (const char* tag : {"<|ref|", "<|/ref|", "<|det|", "<|/det|", "<|page|", "<|/page|"})
    for (size_t at = text.find(tag); at != text.npos; at = text.find(tag, at + 3))
      text.insert(at, "\\");
  return text;
}

}  // namespace

GroundedWriter::GroundedWriter(MarkdownOptions options, ByteSink sink)
    : markdown_(with_page_split(std::move(options))), sink_(std::move(sink)) {}

std::string GroundedWriter::tag_of(const Element& element) const {
  if (element.places.empty()) return "";
  std::string out = std::string("<|ref|>") + name(element.places[0].type) + "<|/ref|>";
  uint32_t page = 0;
  for (const Place& place : element.places) {
    if (place.page != page) {
      if (page != 0) out += "]<|/det|><|page|>" + std::to_string(place.page) + "<|/page|>";
      out += "<|det|>[";
      page = place.page;
    } else {
      out += ", ";
    }
    const auto found = sizes_.find(page);
    const Size size = found == sizes_.end() ? Size{} : found->second;
    const Box& box = place.box;
    out += "[" + std::to_string(thousandths(box.x0, size.width_pt)) + ", " +
           std::to_string(thousandths(box.y0, size.height_pt)) + ", " +
           std::to_string(thousandths(box.x1, size.width_pt)) + ", " +
           std::to_string(thousandths(box.y1, size.height_pt)) + "]";
  }
  return out + "]<|/det|>\n";
}

Status GroundedWriter::add(const Element& element) {
  if (element.type == ElementType::kPageStart)
    sizes_[element.page_start.page] = {element.page_start.width_pt, element.page_start.height_pt};
  Result<std::string> text = markdown_.of(element);
  if (!text) return text.error();
  if (text->empty()) return Ok{};
  const std::string start = any_ ? "\n" : "";
  any_ = true;
  if (element.type == ElementType::kPageStart) return sink_(start + *text + "\n");
  return sink_(start + tag_of(element) + without_tags(std::move(*text)) + "\n");
}

}  // namespace pdf2md::document
