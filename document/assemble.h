// Assembly with the statistics at hand, so that several outputs share one first pass. assemble() of
// stages.h is both passes.
#pragma once

#include <vector>

#include "document/element.h"
#include "document/stages.h"
#include "document/statistics.h"

namespace pdf2md::document {

// Pass 2. Elements come in order; footnotes that are referred to come last. Errors: those of `load`
// and `sink`.
Status assemble_elements(const std::vector<uint32_t>& pages, const proto::JobOptions& options,
                         const Statistics& statistics, const PageLoader& load,
                         const ElementSink& sink);

}  // namespace pdf2md::document
