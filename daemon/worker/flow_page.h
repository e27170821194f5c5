// A page of a book (document/page_flow.h): its pictures are saved, and the rest goes on as it is.
#pragma once

#include <cstdint>

#include "daemon/worker/page_pipeline.h"

namespace pdf2md::worker {

// The page must be the one that the reader read last. Pictures that cannot be decoded leave their
// captions. save: null where pictures are not wanted. Errors: those of `save`, and of a reader that
// is lost.
Result<document::PageRecord> record_of_flow(const document::PageContent& content,
                                            ReaderClient& reader, const SaveAsset& save,
                                            int64_t deadline_ms);

}  // namespace pdf2md::worker
