// One page of HTML to look through what became of a document: places that failed or were read with
// little confidence first, then every page's picture with its boxes beside its Markdown. It holds
// its pictures and needs nothing else. Written as it comes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "document/markdown.h"
#include "document/stages.h"
#include "document/statistics.h"

namespace pdf2md::document {

// A picture of the page as its record sees it (upright, straight), as PNG; empty: there is none.
using PictureLoader = std::function<Result<std::string>(uint32_t page)>;

struct ReviewInput {
  const DocumentInfo& info;
  const std::vector<uint32_t>& pages;
  const proto::JobOptions& options;
  const Statistics& statistics;
  const PageLoader& load;
  const PictureLoader& picture;
};
Status write_review(const ReviewInput& input, const MarkdownOptions& markdown,
                    const ByteSink& sink);

}  // namespace pdf2md::document
