#include "daemon/reader/book_flow.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "daemon/reader/flow_builder.h"
#include "daemon/reader/xml_tree.h"

namespace pdf2md::reader {
namespace {

using document::Element;
using document::ElementType;
using document::Runs;

constexpr uint32_t kMostDepth = 300;
constexpr uint32_t kMostLists = 32;

template <size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 30> kBlocks = {
    "address", "article", "aside", "blockquote", "body",     "center",     "dd",     "details",
    "dialog",  "div",     "dl",    "dt",         "fieldset", "figcaption", "footer", "form",
    "header",  "hgroup",  "html",  "main",       "menu",     "nav",        "ol",     "p",
    "section", "summary", "ul",    "li",         "hr",       "noscript"};
// What shows nothing, or nothing that could be read.
constexpr std::array<std::string_view, 13> kSkipped = {
    "head",   "script", "style", "template", "title", "audio", "video",
    "iframe", "canvas", "input", "rp",       "rt",    "col"};

uint16_t style_of(std::string_view name) {
  using namespace document;
  if (name == "b" || name == "strong") return kBold;
  if (name == "i" || name == "em" || name == "cite" || name == "dfn" || name == "var")
    return kItalic;
  if (name == "code" || name == "kbd" || name == "samp" || name == "tt") return kMonospaced;
  if (name == "sup") return kSuperscript;
  if (name == "sub") return kSubscript;
  if (name == "del" || name == "s" || name == "strike") return kStruck;
  return 0;
}

uint32_t heading_level(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6'
             ? static_cast<uint32_t>(name[1] - '0')
             : 0;
}

bool is_external(std::string_view uri) {
  return uri.starts_with("http://") || uri.starts_with("https://") || uri.starts_with("mailto:");
}

Runs plain_runs(std::string_view text) {
  RunBuilder builder;
  builder.text(text, {});
  return builder.take();
}

std::string picture_reference(const xmlNode* node) {
  if (name_of(node) == "img") return attribute(node, "src");
  std::string reference = attribute(node, "xlink:href");
  return reference.empty() ? attribute(node, "href") : reference;
}

const xmlNode* find_picture(const xmlNode* node) {
  const xmlNode* found = find_element(node, "img");
  return found == nullptr ? find_element(node, "image") : found;
}

// That of the item itself, not of a list in it.
const xmlNode* checkbox_of(const xmlNode* item) {
  for (const xmlNode* at = item; at != nullptr; at = next_node(at, item)) {
    if (name_of(at) == "ul" || name_of(at) == "ol") return nullptr;
    if (name_of(at) == "input" && attribute(at, "type") == "checkbox") return at;
  }
  return nullptr;
}

// The LaTeX that a formula was made from, where the book has kept it.
std::string latex_of(const xmlNode* math) {
  for (const xmlNode* at = math; at != nullptr; at = next_node(at, math)) {
    if (name_of(at) == "annotation" && attribute(at, "encoding") == "application/x-tex")
      return text_of(at);
  }
  return attribute(math, "alttext");
}

}  // namespace

bool FlowBuilder::full() {
  const bool over =
      result_.flow.elements.size() >= limits_.elements || text_.bytes() >= limits_.text_bytes;
  result_.truncated = result_.truncated || over;
  return over;
}

void FlowBuilder::add_children(const xmlNode* node) {
  if (depth_ >= kMostDepth) return;
  ++depth_;
  for (const xmlNode* child = node->children; child != nullptr && !full(); child = child->next)
    add(child);
  --depth_;
}

void FlowBuilder::add(const xmlNode* node) {
  if (!is_element(node)) return text_.text(text_of(node), kind_);
  if (notes_.is_note(node) || has_attribute(node, "hidden")) return;
  const std::string_view name = name_of(node);
  if (is_one_of(name, kSkipped) || has_word(attribute(node, "epub:type"), "pagebreak")) return;
  if (const uint32_t level = heading_level(name); level > 0) return add_heading(node, level);
  if (name == "table") return add_table(node);
  if (name == "pre") return add_code(node);
  if (name == "figure") return add_figure(node);
  if (is_one_of(name, kBlocks)) return add_block(node, name);
  add_inline(node, name);
}

void FlowBuilder::add_inline(const xmlNode* node, std::string_view name) {
  if (name == "br") return text_.line_break();
  if (name == "a") return add_link(node);
  if (name == "img" || name == "image") return add_picture(node);
  if (name == "math") return add_math(node);
  if (name == "q") text_.text("“", kind_);
  add_styled(node, style_of(name));
  if (name == "q") text_.text("”", kind_);
}

void FlowBuilder::add_styled(const xmlNode* node, uint16_t style) {
  const uint16_t before = kind_.style;
  // What stands around a reference to a note is its mark's.
  const bool only_marks =
      style == document::kSuperscript && text_of(node).size() <= 8 && [this, node] {
        for (const xmlNode* at = node; at != nullptr; at = next_node(at, node))
          if (notes_.number_of(at) > 0) return true;
        return false;
      }();
  if (!only_marks) kind_.style = static_cast<uint16_t>(before | style);
  add_children(node);
  kind_.style = before;
}

void FlowBuilder::add_link(const xmlNode* link) {
  if (const uint32_t number = notes_.number_of(link); number > 0)
    return text_.note(number, text_of(link));
  if (notes_.leads_back(link)) return;
  const std::string uri = attribute(link, "href"), before = kind_.uri;
  if (is_external(uri)) kind_.uri = uri;
  add_children(link);
  kind_.uri = before;
}

void FlowBuilder::add_math(const xmlNode* node) {
  const std::string latex = latex_of(node);
  if (latex.empty()) return add_children(node);
  if (attribute(node, "display") != "block") return text_.verbatim(latex, document::kMath);
  end_paragraph();
  Element formula;
  formula.type = ElementType::kFormula;
  document::Run run;
  run.text = latex;
  run.style = document::kMath;
  formula.runs.push_back(std::move(run));
  put(std::move(formula));
}

void FlowBuilder::add_picture(const xmlNode* node) {
  const std::string reference = picture_reference(node);
  if (reference.empty() || reference.starts_with("data:")) return;
  pictures_.push_back({reference, plain_runs(attribute(node, "alt"))});
}

void FlowBuilder::add_block(const xmlNode* node, std::string_view name) {
  end_paragraph();
  if (name == "ol" || name == "ul" || name == "menu") return add_list(node, name == "ol");
  if (name == "li") return add_item(node, false, 0);
  add_children(node);
  end_paragraph();
}

void FlowBuilder::add_heading(const xmlNode* node, uint32_t level) {
  end_paragraph();
  item_.reset();
  add_children(node);
  Element heading;
  heading.type = ElementType::kHeading;
  heading.level = level;
  heading.runs = text_.take();
  // Headings are of one line.
  for (document::Run& run : heading.runs) {
    if (!run.line_break) continue;
    run.line_break = false;
    run.text = " ";
  }
  if (!heading.runs.empty()) put(std::move(heading));
  end_paragraph();
}

void FlowBuilder::add_list(const xmlNode* node, bool ordered) {
  if (lists_ >= kMostLists) return add_children(node);
  // An item that begins with a list is an item all the same.
  if (item_) put(*std::exchange(item_, std::nullopt));
  ++lists_;
  const std::string start = attribute(node, "start");
  uint32_t number = start.empty() ? 1 : static_cast<uint32_t>(std::atoi(start.c_str()));
  if (number > 1'000'000) number = 1;
  for (const xmlNode* child = node->children; child != nullptr && !full(); child = child->next) {
    if (name_of(child) != "li") {
      if (is_element(child)) add(child);
    } else if (!notes_.is_note(child)) {
      add_item(child, ordered, number++);
    }
  }
  end_paragraph();
  --lists_;
}

void FlowBuilder::add_item(const xmlNode* node, bool ordered, uint32_t number) {
  end_paragraph();
  Element item;
  item.type = ElementType::kListItem;
  item.depth = lists_ > 0 ? lists_ - 1 : 0;
  item.ordered = ordered;
  item.number = number;
  item.marker = ordered ? std::to_string(number) + "." : "•";
  if (const xmlNode* box = checkbox_of(node); box != nullptr)
    item.marker = has_attribute(box, "checked") ? "☑" : "☐";
  item_ = std::move(item);
  add_children(node);
  end_paragraph();
  item_.reset();
}

void FlowBuilder::add_code(const xmlNode* node) {
  end_paragraph();
  Element code;
  code.type = ElementType::kCode;
  code.depth = lists_;
  code.code = text_of(node);
  std::erase(code.code, '\r');
  if (code.code.starts_with('\n')) code.code.erase(0, 1);
  while (!code.code.empty() && (code.code.back() == '\n' || code.code.back() == ' '))
    code.code.pop_back();
  if (!code.code.empty()) put(std::move(code));
}

void FlowBuilder::add_figure(const xmlNode* node) {
  end_paragraph();
  const xmlNode* caption = find_element(node, "figcaption");
  if (find_picture(node) == nullptr || find_element(node, "table") != nullptr) {
    add_children(node);
    return end_paragraph();
  }
  for (const xmlNode* at = node; at != nullptr; at = next_node(at, node))
    if (name_of(at) == "img" || name_of(at) == "image") add_picture(at);
  if (caption != nullptr && !pictures_.empty()) {
    Runs runs = one_paragraph(caption);
    if (!runs.empty()) pictures_.back().caption = std::move(runs);
  }
  end_paragraph();
}

void FlowBuilder::add_table(const xmlNode* node) {
  end_paragraph();
  Element table;
  table.type = ElementType::kTable;
  table.table = table_of(node, *this);
  if (const xmlNode* caption = find_element(node, "caption"))
    table.caption = one_paragraph(caption);
  if (table.table.rows > 0) put(std::move(table));
}

void FlowBuilder::end_paragraph() {
  Runs runs = text_.take();
  if (!runs.empty()) {
    Element element;
    if (item_) {
      element = *std::exchange(item_, std::nullopt);
    } else {
      element.depth = lists_;
    }
    element.runs = std::move(runs);
    put(std::move(element));
  }
  for (Waiting& picture : std::exchange(pictures_, {})) {
    Element figure;
    figure.type = ElementType::kFigure;
    figure.caption = std::move(picture.caption);
    put(std::move(figure));
    result_.flow.pictures.push_back({static_cast<uint32_t>(result_.flow.elements.size() - 1)});
    result_.pictures.push_back(std::move(picture.reference));
  }
}

void FlowBuilder::put(Element element) {
  if (item_) {  // what is no text stands in an item without any
    Element item = *std::exchange(item_, std::nullopt);
    result_.flow.elements.push_back(std::move(item));
  }
  result_.flow.elements.push_back(std::move(element));
}

std::vector<Runs> FlowBuilder::paragraphs_of(const xmlNode* node) {
  FlowBuilder inner(notes_, limits_);
  inner.depth_ = depth_ + 1;
  if (inner.depth_ < kMostDepth) inner.add_children(node);
  inner.end_paragraph();
  result_.truncated = result_.truncated || inner.result_.truncated;
  std::vector<Runs> paragraphs;
  auto keep = [&paragraphs](Runs runs) {
    if (!runs.empty()) paragraphs.push_back(std::move(runs));
  };
  for (Element& element : inner.result_.flow.elements) {
    if (element.type == ElementType::kListItem) {
      RunBuilder marker;
      marker.text(element.marker, {});
      Runs runs = marker.take();
      runs.back().text += ' ';
      runs.insert(runs.end(), element.runs.begin(), element.runs.end());
      keep(std::move(runs));
    } else if (element.type == ElementType::kCode) {
      RunBuilder code;
      code.text(element.code, {document::kMonospaced, ""});
      keep(code.take());
    } else {
      keep(std::move(element.caption));
      keep(std::move(element.runs));
      for (document::ElementCell& cell : element.table.cells)
        for (Runs& runs : cell.paragraphs) keep(std::move(runs));
    }
  }
  return paragraphs;
}

Runs FlowBuilder::one_paragraph(const xmlNode* node) {
  Runs all;
  for (Runs& runs : paragraphs_of(node)) {
    if (!all.empty()) {
      document::Run between;
      between.line_break = true;
      all.push_back(std::move(between));
    }
    all.insert(all.end(), runs.begin(), runs.end());
  }
  return all;
}

void FlowBuilder::add_notes() {
  uint32_t number = 0;
  for (const xmlNode* node : notes_.notes()) {
    Element note;
    note.type = ElementType::kFootnote;
    note.note = ++number;
    note.runs = one_paragraph(node);
    put(std::move(note));
  }
  result_.flow.notes = number;
}

BookFlow FlowBuilder::finish() {
  end_paragraph();
  add_notes();
  return std::move(result_);
}

BookFlow flow_of_chapter(const xmlNode* root, const FlowLimits& limits) {
  const BookNotes notes(root);
  FlowBuilder builder(notes, limits);
  const xmlNode* body = find_element(root, "body");
  builder.add_children(body == nullptr ? root : body);
  return builder.finish();
}

}  // namespace pdf2md::reader
