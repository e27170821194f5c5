#include "daemon/worker/records.h"

#include "proto/fd.h"
#include "proto/fields.h"
#include "proto/job_folder.h"

namespace pdf2md::worker {
namespace {

// Records are our own and may be large (a page of two million glyphs); these only stop a damaged
// file.
constexpr size_t kMaxRecordBytes = 1u << 30;
constexpr proto::DecodeLimits kRecordLimits{16, size_t{1} << 27, size_t{1} << 30};

template <class Record>
Result<Record> load_record(const std::string& path) {
  Result<std::string> bytes = read_file(path, kMaxRecordBytes);
  if (!bytes) return bytes.error();
  Result<Record> record = proto::unpack<Record>(*bytes, kRecordLimits);
  if (!record) return Error{ErrorCode::kInternal, path + ": " + record.error().message, ""};
  return record;
}

}  // namespace

Result<document::DocumentInfo> load_info(const std::string& folder) {
  return load_record<document::DocumentInfo>(proto::info_path(folder));
}

Result<document::PageRecord> load_page(const std::string& folder, uint32_t page) {
  return load_record<document::PageRecord>(proto::page_record_path(folder, page));
}

}  // namespace pdf2md::worker
