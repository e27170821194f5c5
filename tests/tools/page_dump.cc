// Shows what pdf2md-reader finds in a document: for development, not installed.
//
//   page_dump FILE                      the document
//   page_dump FILE PAGE                 and a page's content
//     --glyphs        every glyph, not only the text
//     --tsv           glyphs, rules and fills as tab-separated lines, for scripts
//     --text          the page's visible text only
//     --png OUT       render the page (--dpi N, --grey)
//     --time          how long each step took, and the reader's memory
//     --password P    may be repeated
//     --reader PATH   pdf2md-reader; default: beside this program
#include <fcntl.h>
#include <png.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "daemon/worker/reader_client.h"

namespace {

using namespace pdf2md;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string file, png, reader;
  std::vector<std::string> passwords;
  uint32_t page = 0;
  double dpi = 72;
  bool glyphs = false, tsv = false, text = false, grey = false, time = false;
};

constexpr int kTimeoutMs = 120000;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

int fail(const char* step, const Error& error) {
  std::fprintf(stderr, "%s: %s: %s\n", step, name(error.code), to_string(error).c_str());
  return 1;
}

void print_memory(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM") || line.starts_with("VmPeak"))
      std::printf("# reader %s\n", line.c_str());
  }
}

std::string text_of(document::Box b) {
  char out[80];
  std::snprintf(out, sizeof out, "%.2f,%.2f,%.2f,%.2f", b.x0, b.y0, b.x1, b.y1);
  return out;
}

std::string flags_of(const document::Glyph& g) {
  std::string out;
  constexpr const char* kNames[] = {"invisible",   "no-unicode", "space",  "off-page",
                                    "actual-text", "vertical",   "covered"};
  for (int bit = 0; bit < 7; ++bit) {
    if ((g.flags & (1 << bit)) != 0) out += (out.empty() ? "" : "+") + std::string(kNames[bit]);
  }
  return out.empty() ? "-" : out;
}

void print_info(const document::DocumentInfo& info) {
  std::printf("%s %s, %u pages, encryption %s%s\n", info.type.c_str(), info.version.c_str(),
              info.pages, info.encryption.c_str(), info.tagged ? ", tagged" : "");
  auto line = [](const char* label, const std::string& value) {
    if (!value.empty()) std::printf("  %-9s %s\n", label, value.c_str());
  };
  line("title", info.title);
  line("author", info.author);
  line("subject", info.subject);
  line("producer", info.producer);
  line("creator", info.creator);
  line("created", info.created);
  line("language", info.language);
  line("damage", info.damage);
  for (const document::Bookmark& b : info.bookmarks) {
    std::printf("  %*s- %s  (page %u, y %.0f)\n", static_cast<int>(2 * b.level), "",
                b.title.c_str(), b.page, b.y);
  }
}

void print_tsv(const document::PageContent& c) {
  std::printf("page\t%u\t%.2f\t%.2f\t%d\n", c.page, c.width_pt, c.height_pt, c.rotation);
  for (const document::Glyph& g : c.glyphs) {
    std::printf("glyph\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%06x\t%s\t%u\t%s\n", g.box.x0,
                g.box.y0, g.box.x1, g.box.y1, g.origin_x, g.origin_y, g.size_pt, g.rotation, g.rgb,
                flags_of(g).c_str(), g.font, std::string(c.glyph_text(g)).c_str());
  }
  for (const document::Rule& r : c.rules) {
    std::printf("rule\t%.2f\t%.2f\t%.2f\t%.2f\t%06x\n", r.box.x0, r.box.y0, r.box.x1, r.box.y1,
                r.rgb);
  }
  for (const document::Fill& f : c.fills) {
    std::printf("fill\t%.2f\t%.2f\t%.2f\t%.2f\t%06x\t%u\n", f.box.x0, f.box.y0, f.box.x1, f.box.y1,
                f.rgb, f.flags);
  }
  for (const document::PlacedImage& i : c.images) {
    std::printf("image\t%.2f\t%.2f\t%.2f\t%.2f\t%s\n", i.box.x0, i.box.y0, i.box.x1, i.box.y1,
                i.encoding.c_str());
  }
}

// In drawing order, with a space or a line break where the pen jumps: for comparing, not for
// reading.
void print_text(const document::PageContent& c) {
  const document::Glyph* last = nullptr;
  for (const document::Glyph& g : c.glyphs) {
    if ((g.flags &
         (document::kGlyphInvisible | document::kGlyphOffPage | document::kGlyphCovered)) != 0)
      continue;
    if (last != nullptr) {
      float along = std::max(g.size_pt, last->size_pt);
      bool same_line = std::abs(g.origin_y - last->origin_y) < 0.3f * along;
      bool same_column = std::abs(g.origin_x - last->origin_x) < 0.3f * along;
      bool upright = g.rotation % 180 == 0 && (g.flags & document::kGlyphVertical) == 0;
      const bool apart =
          upright ? g.box.x0 - last->box.x1 > 0.15f * along || last->box.x0 - g.box.x1 > along
                  : g.box.y0 - last->box.y1 > 0.15f * along;
      if (upright ? !same_line : !same_column)
        std::printf("\n");
      else if (apart)
        std::printf(" ");
    }
    std::string text(c.glyph_text(g));
    std::fwrite(text.data(), 1, text.size(), stdout);
    last = &g;
  }
  std::printf("\n");
}

void print_content(const document::PageContent& c, bool glyphs) {
  std::printf("page %u \"%s\": %.2f x %.2f pt, rotation %d%s%s%s\n", c.page, c.label.c_str(),
              c.width_pt, c.height_pt, c.rotation, c.truncated ? ", truncated" : "",
              c.problem.empty() ? "" : ", problem: ", c.problem.c_str());
  std::printf("  %zu glyphs, %zu rules, %zu fills, %zu images, %zu links, %zu widgets, %zu tags\n",
              c.glyphs.size(), c.rules.size(), c.fills.size(), c.images.size(), c.links.size(),
              c.widgets.size(), c.tags.size());
  for (size_t i = 0; i < c.fonts.size(); ++i) {
    const document::Font& f = c.fonts[i];
    std::printf("  font %zu: %s%s%s%s%s%s%s%s%s\n", i, f.name.c_str(), f.bold ? " bold" : "",
                f.italic ? " italic" : "", f.monospaced ? " monospaced" : "",
                f.serif ? " serif" : "", f.symbolic ? " symbolic" : "",
                f.embedded ? " embedded" : "", f.has_to_unicode ? " to-unicode" : "",
                f.type3 ? " type3" : "");
  }
  for (const document::Glyph& g : c.glyphs) {
    if (!glyphs) break;
    std::printf(
        "  glyph %-4s box %s origin %.2f,%.2f size %.2f font %u rot %d rgb %06x mcid %d %s\n",
        std::string(c.glyph_text(g)).c_str(), text_of(g.box).c_str(), g.origin_x, g.origin_y,
        g.size_pt, g.font, g.rotation, g.rgb, g.mcid == 0xFFFF ? -1 : g.mcid, flags_of(g).c_str());
  }
  for (const document::Rule& r : c.rules)
    std::printf("  rule %s rgb %06x\n", text_of(r.box).c_str(), r.rgb);
  for (const document::Fill& f : c.fills) {
    std::printf("  fill %s rgb %06x flags %u\n", text_of(f.box).c_str(), f.rgb, f.flags);
  }
  for (const document::PlacedImage& i : c.images) {
    std::printf("  image %s %u x %u px %s%s%s%s\n", text_of(i.box).c_str(), i.width_px, i.height_px,
                i.encoding.c_str(), i.mask ? " mask" : "", i.bilevel ? " bilevel" : "",
                i.grey ? " grey" : "");
  }
  for (const document::Link& l : c.links) {
    std::printf("  link %s → %s page %u y %.0f\n", text_of(l.box).c_str(), l.uri.c_str(),
                l.target_page, l.target_y);
  }
  for (const document::Widget& w : c.widgets) {
    std::printf("  widget %s %s \"%s\" = \"%s\"\n", text_of(w.box).c_str(), w.kind.c_str(),
                w.name.c_str(), w.value.c_str());
  }
  for (const document::TaggedSpan& t : c.tags)
    std::printf("  tag %u: %s, element %u\n", t.mcid, t.role.c_str(), t.element);
}

bool write_png(const std::string& path, const worker::MappedRaster& raster) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(raster.width());
  image.height = static_cast<png_uint_32>(raster.height());
  image.format = raster.channels() == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  return png_image_write_to_file(&image, path.c_str(), 0, raster.pixels(), raster.stride(),
                                 nullptr) != 0;
}

bool parse(int argc, char** argv, Options& o) {
  std::string self = argv[0];
  o.reader = self.substr(0, self.rfind('/') + 1) + "pdf2md-reader";
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    auto value = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (a == "--png")
      o.png = value();
    else if (a == "--dpi")
      o.dpi = std::atof(value().c_str());
    else if (a == "--password")
      o.passwords.push_back(value());
    else if (a == "--reader")
      o.reader = value();
    else if (a == "--grey")
      o.grey = true;
    else if (a == "--glyphs")
      o.glyphs = true;
    else if (a == "--tsv")
      o.tsv = true;
    else if (a == "--text")
      o.text = true;
    else if (a == "--time")
      o.time = true;
    else if (a.starts_with("--"))
      return false;
    else if (o.file.empty())
      o.file = a;
    else
      o.page = static_cast<uint32_t>(std::atoi(a.c_str()));
  }
  return !o.file.empty();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: page_dump FILE [PAGE] [--glyphs|--tsv|--text] [--png OUT --dpi N --grey] "
                 "[--time]\n");
    return 2;
  }
  Fd file(::open(options.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail("open", io_error(options.file));
  worker::ReaderClient reader(options.reader);
  Clock::time_point start = Clock::now();
  Status started = reader.start();
  if (!started) return fail("start", started.error());
  proto::DocumentLimits limits;
  Result<document::DocumentInfo> info =
      reader.open(file.get(), options.passwords, limits, kTimeoutMs);
  double open_ms = ms_since(start);
  if (!info) return fail("open", info.error());
  bool quiet = options.tsv || options.text;
  if (!quiet) print_info(*info);
  if (options.time) std::printf("# start and open: %.1f ms\n", open_ms);
  if (options.page > 0) {
    start = Clock::now();
    Result<document::PageContent> content = reader.read_page(options.page, kTimeoutMs);
    double read_ms = ms_since(start);
    if (!content) return fail("read", content.error());
    if (options.tsv)
      print_tsv(*content);
    else if (options.text)
      print_text(*content);
    else
      print_content(*content, options.glyphs);
    if (options.time) std::printf("# read page: %.1f ms\n", read_ms);
    if (!options.png.empty()) {
      start = Clock::now();
      Result<worker::MappedRaster> raster =
          reader.render(options.page, options.dpi, options.grey, {}, kTimeoutMs);
      double render_ms = ms_since(start);
      if (!raster) return fail("render", raster.error());
      if (!write_png(options.png, *raster)) return fail("png", io_error(options.png));
      if (options.time) {
        std::printf("# render %d x %d: %.1f ms\n", raster->width(), raster->height(), render_ms);
      }
    }
  }
  if (options.time) print_memory(reader.pid());
  return 0;
}
