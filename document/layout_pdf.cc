#include "document/layout_pdf.h"

#include <algorithm>

#include "document/json_output.h"
#include "document/png_parts.h"

namespace pdf2md::document {
namespace {

constexpr uint64_t kCatalog = 1, kPages = 2, kFont = 3, kFaint = 4;
constexpr float kLabelPt = 7;

std::string number(float value) {
  return fixed(value, 2);
}

std::string colour(uint32_t rgb) {
  const auto part = [&](int shift) {
    return fixed(static_cast<double>(rgb >> shift & 255) / 255, 3);
  };
  return part(16) + " " + part(8) + " " + part(0);
}

std::string stream(const std::string& dictionary, const std::string& bytes) {
  return "<<" + dictionary + "/Length " + std::to_string(bytes.size()) + ">>\nstream\n" + bytes +
         "\nendstream";
}

// A page's drawing. PDF's y axis points up.
std::string drawing(const PageRecord& record, bool picture) {
  const float height = record.height_pt;
  std::string out;
  if (picture)
    out += "q " + number(record.width_pt) + " 0 0 " + number(height) + " 0 0 cm /P Do Q\n";
  const Block* before = nullptr;
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    const Block& block = record.blocks[i];
    const std::string ink = colour(colour_of(block.type));
    const Box& box = block.box;
    const std::string area = number(box.x0) + " " + number(height - box.y1) + " " +
                             number(box.width()) + " " + number(box.height()) + " re";
    const bool read = block.type != BlockType::kNoise;
    out += "q /Faint gs " + ink + " rg " + area + " f Q\n";
    out += "q " + ink + " RG 0.8 w " + (read ? "" : "[2 2] 0 d ") + area + " S Q\n";
    if (!read) continue;
    if (before != nullptr) {
      out += "q /Faint gs 0.2 0.2 0.2 RG 1 w " + number(before->box.center_x()) + " " +
             number(height - before->box.center_y()) + " m " + number(box.center_x()) + " " +
             number(height - box.center_y()) + " l S Q\n";
    }
    before = &block;
    const std::string label = std::to_string(i + 1) + " " + name(block.type);
    const float width = static_cast<float>(label.size()) * 0.55f * kLabelPt + 2;
    const float x = box.x0, y = std::min(height - box.y0, height - kLabelPt - 2);
    out += "q " + ink + " rg " + number(x) + " " + number(y) + " " + number(width) + " " +
           number(kLabelPt + 2) + " re f 1 1 1 rg BT /F " + number(kLabelPt) + " Tf " +
           number(x + 1) + " " + number(y + 2) + " Td (" + label + ") Tj ET Q\n";
  }
  return out;
}

}  // namespace

uint32_t colour_of(BlockType type) {
  switch (type) {
    case BlockType::kHeading:
      return 0xC0392B;
    case BlockType::kListItem:
      return 0x2E86AB;
    case BlockType::kTable:
      return 0x1E8449;
    case BlockType::kFigure:
      return 0xB7950B;
    case BlockType::kCaption:
      return 0xCA6F1E;
    case BlockType::kCode:
      return 0x34495E;
    case BlockType::kFormula:
      return 0x7D3C98;
    case BlockType::kFootnote:
    case BlockType::kReference:
      return 0x5D6D7E;
    case BlockType::kHeader:
    case BlockType::kFooter:
    case BlockType::kPageNumber:
    case BlockType::kNoise:
      return 0x909497;
    case BlockType::kText:
      break;
  }
  return 0x2452C8;
}

Status LayoutPdf::put(const std::string& bytes) {
  written_ += bytes.size();
  return sink_(bytes);
}

Status LayoutPdf::object(uint64_t number, const std::string& body) {
  offsets_[number] = written_;
  return put(std::to_string(number) + " 0 obj\n" + body + "\nendobj\n");
}

uint64_t LayoutPdf::take_number() {
  offsets_.push_back(0);
  return offsets_.size() - 1;
}

Status LayoutPdf::begin() {
  offsets_.assign(kFaint + 1, 0);
  Status done = put("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n");
  if (done) done = object(kCatalog, "<</Type/Catalog/Pages 2 0 R>>");
  if (done) done = object(kFont, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
  if (done) done = object(kFaint, "<</Type/ExtGState/ca 0.12/CA 0.45>>");
  return done;
}

Status LayoutPdf::page(const PageRecord& record, std::string_view png) {
  const uint64_t page = take_number(), content = take_number();
  std::string resources = "/Font<</F 3 0 R>>/ExtGState<</Faint 4 0 R>>";
  Status done = Ok{};
  if (!png.empty()) {
    Result<PngParts> picture = png_parts(png);
    if (!picture) return picture.error();
    const uint64_t image = take_number();
    resources += "/XObject<</P " + std::to_string(image) + " 0 R>>";
    const std::string channels = std::to_string(picture->channels);
    const std::string width = std::to_string(picture->width_px);
    const std::string header = "/Type/XObject/Subtype/Image/Width " + width + "/Height " +
                               std::to_string(picture->height_px) +
                               "/BitsPerComponent 8/ColorSpace/Device" +
                               (picture->channels == 3 ? "RGB" : "Gray") +
                               "/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors " + channels +
                               "/BitsPerComponent 8/Columns " + width + ">>";
    done = object(image, stream(header, picture->rows));
  }
  if (done) done = object(content, stream("", drawing(record, !png.empty())));
  pages_.push_back(page);
  if (!done) return done;
  return object(page, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + number(record.width_pt) + " " +
                          number(record.height_pt) + "]/Resources<<" + resources + ">>/Contents " +
                          std::to_string(content) + " 0 R>>");
}

Status LayoutPdf::finish() {
  std::string kids;
  for (uint64_t page : pages_) kids += std::to_string(page) + " 0 R ";
  Status done = object(
      kPages, "<</Type/Pages/Count " + std::to_string(pages_.size()) + "/Kids[" + kids + "]>>");
  if (!done) return done;
  const uint64_t table = written_;
  const std::string size = std::to_string(offsets_.size());
  std::string out = "xref\n0 " + size + "\n0000000000 65535 f \n";
  for (size_t i = 1; i < offsets_.size(); ++i) {
    const std::string offset = std::to_string(offsets_[i]);
    out += std::string(10 - std::min<size_t>(offset.size(), 10), '0') + offset + " 00000 n \n";
  }
  return put(out + "trailer\n<</Size " + size + "/Root 1 0 R>>\nstartxref\n" +
             std::to_string(table) + "\n%%EOF\n");
}

}  // namespace pdf2md::document
