#include "proto/output_names.h"

#include <algorithm>

namespace pdf2md::proto {
namespace {

constexpr OutputKind kKinds[] = {
    {"md", ".md", false},
    {"json", ".json", false},
    {"txt", ".txt", false},
    {"html", ".html", false},
    {"chunks", "_chunks.jsonl", false},
    {"review", "_review.html", true},
    {"layout", "_layout.pdf", true},
};

}  // namespace

std::span<const OutputKind> output_kinds() {
  return kKinds;
}

const OutputKind* find_output(std::string_view name) {
  for (const OutputKind& kind : kKinds)
    if (name == kind.name) return &kind;
  return nullptr;
}

bool shows_pages(const std::vector<std::string>& outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](const std::string& name) {
    const OutputKind* kind = find_output(name);
    return kind != nullptr && kind->pictures;
  });
}

std::string output_list() {
  std::string list;
  for (const OutputKind& kind : kKinds) list += (list.empty() ? "" : ", ") + std::string(kind.name);
  return list;
}

}  // namespace pdf2md::proto
