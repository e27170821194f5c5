#include "document/review_doubts.h"

#include <algorithm>
#include <tuple>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr size_t kExcerptBytes = 160;

std::string excerpt(const Block& block) {
  std::string text;
  for (const Line& line : block.lines) {
    for (char32_t c : code_points(line.text())) {
      if (text.size() >= kExcerptBytes) return text + "…";
      append_code_point(text, c);
    }
    text += ' ';
  }
  return std::string(trimmed(text));
}

int urgency(const Doubt& doubt) {
  return doubt.status == PageStatus::kFailed ? 0 : doubt.status == PageStatus::kDegraded ? 1 : 2;
}

}  // namespace

std::vector<Doubt> doubts_of(const PageRecord& record) {
  std::vector<Doubt> doubts;
  Doubt doubt;
  doubt.page = record.page;
  doubt.page_width_pt = record.width_pt;
  doubt.page_height_pt = record.height_pt;
  if (record.status == PageStatus::kFailed || record.status == PageStatus::kDegraded) {
    doubt.status = record.status;
    doubt.box = {0, 0, record.width_pt, record.height_pt};
    doubt.text = record.problem;
    doubts.push_back(doubt);
  }
  doubt.status = PageStatus::kOk;
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    const Block& block = record.blocks[i];
    if (block.type == BlockType::kNoise || block.confidence >= kDoubtful) continue;
    doubt.block = static_cast<uint32_t>(i);
    doubt.confidence = block.confidence;
    doubt.box = block.box;
    doubt.text = excerpt(block);
    doubts.push_back(doubt);
  }
  return doubts;
}

size_t sort_doubts(std::vector<Doubt>& doubts, size_t most) {
  std::stable_sort(doubts.begin(), doubts.end(), [](const Doubt& a, const Doubt& b) {
    return std::tuple(urgency(a), a.confidence, a.page) <
           std::tuple(urgency(b), b.confidence, b.page);
  });
  if (doubts.size() <= most) return 0;
  const size_t left_out = doubts.size() - most;
  doubts.resize(most);
  return left_out;
}

}  // namespace pdf2md::document
