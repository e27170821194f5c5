// The stages between what a reader finds and what a person reads. Each is a pure function of its
// arguments; none knows its neighbour. daemon/worker/page_pipeline.cc composes the page stages,
// daemon/worker/assemble_task.cc the document stages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "document/document_info.h"
#include "document/page_content.h"
#include "document/page_record.h"
#include "proto/messages.h"

namespace pdf2md::document {

// --- text-layer trust (trust.cc)
struct TrustVerdict {
  TextLayer verdict = TextLayer::kAbsent;
  bool suspicious = false;  // trusted, but a sample of lines is worth comparing with OCR
  std::vector<std::string> reasons;
};
TrustVerdict judge_text_layer(const PageContent& content);

// Second step where `suspicious`: the same lines as the text layer has them and as OCR reads them.
struct SampledLine {
  std::string text_layer;
  std::string ocr;
  float ocr_confidence = 0;
};
TrustVerdict judge_sample(const TrustVerdict& first, const std::vector<SampledLine>& sample);

// --- lines (lines.cc)
// Visible glyphs of the text layer joined to lines: words spaced by geometry, spans by style, links
// attached, super- and subscripts told apart. Lines are not yet in reading order.
std::vector<Line> lines_from_glyphs(const PageContent& content);

// --- layout (the model's regions, in page space)
enum class RegionType : uint8_t {
  kText,
  kTitle,
  kFigure,
  kFigureCaption,
  kTable,
  kTableCaption,
  kHeader,
  kFooter,
  kReference,
  kEquation,
};
struct Region {
  RegionType type = RegionType::kText;
  Box box;
  float score = 0;
};

// --- page analysis (analyse.cc)
struct PageInput {
  uint32_t page = 0;
  std::string label;
  float width_pt = 0, height_pt = 0;
  std::vector<Line> lines;  // from the text layer, from OCR, or both
  std::vector<Rule> rules;
  std::vector<Fill> fills;
  std::vector<PlacedImage> images;  // a scan's page-filling image is not among them
  std::vector<Link> links;
  std::vector<Widget> widgets;
  std::vector<TaggedSpan> tags;
  std::vector<Region> regions;  // of the layout model; empty where it was not run
  std::vector<Table> tables;    // structure found by the table model, text still in `lines`
};

// What page analysis takes over from a page's content as it is: everything but lines, regions and
// tables, which other stages find.
PageInput input_from(const PageContent& content);

// Lines → blocks in reading order: columns, headings (candidates), lists, tables from rules and
// from alignment, figures, captions, code. A figure's `asset` is set to the name it should be saved
// under
// ("p0012-1.png"); the caller saves the pixels of its box.
PageRecord analyse_page(const PageInput& input);

// Does geometry leave doubt, so that the layout model is worth its time on a CPU?
bool layout_is_doubtful(const PageInput& input);

// --- text in pictures (picture_text.cc)
// Is a digital page so full of pictures, and so short of text, that words in them are to be read?
bool pictures_may_hold_text(const PageInput& input);
// Takes over the lines that stand in pictures, are sure, and are not in the text layer.
void add_picture_text(PageInput& input, std::vector<Line> read);

// --- assembly (assemble.cc)
struct Element;  // element.h: a block of the joined document

// Reads a page's record; called once a page and pass, in order.
using PageLoader = std::function<Result<PageRecord>(uint32_t page)>;

// Two passes over the records: document-wide statistics (body font, heading levels, running
// headers), then page by page to `sink`, which gets finished elements in order. Memory is bounded
// by one page and what spans a page border, whatever the page count.
using ElementSink = std::function<Status(const Element&)>;
Status assemble(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                const proto::JobOptions& options, const PageLoader& load, const ElementSink& sink);

}  // namespace pdf2md::document
