#include "daemon/worker/flow_page.h"

#include <algorithm>

#include "daemon/worker/clock.h"
#include "daemon/worker/png.h"
#include "document/page_flow.h"

namespace pdf2md::worker {

Result<document::PageRecord> record_of_flow(const document::PageContent& content,
                                            ReaderClient& reader, const SaveAsset& save,
                                            int64_t deadline_ms) {
  Result<document::PageFlow> flow = document::unpack_flow(content.flow);
  if (!flow) return flow.error();
  document::PageRecord record;
  record.page = content.page;
  record.label = content.label;
  if (flow->elements.empty()) record.status = document::PageStatus::kBlank;
  for (uint32_t i = 0; save != nullptr && i < flow->pictures.size(); ++i) {
    const int left_ms = static_cast<int>(std::max<int64_t>(1, deadline_ms - now_ms()));
    Result<MappedRaster> raster = reader.render_picture(content.page, i, left_ms);
    if (!raster && !reader.running()) return raster.error();
    if (!raster) continue;
    Result<std::string> png = encode_png(models::ImageView{
        raster->pixels(), raster->width(), raster->height(), raster->stride(), raster->channels()});
    if (!png) return png.error();
    const std::string name = document::asset_name(content.page, i + 1);
    Status saved = save(name, *png);
    if (!saved) return saved.error();
    flow->elements[flow->pictures[i].element].asset = name;
  }
  record.flow = document::pack_flow(*flow);
  return record;
}

}  // namespace pdf2md::worker
