#include "daemon/reader/marked_content.h"

#include <Dict.h>
#include <XRef.h>

#include <algorithm>
#include <cstring>

#include "daemon/reader/structure_tree.h"

namespace pdf2md::reader {

MarkedContent::MarkedContent(XRef* xref, bool tagged, int page_key) : xref_(xref), tagged_(tagged) {
  forms_.push_back({page_key, 0, kNoId});
}

uint16_t MarkedContent::id_for(int key, int mcid) {
  if (mcid < 0 || mcid > 0xFFFF) return kNoId;
  auto known = ids_.find({key, mcid});
  if (known != ids_.end()) return known->second;
  uint16_t id = kNoId;
  if (key == forms_.front().key && mcid < kFirstFormId) {
    id = static_cast<uint16_t>(mcid);
  } else if (next_form_id_ < kArtifactId) {
    id = next_form_id_++;
  }
  if (id != kNoId) ids_[{key, mcid}] = id;
  return id;
}

void MarkedContent::begin(const char* name, Dict* properties) {
  if (!tagged_) return;
  if (stack_.size() >= kMaxDepth) {
    ++too_deep_;
    return;
  }
  stack_.push_back(current_);
  if (std::strcmp(name, "Artifact") == 0) {
    current_ = kArtifactId;
    artifacts_ = true;
    return;
  }
  if (properties == nullptr) return;
  Object mcid = properties->lookup("MCID");
  if (mcid.isInt()) current_ = id_for(forms_.back().key, mcid.getInt());
}

void MarkedContent::end() {
  if (!tagged_) return;
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  // poppler reports the end, but not the beginning, of content whose properties are named: an end
  // without a beginning is therefore no error.
  if (stack_.size() <= forms_.back().depth) return;
  current_ = stack_.back();
  stack_.pop_back();
}

void MarkedContent::begin_form(Ref id) {
  if (!tagged_) return;
  int key = forms_.back().key;
  Object form = xref_->fetch(id);
  if (form.isStream()) {
    Object parents = form.streamGetDict()->lookup("StructParents");
    if (parents.isInt()) key = parents.getInt();
  }
  forms_.push_back({key, stack_.size(), current_});
}

void MarkedContent::end_form() {
  if (!tagged_ || forms_.size() < 2) return;
  stack_.resize(std::min(stack_.size(), forms_.back().depth));
  current_ = forms_.back().outer;
  forms_.pop_back();
}

std::vector<document::TaggedSpan> MarkedContent::resolve() const {
  std::vector<document::TaggedSpan> spans;
  if (!tagged_) return spans;
  StructureTree tree(xref_);
  for (const auto& [where, id] : ids_) tree.add(where.first, where.second, id);
  spans = tree.spans();
  if (artifacts_) spans.push_back({kArtifactId, "Artifact", 0});
  return spans;
}

}  // namespace pdf2md::reader
