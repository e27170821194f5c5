#include "daemon/worker/script_client.h"

#include <algorithm>

#include "daemon/worker/clock.h"
#include "proto/memfd.h"

namespace pdf2md::worker {
namespace {

struct Packed {
  std::vector<proto::LineSize> sizes;
  Fd pixels;
};

uint8_t grey_of(const uint8_t* pixel, int channels) {
  if (channels == 1) return pixel[0];
  return static_cast<uint8_t>((pixel[0] + 2 * pixel[1] + pixel[2] + 2) / 4);
}

Result<Packed> pack(ScriptClient::Lines lines) {
  Packed packed;
  std::string bytes;
  for (const models::Image& crop : lines) {
    const models::ImageView line = crop.view();
    packed.sizes.push_back({static_cast<uint32_t>(line.width), static_cast<uint32_t>(line.height)});
    for (int y = 0; y < line.height; ++y) {
      const uint8_t* row = line.data + static_cast<ptrdiff_t>(y) * line.stride;
      for (int x = 0; x < line.width; ++x)
        bytes.push_back(static_cast<char>(
            grey_of(row + static_cast<ptrdiff_t>(x) * line.channels, line.channels)));
    }
  }
  Result<Fd> file = proto::sealed_memfd(bytes);
  if (!file) return file.error();
  packed.pixels = std::move(*file);
  return packed;
}

}  // namespace

// A confined process starts no threads: OpenMP has to know before.
ScriptClient::ScriptClient(std::string program, const proto::DocumentLimits& limits)
    : child_(std::move(program), "script reader", {"OMP_THREAD_LIMIT=1"}), limits_(limits) {}

Result<proto::ScriptsOpened> ScriptClient::start(int timeout_ms) {
  child_.note_memory_limit(limits_.reader_memory_bytes);
  Status started = child_.start();
  if (!started) return started.error();
  Result<proto::Message> answer = child_.ask(
      proto::encode_frame(proto::OpenScripts{limits_.reader_memory_bytes, limits_.page_timeout_ms}),
      proto::kScriptsOpened, timeout_ms);
  if (!answer) return answer.error();
  Result<proto::ScriptsOpened> opened = proto::from_value<proto::ScriptsOpened>(answer->body);
  if (!opened) return child_.dead(opened.error());
  return opened;
}

Result<std::string> ScriptClient::tell_script(Lines lines, int timeout_ms) {
  Result<Packed> packed = pack(lines);
  if (!packed) return packed.error();
  Result<proto::Message> answer = child_.ask(proto::encode_frame(proto::TellScript{packed->sizes}),
                                             proto::kScriptTold, timeout_ms, packed->pixels.get());
  if (!answer) return answer.error();
  Result<proto::ScriptTold> told = proto::from_value<proto::ScriptTold>(answer->body);
  if (!told) return child_.dead(told.error());
  return told->script;
}

Result<std::vector<proto::LineRead>> ScriptClient::read(const std::string& script, Lines lines,
                                                        int64_t deadline_ms) {
  std::vector<proto::LineRead> all;
  while (all.size() < lines.size()) {
    const Lines part = lines.subspan(
        all.size(), std::min<size_t>(lines.size() - all.size(), proto::kMaxLinesOfRequest));
    Result<Packed> packed = pack(part);
    if (!packed) return packed.error();
    const int left_ms = static_cast<int>(std::max<int64_t>(1, deadline_ms - now_ms()));
    Result<proto::Message> answer =
        child_.ask(proto::encode_frame(proto::ReadLines{script, packed->sizes}), proto::kLinesRead,
                   left_ms, packed->pixels.get());
    if (!answer) return answer.error();
    Result<proto::LinesRead> read = proto::from_value<proto::LinesRead>(answer->body);
    if (!read) return child_.dead(read.error());
    if (read->lines.size() != part.size()) return child_.lied("read another number of lines");
    all.insert(all.end(), std::make_move_iterator(read->lines.begin()),
               std::make_move_iterator(read->lines.end()));
  }
  return all;
}

}  // namespace pdf2md::worker
