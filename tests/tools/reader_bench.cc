// What pages cost their reader, in milliseconds of processor time: for development, not installed.
//
//   reader_bench FILE...
//     --dpi N          of the grey raster; default 200
//     --repeat N       default 5; the least time counts
//     --pages N        the first N pages of each file; default 3
//     --colour         the raster in colour
//     --reader PATH    pdf2md-reader; default: beside this program
//     --against PATH   another pdf2md-reader: its times, and how much its pixels differ
//
// One tab-separated line a page: file, page, what it shows, READ_PAGE, RENDER, and with --against its
// READ_PAGE and RENDER, the mean absolute difference of the pixels, and the share of pixels that
// differ by more than 32, in per mille.
#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "daemon/worker/reader_client.h"

namespace {

using namespace pdf2md;
using worker::MappedRaster;
using worker::ReaderClient;

constexpr int kTimeoutMs = 120000;

struct Options {
  std::vector<std::string> files;
  std::string reader, against;
  double dpi = 200;
  int repeat = 5;
  uint32_t pages = 3;
  bool colour = false;
};

// Time on a processor so far (proc(5), schedstat).
double cpu_ms(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e6;
}

struct Measured {
  double read_ms = 1e9, render_ms = 1e9;
  std::string shows;
  MappedRaster raster;
};

std::string what_shows(const document::PageContent& content) {
  std::string out = std::to_string(content.glyphs.size()) + " glyphs";
  for (size_t i = 0; i < std::min<size_t>(content.images.size(), 2); ++i) {
    const document::PlacedImage& image = content.images[i];
    out += ", " + image.encoding + " " + std::to_string(image.width_px) + "x" +
           std::to_string(image.height_px);
    if (image.mask) out += " mask";
    if (image.bilevel)
      out += " bilevel";
    else if (image.grey)
      out += " grey";
  }
  if (content.images.size() > 2) out += ", " + std::to_string(content.images.size()) + " images";
  return out;
}

bool measure(ReaderClient& reader, uint32_t page, const Options& options, Measured& out) {
  for (int i = 0; i < options.repeat; ++i) {
    double start = cpu_ms(reader.pid());
    Result<document::PageContent> content = reader.read_page(page, kTimeoutMs);
    double read = cpu_ms(reader.pid());
    Result<MappedRaster> raster = reader.render(page, options.dpi, !options.colour, {}, kTimeoutMs);
    double rendered = cpu_ms(reader.pid());
    if (!content || !raster) {
      std::fprintf(stderr, "page %u: %s\n", page,
                   to_string(!content ? content.error() : raster.error()).c_str());
      return false;
    }
    out.read_ms = std::min(out.read_ms, read - start);
    out.render_ms = std::min(out.render_ms, rendered - read);
    out.shows = what_shows(*content);
    out.raster = std::move(*raster);
  }
  return true;
}

void print_difference(const MappedRaster& a, const MappedRaster& b) {
  if (a.width() != b.width() || a.height() != b.height()) {
    std::printf("\tother size");
    return;
  }
  double sum = 0;
  size_t far = 0;
  const int row = a.width() * a.channels();
  for (int y = 0; y < a.height(); ++y) {
    const uint8_t* p = a.pixels() + static_cast<ptrdiff_t>(y) * a.stride();
    const uint8_t* q = b.pixels() + static_cast<ptrdiff_t>(y) * b.stride();
    for (int x = 0; x < row; ++x) {
      int difference = std::abs(p[x] - q[x]);
      sum += difference;
      far += difference > 32;
    }
  }
  double count = static_cast<double>(row) * a.height();
  std::printf("\t%.3f\t%.2f", sum / count, 1000 * static_cast<double>(far) / count);
}

bool open(ReaderClient& reader, const std::string& path, uint32_t& pages) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return false;
  Status started = reader.start();
  if (!started) return false;
  Result<document::DocumentInfo> info = reader.open(file.get(), {}, {}, kTimeoutMs);
  if (!info) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), to_string(info.error()).c_str());
    return false;
  }
  pages = info->pages;
  return true;
}

void bench(const std::string& path, const Options& options) {
  ReaderClient reader(options.reader), other(options.against);
  uint32_t pages = 0;
  if (!open(reader, path, pages)) return;
  if (!options.against.empty() && !open(other, path, pages)) return;
  std::string name = path.substr(path.rfind('/') + 1);
  for (uint32_t page = 1; page <= std::min(pages, options.pages); ++page) {
    Measured ours, theirs;
    if (!measure(reader, page, options, ours)) continue;
    std::printf("%s\t%u\t%s\t%.2f\t%.2f", name.c_str(), page, ours.shows.c_str(), ours.read_ms,
                ours.render_ms);
    if (!options.against.empty() && measure(other, page, options, theirs)) {
      std::printf("\t%.2f\t%.2f", theirs.read_ms, theirs.render_ms);
      print_difference(ours.raster, theirs.raster);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

bool parse(int argc, char** argv, Options& o) {
  std::string self = argv[0];
  o.reader = self.substr(0, self.rfind('/') + 1) + "pdf2md-reader";
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    auto value = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (a == "--dpi")
      o.dpi = std::atof(value().c_str());
    else if (a == "--repeat")
      o.repeat = std::atoi(value().c_str());
    else if (a == "--pages")
      o.pages = static_cast<uint32_t>(std::atoi(value().c_str()));
    else if (a == "--colour")
      o.colour = true;
    else if (a == "--reader")
      o.reader = value();
    else if (a == "--against")
      o.against = value();
    else if (a.starts_with("--"))
      return false;
    else
      o.files.push_back(a);
  }
  return !o.files.empty() && o.repeat > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: reader_bench FILE... [--dpi N] [--repeat N] [--pages N] [--colour] "
                 "[--reader PATH] [--against PATH]\n");
    return 2;
  }
  for (const std::string& file : options.files) bench(file, options);
  return 0;
}
