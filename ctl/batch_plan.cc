#include "ctl/batch_plan.h"

#include <algorithm>

#include "ctl/batch_record.h"
#include "ctl/option_table.h"
#include "ctl/output_plan.h"

namespace pdf2md::ctl {

std::optional<Shard> parse_shard(const std::string& text) {
  size_t slash = text.find('/');
  Shard shard;
  if (slash == std::string::npos || !parse_number(text.substr(0, slash), shard.number) ||
      !parse_number(text.substr(slash + 1), shard.count)) {
    return std::nullopt;
  }
  if (shard.number == 0 || shard.number > shard.count) return std::nullopt;
  return shard;
}

bool is_in_shard(const std::string& relative, const Shard& shard) {
  // FNV-1a, and a last mixing: its low bits alone are not even enough for small counts.
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : relative) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32;
  return hash % shard.count == shard.number - 1;
}

void BatchNames::keep(const std::string& document, const std::string& stem) {
  taken_.insert(stem);
  // A name of the other layout stays taken, but is not what is asked for now.
  bool of_flat = stem.find('/') == std::string::npos;
  if (of_flat == flat_) stems_.emplace(document, stem);
}

std::string BatchNames::wanted(const std::string& relative, uint32_t number) const {
  std::string name = without_extension(base_name(relative));
  if (number > 0) name += "_" + std::to_string(number);
  if (flat_) return name;
  size_t slash = relative.rfind('/');
  std::string folder = slash == std::string::npos ? "" : relative.substr(0, slash + 1);
  return folder + name + "/" + name;
}

std::string BatchNames::name_for(const std::string& document, const std::string& relative) {
  auto known = stems_.find(document);
  if (known != stems_.end()) return known->second;
  uint32_t& number = numbers_[wanted(relative, 0)];
  for (;;) {
    std::string stem = wanted(relative, number++);
    if (is_record_name(stem) || !taken_.insert(stem).second) continue;
    stems_.emplace(document, stem);
    return stem;
  }
}

bool is_up_to_date(int64_t document_ns, const std::vector<std::optional<int64_t>>& results_ns) {
  return std::all_of(results_ns.begin(), results_ns.end(),
                     [&](const std::optional<int64_t>& one) { return one && *one >= document_ns; });
}

}  // namespace pdf2md::ctl
