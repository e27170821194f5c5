// The records in a job's folder, read.
#pragma once

#include <cstdint>
#include <string>

#include "document/document_info.h"
#include "document/page_record.h"
#include "proto/result.h"

namespace pdf2md::worker {

// Errors: kIo, kInternal (not a record of this build's form).
Result<document::DocumentInfo> load_info(const std::string& folder);
Result<document::PageRecord> load_page(const std::string& folder, uint32_t page);

}  // namespace pdf2md::worker
