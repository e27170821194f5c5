// What a batch says: a line for each document, and the summary. Pure.
#pragma once

#include "ctl/batch_record.h"

namespace pdf2md::ctl {

// "[12/300] sub/a.pdf: 14 pages, 3.2 s, 0.23 s/page; page 3 failed; ...", or why it failed.
std::string document_line(const BatchResult& result, uint64_t number, uint64_t count);

// "300 documents: 281 converted, ..."; then, where there are any, the failed ones with their
// reasons.
std::string summary(const BatchCounts& counts, const std::vector<BatchResult>& failed,
                    const std::string& record_path);

}  // namespace pdf2md::ctl
