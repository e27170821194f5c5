#include "document/markdown.h"

#include <algorithm>

#include "document/characters.h"
#include "document/data_uri.h"
#include "document/inline_text.h"
#include "document/markdown_inline.h"
#include "document/markers.h"
#include "document/page_mark.h"

namespace pdf2md::document {
namespace {

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return out;
}

// Text of ours in an HTML comment, which "--" could end.
std::string comment(std::string text) {
  for (size_t at = text.find("--"); at != text.npos; at = text.find("--", at))
    text.replace(at, 2, "- ");
  return "<!-- " + text + " -->";
}

std::string fenced(const std::string& code) {
  size_t longest = 2, run = 0;
  for (char c : code) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "\n" + code + "\n" + fence;
}

// Checkboxes are task list items of GFM.
std::string_view task_box(std::string_view marker) {
  static constexpr std::pair<std::string_view, std::string_view> kBoxes[] = {
      {"☐", "[ ]"}, {"□", "[ ]"}, {"☑", "[x]"}, {"☒", "[x]"}, {"✓", "[x]"}, {"✔", "[x]"}};
  for (const auto& [sign, box] : kBoxes)
    if (marker == sign) return box;
  return {};
}

bool is_latex(const Runs& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.style & kMath; });
}

// A formula on lines of its own, with its number.
std::string displayed(const Runs& runs) {
  std::string latex, tag;
  for (const Run& run : runs) {
    const std::string text(trimmed(run.text));
    if (text.empty()) continue;
    if (is_equation_number(text) && !latex.empty()) {
      tag = " \\tag{" + text.substr(1, text.size() - 2) + "}";
    } else {
      if (!latex.empty() && text.size() > 1) latex += " \\quad ";
      latex += (run.style & kMath) || text.size() == 1 ? text : "\\text{" + text + "}";
    }
  }
  return "$$\n" + latex + tag + "\n$$";
}

std::string emphasised(const Runs& runs) {
  Runs italic = runs;
  for (Run& run : italic)
    if (run.note == 0) run.style = static_cast<uint16_t>((run.style | kItalic) & ~kMonospaced);
  return inline_markdown(italic, InlinePlace::kParagraph);
}

// Alt text is plain, and short: readers see it only where there is no picture, or hear it read out.
bool can_be_alt_text(const Runs& caption) {
  constexpr size_t kLongestAlt = 200;  // bytes
  return plain_text(caption).size() <= kLongestAlt &&
         std::none_of(caption.begin(), caption.end(), [](const Run& run) {
           return (run.style & kMath) || !run.uri.empty() || run.note != 0;
         });
}

// "Figure 3" of "Figure 3: …"; empty: it has no label.
std::string caption_label(const Runs& caption) {
  const std::string text = plain_text(caption);
  const size_t end = text.find_first_of(":.|");
  return is_caption(text) && end != text.npos && end <= 24 ? text.substr(0, end) : "";
}

}  // namespace

std::string MarkdownWriter::indent_of(uint32_t depth) const {
  size_t width = 0;
  for (size_t i = 0; i < std::min<size_t>(depth, lists_.size()); ++i) width += lists_[i].width;
  return std::string(width, ' ');
}

void MarkdownWriter::leave_lists(uint32_t depth) {
  if (lists_.size() > depth) lists_.resize(depth);
  if (depth == 0) after_item_ = false;
}

// Writes a block, indented as the open lists ask, after a blank line (none where `tight`).
Status MarkdownWriter::block(std::string_view text, bool tight) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.empty()) return Ok{};
  std::string out = any_ && !tight ? "\n" : "";
  const std::string indent = indent_of(static_cast<uint32_t>(lists_.size()));
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) {
      out += indent;
      out += text.substr(at, end - at);
    }
    out += '\n';
    at = end + 1;
  }
  any_ = true;
  return sink_(out);
}

Status MarkdownWriter::page_start(const PageStart& start) {
  const std::string page = std::to_string(start.page);
  if (any_page_ && !options_.page_separator.empty()) {
    leave_lists(0);
    Status written = block(page_mark(options_.page_separator, start.page));
    if (!written) return written;
  }
  any_page_ = true;
  if (start.status == PageStatus::kOk) return Ok{};
  leave_lists(0);
  if (start.status == PageStatus::kBlank) {
    if (options_.blank_pages == "none") return Ok{};
    return block(options_.blank_pages == "text" ? "[[Blank page]]"
                                                : comment("page " + page + ": blank"));
  }
  const std::string problem = one_line(start.problem);
  Runs text{{problem_of(start), 0, "", 0, false}};
  Status written = block("> [" + inline_markdown(text, InlinePlace::kHeading) + "]");
  if (!written) return written;
  return block(comment("page " + page + ": " + name(start.status) + ": " + problem));
}

Status MarkdownWriter::list_item(const Element& element) {
  const uint32_t depth = std::min<uint32_t>(element.depth, static_cast<uint32_t>(lists_.size()));
  Level level;
  std::string lead;  // of the text, where Markdown has no such marker
  if (element.ordered) {
    level.kind = element.marker.back();
    level.number = element.number;
    level.width = std::to_string(element.number).size() + 2;
  } else if (const std::string_view box = task_box(element.marker); !box.empty()) {
    lead = std::string(box) + " ";
  } else if (element.marker.size() > 1 && (element.marker[0] & 0x80) == 0) {
    lead = element.marker + " ";  // letters and Roman numbers: what is printed stays
  }
  // Items of one list follow each other without a blank line. A list that begins within a paragraph
  // needs one unless it is of bullets or begins at 1 (CommonMark 5.3).
  const bool sibling = depth < lists_.size();
  const bool same_kind = sibling && lists_[depth].kind == level.kind;
  const bool may_interrupt = !element.ordered || element.number == 1;
  bool tight = after_item_ && (sibling ? same_kind : may_interrupt && !lists_.empty());
  if (same_kind && element.ordered && element.number <= lists_[depth].number) {
    leave_lists(depth);  // counted anew: a list of its own, which only a comment can say
    Status parted = block("<!-- -->");
    if (!parted) return parted;
    tight = false;
  }
  leave_lists(depth);
  const std::string marker =
      element.ordered ? std::to_string(element.number) + level.kind + " " : "- ";
  const std::string indent(level.width, ' ');
  std::string out = marker + lead;
  for (char c : inline_markdown(element.runs, InlinePlace::kParagraph)) {
    out += c;
    if (c == '\n') out += indent;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  Status written = block(out, tight);
  lists_.push_back(level);
  after_item_ = true;
  return written;
}

Status MarkdownWriter::figure(const Element& element) {
  if (element.type == ElementType::kFormula && is_latex(element.runs))
    return block(displayed(element.runs));
  if (element.asset.empty()) {
    const Runs& text = element.caption.empty() ? element.runs : element.caption;
    return block(element.type == ElementType::kFormula
                     ? inline_markdown(text, InlinePlace::kParagraph)
                     : emphasised(text));
  }
  std::string target = link_target(options_.asset_prefix + element.asset);
  if (options_.inline_images) {
    Result<std::string> png = options_.inline_images(element.asset);
    if (!png) return png.error();
    target = png_data_uri(*png);
  }
  const auto picture = [&](const std::string& alt) {
    return block("![" + alt + "](" + target + ")");
  };
  const Runs& text = element.caption.empty() ? element.runs : element.caption;
  if (element.caption.empty() || can_be_alt_text(element.caption)) return picture(alt_text(text));
  Status written = picture(caption_label(element.caption));
  return written ? block(emphasised(element.caption)) : written;
}

Status MarkdownWriter::add(const Element& element) {
  switch (element.type) {
    case ElementType::kPageStart:
      return page_start(element.page_start);
    case ElementType::kListItem:
      return list_item(element);
    case ElementType::kParagraph:
    case ElementType::kCode: {
      leave_lists(element.depth);
      Status written = block(element.type == ElementType::kCode
                                 ? fenced(element.code)
                                 : inline_markdown(element.runs, InlinePlace::kParagraph));
      after_item_ = false;
      return written;
    }
    case ElementType::kHeading: {
      leave_lists(0);
      const std::string text = inline_markdown(element.runs, InlinePlace::kHeading);
      if (text.empty()) return Ok{};
      return block(std::string(std::clamp(element.level, 1u, 6u), '#') + " " + text);
    }
    case ElementType::kTable: {
      leave_lists(0);
      if (!element.caption.empty()) {
        Status written = block(emphasised(element.caption));
        if (!written) return written;
      }
      return block(table_markdown(element.table, options_.html_tables));
    }
    case ElementType::kFigure:
    case ElementType::kFormula:
      leave_lists(0);
      return figure(element);
    case ElementType::kFootnote:
      leave_lists(0);
      return block("[^" + std::to_string(element.note) +
                   "]: " + inline_markdown(element.runs, InlinePlace::kParagraph));
    case ElementType::kFurniture:
      leave_lists(0);
      return block(inline_markdown(element.runs, InlinePlace::kParagraph));
  }
  return Ok{};
}

Status MarkdownWriter::finish() {
  return Ok{};
}

}  // namespace pdf2md::document
