#include "daemon/reader/page_reader.h"

#include <Annot.h>
#include <Catalog.h>
#include <Page.h>

#include <cmath>

#include "daemon/reader/annotations.h"
#include "daemon/reader/deadline.h"
#include "daemon/reader/page_device.h"
#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

struct Watch {
  const PageDevice& device;
  const Deadline& deadline;
};

bool should_stop(void* data) {
  const Watch* watch = static_cast<const Watch*>(data);
  return watch->device.full() || watch->deadline.passed();
}

int integer_entry(Page& page, const char* key) {
  // Page offers no getter for it; its reference leads to the dictionary.
  Object dictionary = page.getDoc()->getXRef()->fetch(page.getRef());
  if (!dictionary.isDict()) return -1;
  Object value = dictionary.dictLookup(key);
  return value.isInt() ? value.getInt() : -1;
}

}  // namespace

Result<document::PageContent> read_page(PdfDocument& document, uint32_t number) {
  Result<PageGeometry> geometry = document.page_geometry(number);
  if (!geometry) return geometry.error();
  PDFDoc& pdf = document.pdf();
  Page& page = *pdf.getPage(static_cast<int>(number));

  document::PageContent content;
  content.page = number;
  content.width_pt = static_cast<float>(geometry->width_pt);
  content.height_pt = static_cast<float>(geometry->height_pt);
  content.rotation = geometry->rotation;
  GooString label;
  if (pdf.getCatalog()->indexToLabel(static_cast<int>(number) - 1, &label)) {
    content.label = shortened(utf8_from_pdf_string(&label), 100);
  }

  Object catalog = pdf.getXRef()->getCatalog();
  bool tagged = catalog.isDict() && catalog.dictLookup("StructTreeRoot").isDict();
  MarkedContent marked(pdf.getXRef(), tagged, tagged ? integer_entry(page, "StructParents") : -1);
  PageDevice device(content, marked, document.profiles(), document.limits().max_page_objects);
  document.profiles().lend_to(device);
  Deadline deadline(document.limits().page_timeout_ms);
  Watch watch{device, deadline};
  page.display(&device, 72, 72, 0, false, false, false, should_stop, &watch, annotation_is_content,
               nullptr);
  if (deadline.passed()) return deadline.error(number);
  device.finish();
  content.tags = marked.resolve();
  content.links = links_of(document, page, *geometry);
  content.widgets = widgets_of(page, *geometry);
  content.problem = last_complaint();
  return content;
}

}  // namespace pdf2md::reader
