// Books: a chapter of arbitrary bytes must come out as a flow that the worker lets through, and an
// archive of arbitrary bytes must not crash.
#include <cstdlib>

#include "daemon/reader/book_archive.h"
#include "daemon/reader/book_flow.h"
#include "daemon/reader/book_package.h"
#include "daemon/reader/xml_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md::reader;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.starts_with("PK")) {
    pdf2md::Result<BookArchive> archive = BookArchive::open(bytes);
    if (archive) (void)read_package(*archive);
    return 0;
  }
  const XmlTree tree = XmlTree::from_xhtml(bytes);
  if (tree.root() == nullptr) return 0;
  const BookFlow flow = flow_of_chapter(tree.root(), {});
  if (!pdf2md::document::unpack_flow(pdf2md::document::pack_flow(flow.flow))) std::abort();
  return 0;
}
