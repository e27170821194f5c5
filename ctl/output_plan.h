// Where the results of each document go, decided before any work starts.
//
//   no -o, one document, one output    standard output, without images
//   no -o, otherwise                   beside the sources: name.md, name_review.html
//   -o -                               standard output, without images
//   -o DIR/ (or a folder that exists)  DIR/name.md, DIR/name_review.html
//   -o FILE                            FILE; several outputs: FILE with its ending exchanged
//
// Images of name.md go to name_assets/ beside it. Endings are those of proto/output_names.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "proto/result.h"

namespace pdf2md::ctl {

struct Target {
  std::string output;  // "md", "review"
  std::string path;    // empty: standard output
};

struct DocumentPlan {
  std::string input;  // as typed
  std::string name;   // for messages and the daemon's lists
  std::vector<Target> targets;
  std::string asset_folder;  // without a slash at its end; empty: no images
  std::string
      asset_prefix;  // stands before an image's name in links: a relative URL, "name_assets/"
};

struct PlanRequest {
  std::vector<std::string> inputs;
  std::string name;                          // --name
  std::vector<std::string> outputs;          // not empty
  const std::string* output_path = nullptr;  // -o; null: not given
  bool images = true;                        // as files
};

enum class PathKind { kMissing, kFile, kFolder, kSpecial };  // kSpecial: device, pipe, socket
using PathProbe = std::function<PathKind(const std::string& path)>;

// Errors: kBadOptions: two results would have one path, several documents one file, and the like.
Result<std::vector<DocumentPlan>> plan_outputs(const PlanRequest& request, const PathProbe& probe);

// A document's results beside each other: `stem` with an ending each, images in a folder.
DocumentPlan plan_at(const std::string& input, const std::string& name, const std::string& stem,
                     const std::vector<std::string>& outputs, bool images);

// The file of an output: "paper" and "review" → "paper_review.html".
std::string output_file(const std::string& stem, const std::string& output);

std::string base_name(const std::string& path);             // "a/b.pdf" → "b.pdf"
std::string without_extension(const std::string& name);     // "b.tar.gz" → "b.tar"; ".pdf" stays
std::string percent_encoded(const std::string& reference);  // usable as a link target in Markdown
std::string percent_decoded(const std::string& reference);

// The folder that a job's images lie in when its results are written out: "name_assets".
std::string asset_folder_name(const std::string& job_name);

}  // namespace pdf2md::ctl
