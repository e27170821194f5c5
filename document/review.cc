#include "document/review.h"

#include <algorithm>

#include "document/assemble.h"
#include "document/data_uri.h"
#include "document/element_markdown.h"
#include "document/json_output.h"
#include "document/layout_pdf.h"
#include "document/markdown_inline.h"
#include "document/page_mark.h"
#include "document/review_doubts.h"

namespace pdf2md::document {
namespace {

constexpr size_t kMostDoubts = 200;
constexpr float kCropWidthPx = 480, kCropHeightPx = 160;
constexpr float kCropMarginPt = 4;

constexpr const char* kHead = R"(<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
)";
constexpr const char* kStyle = R"(<style>
body { margin: 1rem; font-family: sans-serif; line-height: 1.4; color: #222; }
small, .why { color: #666; font-weight: normal; }
.doubts { list-style: none; padding: 0; }
.doubts li { display: flex; gap: 1rem; align-items: flex-start; margin: .5rem 0; }
.doubts .what { flex: 1; }
.bad { color: #b00; font-weight: bold; }
.crop { display: block; flex: none; border: 1px solid #999; background-repeat: no-repeat; }
.pair { display: flex; gap: 1rem; align-items: flex-start; border-top: 1px solid #ccc; padding-top: 1rem; }
.pair > div { flex: 1 1 0; min-width: 0; }
.picture { position: sticky; top: .5rem; background-size: 100% 100%; border: 1px solid #999; }
.picture svg { display: block; width: 100%; }
.picture a:hover rect { fill-opacity: .35; }
rect { fill-opacity: .08; stroke-width: 1; }
svg text { fill: #fff; font: bold 7px sans-serif; }
.element { display: flex; gap: .5rem; margin: .3rem 0; }
.element:target { outline: 2px solid #2452c8; }
.element.doubtful { background: #fff3cd; }
.tag { flex: none; width: 7rem; font-size: .75rem; color: #fff; padding: .1rem .3rem; border-radius: .2rem; align-self: flex-start; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; min-width: 0; }
@media (max-width: 50rem) { .pair { display: block; } .picture { position: static; } }
</style>
)";

std::string css_colour(BlockType type) {
  static constexpr char kHex[] = "0123456789abcdef";
  const uint32_t rgb = colour_of(type);
  std::string out = "#";
  for (int shift = 20; shift >= 0; shift -= 4) out += kHex[rgb >> shift & 15];
  return out;
}

std::string id_of(uint32_t page, uint32_t block) {
  return "e" + std::to_string(page) + "-" + std::to_string(block + 1);
}

std::string px(float value) {
  return fixed(value, 1) + "px";
}

// A cut of the page's picture, which a class of the page holds.
std::string crop(const Doubt& doubt) {
  Box box = doubt.box;
  box = intersection({box.x0 - kCropMarginPt, box.y0 - kCropMarginPt, box.x1 + kCropMarginPt,
                      box.y1 + kCropMarginPt},
                     {0, 0, doubt.page_width_pt, doubt.page_height_pt});
  if (box.empty()) return "";
  const float scale = std::min({kCropWidthPx / box.width(), kCropHeightPx / box.height(), 2.0f});
  const std::string page = std::to_string(doubt.page);
  const std::string target = doubt.block ? id_of(doubt.page, *doubt.block) : "page-" + page;
  return "<a class=\"crop p" + page + "\" href=\"#" + target +
         "\" style=\"width:" + px(box.width() * scale) + ";height:" + px(box.height() * scale) +
         ";background-size:" + px(doubt.page_width_pt * scale) + " " +
         px(doubt.page_height_pt * scale) + ";background-position:" + px(-box.x0 * scale) + " " +
         px(-box.y0 * scale) + "\"></a>";
}

std::string doubt_item(const Doubt& doubt) {
  const std::string page = std::to_string(doubt.page);
  std::string out = "<li>" + crop(doubt) + "<div class=\"what\"><a href=\"#";
  if (doubt.block) {
    out += id_of(doubt.page, *doubt.block) + "\">page " + page + ", block " +
           std::to_string(*doubt.block + 1) + "</a> <span class=\"why\">confidence " +
           fixed(doubt.confidence, 3) + "</span>";
  } else {
    out += "page-" + page + "\">page " + page + "</a> <span class=\"bad\">" + name(doubt.status) +
           "</span>";
  }
  return out + "<br>" + html_escaped(doubt.text) + "</div></li>\n";
}

bool is_written(BlockType type, bool keep_headers) {
  if (type == BlockType::kNoise) return false;
  const bool furniture =
      type == BlockType::kHeader || type == BlockType::kFooter || type == BlockType::kPageNumber;
  return keep_headers || !furniture;
}

class Review {
 public:
  Review(const ReviewInput& input, const MarkdownOptions& markdown, const ByteSink& sink)
      : input_(input), markdown_(without_marks(markdown)), sink_(sink) {}

  Status run() {
    Status done = head();
    if (done) {
      done = assemble_elements(input_.pages, input_.options, input_.statistics, input_.load,
                               [this](const Element& element) { return add(element); });
    }
    if (done && page_ != 0) done = sink_("</div></div></section>\n");
    return done ? sink_("</body>\n</html>\n") : done;
  }

 private:
  static MarkdownOptions without_marks(MarkdownOptions options) {
    options.page_separator.clear();
    options.inline_images = nullptr;  // the picture of the page shows them
    return options;
  }

  Status head() {
    std::vector<Doubt> doubts;
    for (uint32_t page : input_.pages) {
      Result<PageRecord> record = settled(page);
      if (!record) return record.error();
      for (Doubt& doubt : doubts_of(*record)) doubts.push_back(std::move(doubt));
      if (doubts.size() > 4 * kMostDoubts) left_out_ += sort_doubts(doubts, kMostDoubts);
    }
    left_out_ += sort_doubts(doubts, kMostDoubts);
    const std::string title =
        html_escaped(input_.options.name.empty() ? "document" : input_.options.name);
    std::string out = std::string("<!DOCTYPE html>\n<html>\n<head>\n") + kHead + "<title>" + title +
                      ": review</title>\n" + kStyle + "</head>\n<body>\n<h1>" + title + " <small>" +
                      std::to_string(input_.pages.size()) +
                      (input_.pages.size() == 1 ? " page" : " pages") + "</small></h1>\n";
    if (doubts.empty()) {
      out += "<p>No page failed, and nothing was read with a confidence below " +
             fixed(kDoubtful, 1) + ".</p>\n";
    } else {
      out += "<h2>Look at these first</h2>\n<ul class=\"doubts\">\n";
      for (const Doubt& doubt : doubts) out += doubt_item(doubt);
      out += "</ul>\n";
      if (left_out_ > 0)
        out += "<p>" + std::to_string(left_out_) + " more are marked on their pages.</p>\n";
    }
    return sink_(out);
  }

  Result<PageRecord> settled(uint32_t page) {
    Result<PageRecord> record = input_.load(page);
    if (record) settle_page(*record, input_.statistics);
    return record;
  }

  Status add(const Element& element) {
    if (element.type == ElementType::kPageStart) {
      Status begun = begin_page(element.page_start);
      if (!begun) return begun;
    }
    Result<std::string> text = markdown_.of(element);
    if (!text) return text.error();
    if (text->empty()) return Ok{};
    if (element.places.empty())
      return sink_("<div class=\"element\"><pre>" + html_escaped(*text) + "</pre></div>\n");
    float confidence = 1;
    std::string label, anchors;
    for (const Place& place : element.places) {
      confidence = std::min(confidence, place.confidence);
      const std::string number = std::to_string(place.block + 1);
      label += (label.empty() ? "" : ", ") +
               (place.page == page_ ? number : "p. " + std::to_string(place.page) + " " + number);
      if (&place != element.places.data())
        anchors += "<a id=\"" + id_of(place.page, place.block) + "\"></a>";
    }
    const Place& first = element.places[0];
    const bool doubtful = confidence < kDoubtful;
    label += std::string(" ") + name(first.type);
    if (confidence < 1) label += " " + fixed(confidence, 3);
    return sink_("<div class=\"element" + std::string(doubtful ? " doubtful" : "") + "\" id=\"" +
                 id_of(first.page, first.block) + "\">" + anchors +
                 "<span class=\"tag\" style=\"background:" + css_colour(first.type) + "\">" +
                 label + "</span><pre dir=\"auto\">" + html_escaped(*text) + "</pre></div>\n");
  }

  Status begin_page(const PageStart& start) {
    std::string out = page_ != 0 ? "</div></div></section>\n" : "";
    page_ = start.page;
    Result<PageRecord> record = settled(page_);
    if (!record) return record.error();
    Result<std::string> png = input_.picture ? input_.picture(page_) : std::string();
    if (!png) return png.error();
    const std::string page = std::to_string(page_);
    out += "<section>\n<h2 id=\"page-" + page + "\">Page " + page + " <small>" +
           html_escaped(remarks(*record)) + "</small></h2>\n";
    if (!png->empty())
      out += "<style>.p" + page + "{background-image:url(" + png_data_uri(*png) + ")}</style>\n";
    out += "<div class=\"pair\"><div class=\"picture p" + page + "\">" + boxes(*record) +
           "</div><div>\n";
    return sink_(out);
  }

  static std::string remarks(const PageRecord& record) {
    std::string out = record.status == PageStatus::kOk
                          ? std::string("text layer ") + name(record.text_layer)
                          : name(record.status);
    if (!record.label.empty() && record.label != std::to_string(record.page))
      out += " · " + record.label;
    for (const std::string& reason : record.reasons) out += " · " + reason;
    return out;
  }

  std::string boxes(const PageRecord& record) const {
    std::string out = "<svg viewBox=\"0 0 " + fixed(record.width_pt, 1) + " " +
                      fixed(record.height_pt, 1) + "\">\n";
    for (size_t i = 0; i < record.blocks.size(); ++i) {
      const Block& block = record.blocks[i];
      const bool written = is_written(block.type, input_.options.keep_headers);
      const std::string ink = css_colour(block.type);
      std::string at = " x=\"" + fixed(block.box.x0, 1) + "\" y=\"" + fixed(block.box.y0, 1) + "\"";
      const std::string number = std::to_string(i + 1);
      if (written) out += "<a href=\"#" + id_of(record.page, static_cast<uint32_t>(i)) + "\">";
      out += "<rect" + at + " width=\"" + fixed(block.box.width(), 1) + "\" height=\"" +
             fixed(block.box.height(), 1) + "\" fill=\"" + ink + "\" stroke=\"" + ink + "\"" +
             (written ? "" : " stroke-dasharray=\"2 2\"") + "><title>" + number + " " +
             name(block.type) + "</title></rect>";
      if (written) {
        // In the margin, so that it hides no text.
        const float width = 4 + 4.2f * static_cast<float>(number.size());
        const float x = std::max(block.box.x0 - width, 0.0f);
        out += "<rect x=\"" + fixed(x, 1) + "\" y=\"" + fixed(block.box.y0, 1) + "\" width=\"" +
               fixed(width, 1) + "\" height=\"8\" fill=\"" + ink +
               "\" style=\"fill-opacity:1\"/><text x=\"" + fixed(x + 2, 1) + "\" y=\"" +
               fixed(block.box.y0 + 6.6, 1) + "\">" + number + "</text></a>";
      }
      out += '\n';
    }
    return out + "</svg>";
  }

  const ReviewInput& input_;
  ElementMarkdown markdown_;
  const ByteSink& sink_;
  uint32_t page_ = 0;  // whose section is open
  size_t left_out_ = 0;
};

}  // namespace

Status write_review(const ReviewInput& input, const MarkdownOptions& markdown,
                    const ByteSink& sink) {
  return Review(input, markdown, sink).run();
}

}  // namespace pdf2md::document
