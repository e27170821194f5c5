// Marked content while a page is drawn, and afterwards what the structure tree says about it.
#pragma once

#include <Object.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "document/page_content.h"

class PDFDoc;
class XRef;

namespace pdf2md::reader {

// Artifacts (running headers, decoration) have no id of their own; their glyphs share this one.
constexpr uint16_t kArtifactId = 0xFFFE;
constexpr uint16_t kNoId = 0xFFFF;

// Follows begin and end of marked content. Ids of the page's own content stay as they are. Those of
// a form that has its own entry in the parent tree get new ones from kFirstFormId up, because they
// are counted per stream.
class MarkedContent {
 public:
  // tagged: without it, nothing is followed. page_key: /StructParents of the page; negative: none.
  MarkedContent(XRef* xref, bool tagged, int page_key);

  void begin(const char* name, Dict* properties);
  void end();
  void begin_form(Ref id);
  void end_form();

  uint16_t current() const { return current_; }

  // Roles of the ids that were used.
  std::vector<document::TaggedSpan> resolve() const;

 private:
  static constexpr uint16_t kFirstFormId = 0x8000;
  static constexpr size_t kMaxDepth = 4096;
  struct Form {
    int key;
    size_t depth;  // of the stack where the form began
    uint16_t outer;
  };
  uint16_t id_for(int key, int mcid);

  XRef* xref_;
  bool tagged_;
  std::vector<uint16_t> stack_;
  size_t too_deep_ = 0;  // levels beyond kMaxDepth, counted only
  std::vector<Form> forms_;
  uint16_t current_ = kNoId;
  bool artifacts_ = false;
  std::map<std::pair<int, int>, uint16_t> ids_;  // {parent tree key, mcid} → id
  uint16_t next_form_id_ = kFirstFormId;
};

}  // namespace pdf2md::reader
