// A page record, as it may lie on a disk that was tampered with, through assembly and all writers.
#include <cstdint>
#include <string>

#include "document/outputs.h"
#include "proto/fields.h"
#include "proto/output_names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pdf2md;
  Result<document::PageRecord> record =
      proto::unpack<document::PageRecord>({reinterpret_cast<const char*>(data), size});
  if (!record) return 0;
  document::DocumentInfo info;
  info.pages = 2;
  proto::JobOptions options;
  options.outputs.clear();
  for (const proto::OutputKind& kind : proto::output_kinds()) options.outputs.push_back(kind.name);
  options.mode = size % 2 == 0 ? "clean" : "grounded";
  options.chunk_tokens = 16 + static_cast<uint32_t>(size % 64);
  // The same page twice, so that what spans a page border is exercised.
  auto load = [&](uint32_t page) -> Result<document::PageRecord> {
    document::PageRecord copy = *record;
    copy.page = page;
    return copy;
  };
  size_t written = 0;
  auto open = [&](const std::string&) -> Result<document::ByteSink> {
    return document::ByteSink([&](std::string_view bytes) -> Status {
      written += bytes.size();
      return Ok{};
    });
  };
  (void)document::write_outputs(info, {1, 2}, options, load, open);
  return 0;
}
