// Writes a small corpus for the fuzzers: make_seeds DIR makes a folder of DIR for each.
#include <cstdio>
#include <filesystem>

#include "daemon/supervisor/config.h"
#include "document/page_content.h"
#include "proto/admin_messages.h"
#include "proto/fd.h"
#include "proto/reader_messages.h"
#include "proto/service_messages.h"
#include "proto/spool_messages.h"
#include "proto/worker_messages.h"
#include "tests/unit/page_builder.h"

namespace {

using namespace pdf2md::proto;

bool write(const std::string& folder, const std::string& name, const std::string& bytes) {
  return pdf2md::write_file_durably(folder + "/" + name, bytes).ok();
}

// Adds a line of glyphs of half their size in width.
void write_line(pdf2md::document::PageContent& content, float x, float y, float size,
                const std::string& words) {
  for (char c : words) {
    pdf2md::document::Glyph glyph;
    glyph.box = {x, y - size, x + size / 2, y + size / 4};
    glyph.origin_x = x;
    glyph.origin_y = y;
    glyph.size_pt = size;
    glyph.text_offset = static_cast<uint32_t>(content.text.size());
    glyph.text_bytes = 1;
    glyph.flags = c == ' ' ? pdf2md::document::kGlyphSpace : 0;
    glyph.mcid = 1;
    content.text += c;
    content.glyphs.push_back(glyph);
    x += size / 2;
  }
}

// Two columns below a heading, a ruled table, and one of everything else.
std::string page_content() {
  pdf2md::document::PageContent content;
  content.page = 1;
  content.width_pt = 595;
  content.height_pt = 842;
  content.fonts.resize(1);
  content.fonts[0].name = "Helvetica-Bold";
  write_line(content, 72, 80, 18, "1 A heading");
  for (int row = 0; row < 8; ++row) {
    float y = 120 + 12 * static_cast<float>(row);
    write_line(content, 72, y, 10, row < 4 ? "the left column hy-" : "- an item of a list");
    write_line(content, 320, y, 10, "phenated on the right");
  }
  for (int row = 0; row < 4; ++row) {
    float y = 300 + 20 * static_cast<float>(row);
    content.rules.push_back({{72, y, 472, y + 0.5f}, 0});
    for (int column = 0; column < 3; ++column) {
      float x = 72 + 200 * static_cast<float>(column);
      content.rules.push_back({{x, 300, x + 0.5f, 360}, 0});
      if (row < 3 && column < 2) write_line(content, x + 5, y + 15, 10, "cell 12.5");
    }
  }
  content.fills.push_back({{72, 300, 472, 320}, 0xCCCCCC, pdf2md::document::kFillFilled});
  content.images.resize(1);
  content.images[0].box = {72, 400, 272, 500};
  content.images[0].encoding = "dct";
  write_line(content, 72, 515, 9, "Figure 1. A caption");
  content.links.push_back({{72, 108, 120, 122}, "https://example.org/", 0, 0});
  content.widgets.push_back({{72, 600, 200, 615}, "text", "name", "value"});
  content.tags.push_back({1, "P", 1});
  return pdf2md::document::pack_content(content);
}

std::string page_record() {
  using namespace pdf2md::document::test;
  pdf2md::document::Block figure;
  figure.type = pdf2md::document::BlockType::kFigure;
  figure.box = {72, 500, 300, 600};
  figure.asset = "p0001-1.png";
  pdf2md::document::PageRecord record =
      page(1, {heading(80, "1 A heading"), text(120, {"a paragraph that is hy-", "phenated"}),
               item(200, "-", "an item"), item(215, "1.", "another", 1),
               table(300, {{"a", "b"}, {"1", "2"}}), figure,
               text(620, {"Figure 1. A caption"}, pdf2md::document::BlockType::kCaption),
               text(700, {"1 A note"}, pdf2md::document::BlockType::kFootnote, 8)});
  record.links.push_back({{72, 108, 120, 122}, "https://example.org/", 0, 0});
  return pack(record);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: make_seeds DIR\n"), 2;
  std::string decode = std::string(argv[1]) + "/decode", config = std::string(argv[1]) + "/config";
  std::string pages = std::string(argv[1]) + "/page_content";
  std::string records = std::string(argv[1]) + "/page_record";
  for (const std::string& folder : {decode, config, pages, records})
    std::filesystem::create_directories(folder);
  Submit submit;
  submit.options.name = "a.pdf";
  submit.options.passwords = {"x"};
  submit.size = 3;
  Event event;
  event.kind = EventKind::kPage;
  event.page = 3;
  Jobs jobs;
  jobs.jobs.resize(2);
  jobs.jobs[0].outputs = {{"md", 5}};
  jobs.jobs[1].pages_failed = {1, 2};
  WorkerList workers;
  workers.workers.resize(1);
  SpoolReport spool;
  spool.jobs = {{1, "a.pdf", JobState::kDone, 5, 6}};
  Reloaded reloaded{{{"file:1", "wrong"}}, {{"workers", "1", "2", "now"}}};
  DeathList deaths;
  deaths.deaths.resize(1);
  Probed probed{7, {1, 2, 3}, 3, "note"};
  bool ok =
      write(pages, "page", page_content()) && write(records, "page", page_record()) &&
      write(decode, "hello", encode_frame(Hello{})) &&
      write(decode, "submit",
            encode_frame(submit) + encode_frame(Data{Bytes{"abc"}}) + encode_frame(DataEnd{})) &&
      write(decode, "event", encode_frame(event)) && write(decode, "jobs", encode_frame(jobs)) &&
      write(decode, "status", encode_frame(StatusRequest{5})) &&
      write(decode, "workers", encode_frame(workers)) &&
      write(decode, "health", encode_frame(HealthReport{})) &&
      write(decode, "configure", encode_frame(Configure{})) &&
      write(decode, "convert",
            encode_frame(Convert{1, 2, "/f", {}, {1, 2}, Effort::kTextLayerOnly})) &&
      write(decode, "probed", encode_frame(probed)) &&
      write(decode, "assembled", encode_frame(Assembled{1, {{"md", 1}}})) &&
      write(decode, "set-priority", encode_frame(SetPriority{1, 7})) &&
      write(decode, "spool", encode_frame(spool)) &&
      write(decode, "restart-worker", encode_frame(RestartWorker{1})) &&
      write(decode, "reloaded", encode_frame(reloaded)) &&
      write(decode, "deaths", encode_frame(deaths)) &&
      write(decode, "render", encode_frame(Render{})) &&
      write(config, "all", pdf2md::supervisor::print_config(pdf2md::supervisor::Config())) &&
      write(config, "control-character", "workers = 5\n[\x02socket]\n") &&
      write(config, "few", "workers = 2\n[limits]\nmax_pages = 5\n[socket]\nmode = \"0600\"\n");
  return ok ? 0 : 1;
}
