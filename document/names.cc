#include <cstdio>

#include "document/page_record.h"

namespace pdf2md::document {

const char* name(BlockType type) {
  switch (type) {
    case BlockType::kText:
      return "text";
    case BlockType::kHeading:
      return "heading";
    case BlockType::kListItem:
      return "list_item";
    case BlockType::kTable:
      return "table";
    case BlockType::kFigure:
      return "figure";
    case BlockType::kCaption:
      return "caption";
    case BlockType::kCode:
      return "code";
    case BlockType::kFormula:
      return "formula";
    case BlockType::kHeader:
      return "header";
    case BlockType::kFooter:
      return "footer";
    case BlockType::kPageNumber:
      return "page_number";
    case BlockType::kFootnote:
      return "footnote";
    case BlockType::kReference:
      return "reference";
    case BlockType::kNoise:
      return "noise";
  }
  return "unknown";
}

std::string asset_name(uint32_t page, uint32_t figure) {
  char name[32];
  std::snprintf(name, sizeof name, "p%04u-%u.png", page, figure);
  return name;
}

const char* name(PageStatus status) {
  switch (status) {
    case PageStatus::kOk:
      return "ok";
    case PageStatus::kBlank:
      return "blank";
    case PageStatus::kDegraded:
      return "degraded";
    case PageStatus::kFailed:
      return "failed";
  }
  return "unknown";
}

const char* name(TextLayer verdict) {
  switch (verdict) {
    case TextLayer::kTrusted:
      return "trusted";
    case TextLayer::kRejected:
      return "rejected";
    case TextLayer::kAbsent:
      return "absent";
  }
  return "unknown";
}

}  // namespace pdf2md::document
