// A development tool: one document to Markdown on stdout, from its text layer alone, without models
// and without a daemon.
//
//   convert_text_layer [--blocks] [--lines] [--page N] [--password WORD] READER DOCUMENT
//
// READER is the path of pdf2md-reader. --blocks and --lines print what page analysis saw. The
// verdict on every page's text layer goes to stderr; pages that are not trusted are left empty.
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/worker/reader_client.h"
#include "document/outputs.h"
#include "document/stages.h"

namespace {

using namespace pdf2md;
using namespace pdf2md::document;

constexpr int kTimeoutMs = 120'000;

struct Arguments {
  bool blocks = false, lines = false;
  uint32_t page = 0;
  std::vector<std::string> passwords;
  std::vector<std::string> files;
};

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--blocks")
      arguments.blocks = true;
    else if (word == "--lines")
      arguments.lines = true;
    else if (word == "--page" && i + 1 < count)
      arguments.page = static_cast<uint32_t>(std::strtoul(words[++i], nullptr, 10));
    else if (word == "--password" && i + 1 < count)
      arguments.passwords.push_back(words[++i]);
    else
      arguments.files.push_back(word);
  }
  return arguments;
}

int fail(const std::string& what, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), to_string(error).c_str());
  return 1;
}

void print_verdict(uint32_t page, const TrustVerdict& verdict, bool doubtful) {
  std::fprintf(stderr, "page %u: %s%s%s", page, name(verdict.verdict),
               verdict.suspicious ? ", suspicious" : "", doubtful ? ", layout doubtful" : "");
  for (const std::string& reason : verdict.reasons) std::fprintf(stderr, "; %s", reason.c_str());
  std::fprintf(stderr, "\n");
}

void print_line(const Line& line) {
  const uint16_t style = line.spans.empty() ? 0 : line.spans.front().style;
  const float size = line.spans.empty() ? 0 : line.spans.front().size_pt;
  std::printf("[%.1f %.1f %.1f %.1f] base %.1f turned %d size %.1f style %x: %s\n", line.box.x0,
              line.box.y0, line.box.x1, line.box.y1, line.baseline_y, line.rotation, size, style,
              line.text().c_str());
}

void print_block(const Block& block) {
  std::printf("%s level %u marker \"%s\" [%.0f %.0f %.0f %.0f]\n", name(block.type), block.level,
              block.marker.c_str(), block.box.x0, block.box.y0, block.box.x1, block.box.y1);
  for (const Line& line : block.lines) std::printf("    %s\n", line.text().c_str());
  if (!block.table) return;
  std::printf("    %u x %u%s\n", block.table->rows, block.table->columns,
              block.table->ruled ? ", ruled" : "");
  for (const Cell& cell : block.table->cells) {
    std::printf("    (%u, %u) %u x %u%s:", cell.row, cell.column, cell.row_span, cell.column_span,
                cell.header ? " header" : "");
    for (const Line& line : cell.lines) std::printf(" %s /", line.text().c_str());
    std::printf("\n");
  }
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = parse(count, words);
  if (arguments.files.size() != 2) {
    std::fprintf(stderr,
                 "usage: %s [--blocks] [--lines] [--page N] [--password WORD] READER DOCUMENT\n",
                 words[0]);
    return 2;
  }
  const std::string& document = arguments.files[1];
  worker::ReaderClient reader(arguments.files[0]);
  if (Status started = reader.start(); !started) return fail(arguments.files[0], started.error());
  Fd fd(::open(document.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail(document, io_error("cannot be opened"));
  const Result<DocumentInfo> info =
      reader.open(fd.get(), arguments.passwords, proto::DocumentLimits{}, kTimeoutMs);
  if (!info) return fail(document, info.error());

  std::vector<PageRecord> records;
  std::vector<uint32_t> pages;
  for (uint32_t page = 1; page <= info->pages; ++page) {
    if (arguments.page != 0 && page != arguments.page) continue;
    pages.push_back(page);
    PageRecord record;
    record.page = page;
    Result<PageContent> content = reader.read_page(page, kTimeoutMs);
    if (!content) {
      fail(document + ": page " + std::to_string(page), content.error());
      if (!reader.running()) return 1;
      record.status = PageStatus::kFailed;
      record.problem = content.error().message;
      records.push_back(std::move(record));
      continue;
    }
    if (!content->flow.empty()) {
      record.flow = content->flow;
      records.push_back(std::move(record));
      continue;
    }
    const TrustVerdict verdict = judge_text_layer(*content);
    PageInput input = input_from(*content);
    input.lines = lines_from_glyphs(*content);
    print_verdict(page, verdict, layout_is_doubtful(input));
    if (verdict.verdict == TextLayer::kTrusted) record = analyse_page(input);
    record.text_layer = verdict.verdict;
    if (arguments.lines)
      for (const Line& line : input.lines) print_line(line);
    if (arguments.blocks)
      for (const Block& block : record.blocks) print_block(block);
    records.push_back(std::move(record));
  }
  if (arguments.lines || arguments.blocks) return 0;

  const PageLoader load = [&](uint32_t page) -> Result<PageRecord> {
    for (const PageRecord& record : records)
      if (record.page == page) return record;
    return Error{ErrorCode::kInternal, "page " + std::to_string(page) + " was not read", ""};
  };
  const OutputOpener open = [](const std::string&) -> Result<ByteSink> {
    return ByteSink([](std::string_view bytes) -> Status {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      return Ok{};
    });
  };
  const Status written = write_outputs(*info, pages, proto::JobOptions{}, load, open);
  return written ? 0 : fail(document, written.error());
}
