// A page whose document says itself what is what: a chapter of a book. Its elements go to the writers
// as they are; nothing has to be found out from where things stand.
//
// The reader makes it of a hostile document; unpack_flow() lets through only what assembly and the
// writers can rely on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/element.h"

namespace pdf2md::document {

// A picture that can be asked for (proto::RenderPicture), by its place in PageFlow::pictures.
struct FlowPicture {
  uint32_t element = 0;  // the figure among the elements whose asset it becomes
  template <class A>
  void fields(A& a) {
    a("element", element);
  }
};

struct PageFlow {
  std::vector<Element> elements;  // in order; notes are numbered from 1 on each page
  std::vector<FlowPicture> pictures;
  uint32_t notes = 0;  // how many the page defines
  template <class A>
  void fields(A& a) {
    a("elements", elements);
    a("pictures", pictures);
    a("notes", notes);
  }
};

constexpr uint32_t kMaxFlowCells = 200'000;  // of a table's grid

std::string pack_flow(const PageFlow& flow);
// From a page's record, which is our own. Errors: kBadMessage.
Result<PageFlow> load_flow(std::string_view bytes);
// From a reader: valid UTF-8, types and levels that exist, cells inside their table and in order, notes and pictures
// that exist. Errors: kBadMessage.
Result<PageFlow> unpack_flow(std::string_view bytes);

// The elements as blocks of lines, for outputs that are written from records. They have no boxes.
std::vector<Block> blocks_of(const PageFlow& flow);

// The notes get the numbers after `before`.
void number_notes(PageFlow& flow, uint32_t before);

}  // namespace pdf2md::document
