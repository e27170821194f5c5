#include "document/outputs.h"

#include <algorithm>

#include "document/assemble.h"
#include "document/chunks.h"
#include "document/grounded.h"
#include "document/html_output.h"
#include "document/json_output.h"
#include "document/layout_pdf.h"
#include "document/text_output.h"
#include "proto/output_names.h"

namespace pdf2md::document {
namespace {

class Outputs {
 public:
  Outputs(const DocumentInfo& info, const std::vector<uint32_t>& pages,
          const proto::JobOptions& options, const Statistics& statistics, const PageLoader& load,
          const SavedPictures& saved)
      : info_(info),
        pages_(pages),
        options_(options),
        statistics_(statistics),
        load_(load),
        saved_(saved) {
    markdown_.asset_prefix = options.asset_prefix;
    markdown_.page_separator = options.page_separator;
    markdown_.blank_pages = options.blank_pages;
    markdown_.html_tables = options.tables == "html";
    if (options.image_data == "inline") markdown_.inline_images = saved.asset;
  }

  Status write(const std::string& output, const ByteSink& sink) {
    if (output == "md") return options_.mode == "grounded" ? grounded(sink) : markdown(sink);
    if (output == "json")
      return write_json(info_, pages_, statistics_, options_.asset_prefix, load_, sink);
    if (output == "txt") {
      TextWriter writer(markdown_, sink);
      return elements([&](const Element& element) { return writer.add(element); });
    }
    if (output == "html") return html(sink);
    if (output == "chunks") {
      ChunkWriter writer(markdown_, options_.chunk_tokens, sink);
      Status written = elements([&](const Element& element) { return writer.add(element); });
      return written ? writer.finish() : written;
    }
    if (output == "review") {
      return write_review({info_, pages_, options_, statistics_, load_, saved_.page}, markdown_,
                          sink);
    }
    return layout(sink);
  }

 private:
  Status elements(const ElementSink& sink) {
    return assemble_elements(pages_, options_, statistics_, load_, sink);
  }

  Status markdown(const ByteSink& sink) {
    MarkdownWriter writer(markdown_, sink);
    Status written = elements([&](const Element& element) { return writer.add(element); });
    return written ? writer.finish() : written;
  }

  Status grounded(const ByteSink& sink) {
    GroundedWriter writer(markdown_, sink);
    return elements([&](const Element& element) { return writer.add(element); });
  }

  Status html(const ByteSink& sink) {
    HtmlWriter writer(markdown_, sink);
    Status written =
        writer.begin(info_.title.empty() ? options_.name : info_.title, info_.language);
    if (written) written = elements([&](const Element& element) { return writer.add(element); });
    return written ? writer.finish() : written;
  }

  Status layout(const ByteSink& sink) {
    LayoutPdf pdf(sink);
    Status written = pdf.begin();
    for (size_t i = 0; written && i < pages_.size(); ++i) {
      Result<PageRecord> record = load_(pages_[i]);
      if (!record) return record.error();
      settle_page(*record, statistics_);
      Result<std::string> png = saved_.page ? saved_.page(pages_[i]) : std::string();
      if (!png) return png.error();
      written = pdf.page(*record, *png);
    }
    return written ? pdf.finish() : written;
  }

  const DocumentInfo& info_;
  const std::vector<uint32_t>& pages_;
  const proto::JobOptions& options_;
  const Statistics& statistics_;
  const PageLoader& load_;
  const SavedPictures& saved_;
  MarkdownOptions markdown_;
};

}  // namespace

Status write_outputs(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                     const proto::JobOptions& options, const PageLoader& load,
                     const OutputOpener& open, const SavedPictures& saved) {
  std::vector<std::string> wanted;
  for (const std::string& output : options.outputs) {
    if (proto::find_output(output) == nullptr)
      return Error{ErrorCode::kBadOptions, "output \"" + output + "\" is not known",
                   "one or more of: " + proto::output_list()};
    if (std::find(wanted.begin(), wanted.end(), output) == wanted.end()) wanted.push_back(output);
  }
  Result<Statistics> statistics = collect_statistics(info, pages, load);
  if (!statistics) return statistics.error();
  Outputs outputs(info, pages, options, *statistics, load, saved);
  for (const std::string& output : wanted) {
    Result<ByteSink> sink = open(output);
    if (!sink) return sink.error();
    Status written = outputs.write(output, *sink);
    if (!written) return written;
  }
  return Ok{};
}

}  // namespace pdf2md::document
