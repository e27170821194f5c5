#include "document/outputs.h"

#include <algorithm>

#include "document/assemble.h"
#include "document/json_output.h"

namespace pdf2md::document {

Status write_outputs(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                     const proto::JobOptions& options, const PageLoader& load,
                     const OutputOpener& open) {
  std::vector<std::string> wanted;
  for (const std::string& output : options.outputs) {
    if (output != "md" && output != "json")
      return Error{ErrorCode::kBadOptions, "output \"" + output + "\" is not known",
                   "one or more of: md, json"};
    if (std::find(wanted.begin(), wanted.end(), output) == wanted.end()) wanted.push_back(output);
  }
  Result<Statistics> statistics = collect_statistics(info, pages, load);
  if (!statistics) return statistics.error();
  for (const std::string& output : wanted) {
    Result<ByteSink> sink = open(output);
    if (!sink) return sink.error();
    if (output == "json") {
      Status written = write_json(info, pages, *statistics, options.asset_prefix, load, *sink);
      if (!written) return written;
      continue;
    }
    MarkdownWriter writer({options.asset_prefix, options.page_separator, options.blank_pages},
                          *sink);
    Status written = assemble_elements(pages, options, *statistics, load,
                                       [&](const Element& element) { return writer.add(element); });
    if (written) written = writer.finish();
    if (!written) return written;
  }
  return Ok{};
}

}  // namespace pdf2md::document
