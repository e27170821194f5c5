// What a page's record and the models that were asked tell about the way that was taken. Pure.
#pragma once

#include "daemon/worker/model_executor.h"
#include "document/page_record.h"
#include "proto/page_route.h"

namespace pdf2md::worker {

proto::PageRoute route_of(const document::PageRecord& record, unsigned models_asked);

}  // namespace pdf2md::worker
