#include "daemon/reader/annotations.h"

#include <Annot.h>
#include <Form.h>
#include <Link.h>
#include <Page.h>

#include <cmath>

#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kMaxLinks = 10000;
constexpr size_t kMaxWidgets = 10000;
constexpr size_t kMaxUriBytes = 4096;
constexpr size_t kMaxValueBytes = 16384;

// The part of a box that is on the page; empty where nothing is, or a coordinate is no number.
document::Box on_page(const PageGeometry& geometry, double x0, double y0, double x1, double y1) {
  if (!std::isfinite(x0) || !std::isfinite(y0) || !std::isfinite(x1) || !std::isfinite(y1))
    return {};
  document::Box page{0, 0, static_cast<float>(geometry.width_pt),
                     static_cast<float>(geometry.height_pt)};
  return document::intersection(geometry.box(x0, y0, x1, y1), page);
}

std::string text_value(FormWidget& widget) {
  if (widget.getType() == formText) {
    return utf8_from_pdf_string(static_cast<FormWidgetText&>(widget).getContent());
  }
  if (widget.getType() == formChoice) {
    FormWidgetChoice& choice = static_cast<FormWidgetChoice&>(widget);
    if (choice.hasEdit() && choice.getEditChoice() != nullptr) {
      return utf8_from_pdf_string(choice.getEditChoice());
    }
    std::string chosen;
    for (int i = 0; i < choice.getNumChoices() && chosen.size() < kMaxValueBytes; ++i) {
      if (!choice.isSelected(i)) continue;
      chosen += (chosen.empty() ? "" : ", ") + utf8_from_pdf_string(choice.getChoice(i));
    }
    return chosen;
  }
  return "";
}

// Comments: the text is not drawn on the page, but kept beside it.
bool has_hidden_note(const Annot& annotation) {
  switch (annotation.getType()) {
    case Annot::typeText:
    case Annot::typeHighlight:
    case Annot::typeUnderline:
    case Annot::typeSquiggly:
    case Annot::typeStrikeOut:
    case Annot::typeCaret:
      break;
    default:
      return false;
  }
  constexpr unsigned kHidden = Annot::flagHidden | Annot::flagNoView;
  return (annotation.getFlags() & kHidden) == 0 && annotation.getContents() != nullptr &&
         annotation.getContents()->getLength() > 0;
}

}  // namespace

bool annotation_is_content(Annot* annotation, void*) {
  switch (annotation->getType()) {
    case Annot::typeLink:
    case Annot::typeText:
    case Annot::typePopup:
    case Annot::typeFileAttachment:
    case Annot::typeSound:
      return false;
    default:
      return true;
  }
}

std::vector<document::Link> links_of(PdfDocument& document, Page& page,
                                     const PageGeometry& geometry) {
  std::vector<document::Link> out;
  std::unique_ptr<Links> links = page.getLinks();
  if (links == nullptr) return out;
  for (AnnotLink* annotation : links->getLinks()) {
    if (out.size() >= kMaxLinks) break;
    const LinkAction* action = annotation->getAction();
    if (action == nullptr || !action->isOk()) continue;
    document::Link link;
    if (action->getKind() == actionURI) {
      link.uri = shortened(valid_utf8(static_cast<const LinkURI*>(action)->getURI()), kMaxUriBytes);
    } else {
      Target target = document.target(action);
      link.target_page = target.page;
      link.target_y = target.y;
    }
    if (link.uri.empty() && link.target_page == 0) continue;
    // A link over several lines has one quadrilateral a line.
    AnnotQuadrilaterals* quads = annotation->getQuadrilaterals();
    int count = quads == nullptr ? 0 : quads->getQuadrilateralsLength();
    bool any = false;
    for (int i = 0; i < count && out.size() < kMaxLinks; ++i) {
      document::Box box = document::united(
          on_page(geometry, quads->getX1(i), quads->getY1(i), quads->getX4(i), quads->getY4(i)),
          on_page(geometry, quads->getX2(i), quads->getY2(i), quads->getX3(i), quads->getY3(i)));
      if (box.empty()) continue;
      link.box = box;
      out.push_back(link);
      any = true;
    }
    if (any) continue;
    const PDFRectangle& rectangle = annotation->getRect();
    link.box = on_page(geometry, rectangle.x1, rectangle.y1, rectangle.x2, rectangle.y2);
    if (!link.box.empty()) out.push_back(std::move(link));
  }
  return out;
}

std::vector<document::Widget> widgets_of(Page& page, const PageGeometry& geometry) {
  std::vector<document::Widget> out;
  std::unique_ptr<FormPageWidgets> widgets = page.getFormWidgets();
  for (int i = 0; widgets != nullptr && i < widgets->getNumWidgets() && out.size() < kMaxWidgets;
       ++i) {
    FormWidget* widget = widgets->getWidget(i);
    document::Widget field;
    switch (widget->getType()) {
      case formText:
        field.kind = "text";
        break;
      case formChoice:
        field.kind = "choice";
        break;
      case formButton: {
        FormWidgetButton* button = static_cast<FormWidgetButton*>(widget);
        if (button->getButtonType() == formButtonPush) continue;
        field.kind = "checkbox";
        if (button->getState()) field.value = "on";
        break;
      }
      default:
        continue;
    }
    if (widget->getType() != formButton)
      field.value = shortened(text_value(*widget), kMaxValueBytes);
    field.name = shortened(utf8_from_pdf_string(widget->getFullyQualifiedName()), 500);
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    widget->getRect(&x0, &y0, &x1, &y1);
    field.box = on_page(geometry, x0, y0, x1, y1);
    if (!field.box.empty()) out.push_back(std::move(field));
  }
  Annots* annotations = page.getAnnots();
  if (annotations == nullptr) return out;
  for (const Annot* annotation : annotations->getAnnots()) {
    if (out.size() >= kMaxWidgets) break;
    if (!has_hidden_note(*annotation)) continue;
    const PDFRectangle& rectangle = annotation->getRect();
    document::Widget note;
    note.kind = "note";
    note.value = shortened(utf8_from_pdf_string(annotation->getContents()), kMaxValueBytes);
    note.box = on_page(geometry, rectangle.x1, rectangle.y1, rectangle.x2, rectangle.y2);
    if (!note.box.empty()) out.push_back(std::move(note));
  }
  return out;
}

}  // namespace pdf2md::reader
