// Which results the documents of a batch get, and which of the documents are to be converted. Pure.
//
//   by default    OUT/sub/paper/paper.md, where the document was sub/paper.pdf: a folder each
//   --flat        OUT/paper.md
//
// Where two documents would get one name, the later one gets paper_1, and so on. A name, once given,
// stays with its document in later runs (batch_record.h remembers it), whatever is added or removed.
// A document is known by its path, as seen from the output folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pdf2md::ctl {

// What a part of a batch, on one machine of several, converts: number 1 to count.
struct Shard {
  uint32_t number = 1;
  uint32_t count = 1;
};

// "2/5". Nothing for anything else.
std::optional<Shard> parse_shard(const std::string& text);

// By the path alone, so that every part decides alike, whatever is added meanwhile.
bool is_in_shard(const std::string& relative, const Shard& shard);

// Where a result lies below the output folder, without its ending: "sub/paper/paper".
class BatchNames {
 public:
  explicit BatchNames(bool flat) : flat_(flat) {}

  // Of an earlier run.
  void keep(const std::string& document, const std::string& stem);
  // The name of a document: the one that it has, or the first that is free.
  std::string name_for(const std::string& document, const std::string& relative);

 private:
  std::string wanted(const std::string& relative, uint32_t number) const;

  bool flat_;
  std::map<std::string, std::string> stems_;  // by document
  std::set<std::string> taken_;
  std::map<std::string, uint32_t> numbers_;  // the one to try next, by the name without one
};

// Nothing is to be done: the results are there, and not older than the document. `results_ns`: when
// each was changed last; nothing for one that is missing.
bool is_up_to_date(int64_t document_ns, const std::vector<std::optional<int64_t>>& results_ns);

}  // namespace pdf2md::ctl
