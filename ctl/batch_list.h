// The documents of a batch: what was named, what lies below the folders that were named, and what a
// list names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/input.h"

namespace pdf2md::ctl {

struct BatchInput {
  std::string path;      // to open it
  std::string absolute;  // wherever this program is started
  std::string relative;  // below the folder that was named; of a document that was named, its name
  std::optional<Error> error;  // it, or the folder, cannot be read
};

struct BatchListRequest {
  std::vector<std::string> operands;
  bool recursive = false;     // folders stand for the documents in them
  std::string output_folder;  // not searched, unless it is named
};

// In the order of the operands, a folder's documents sorted by path; each document once. In folders,
// documents are known by their endings, links to folders are not followed, and names that start with
// a dot are passed over. Errors: kCancelled.
Result<std::vector<BatchInput>> list_documents(const BatchListRequest& request);

// The names in a list: separated by NUL where there is one in it (find -print0), else by line ends.
std::vector<std::string> split_names(std::string_view list);

// The list in a file, or from standard input ("-"). Errors: kIo, kCancelled.
Result<std::vector<std::string>> read_names(const std::string& path);

// Links in its folders resolved; the document itself may be a link of its own name.
std::string absolute_path(const std::string& path);

// "paper.pdf", "PAPER.PDF": an ending of a document.
bool is_document_name(std::string_view name);

}  // namespace pdf2md::ctl
