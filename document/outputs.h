// The outputs of a job from its page records. daemon/worker/assemble_task.cc opens the files.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "document/markdown.h"
#include "document/review.h"
#include "document/stages.h"

namespace pdf2md::document {

// Opens the output of this name (proto/output_names.h) and returns where its bytes go.
using OutputOpener = std::function<Result<ByteSink>(const std::string& output)>;

// What page threads saved beside the records. Either may be empty.
struct SavedPictures {
  AssetLoader asset;   // of figures
  PictureLoader page;  // of whole pages
};

// Writes every output of options.outputs, one after the other, each once. The first pass over the
// records is shared. Errors: kBadOptions for an output that is not known (before anything is
// opened), those of `load`, `open`, `saved` and the sinks.
Status write_outputs(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                     const proto::JobOptions& options, const PageLoader& load,
                     const OutputOpener& open, const SavedPictures& saved = {});

}  // namespace pdf2md::document
