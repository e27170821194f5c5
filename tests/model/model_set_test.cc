// The whole of a model set: what it reads on pages that are known, and that neighbours do not
// matter.
#include "models/model_set.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>

#include "support.h"

#include "catch.h"

using namespace pdf2md;
using namespace pdf2md::models;
using namespace pdf2md::models::test;

namespace {

std::vector<Image> images_in(const std::string& folder, size_t limit) {
  std::vector<Image> images;
  for (const std::string& path : files(reference_directory() + "/" + folder, ".ppm")) {
    if (images.size() < limit) images.push_back(read_ppm(path));
  }
  REQUIRE_FALSE(images.empty());
  return images;
}

std::vector<ImageView> views(const std::vector<Image>& images) {
  std::vector<ImageView> result;
  for (const Image& image : images) result.push_back(image.view());
  return result;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) FAIL(to_string(result.error()));
  return std::move(*result);
}

// Every bit of a result counts, so results are compared as text with exact numbers.
void put(std::ostream& out, const TextBox& box) {
  out << std::hexfloat;
  for (int i = 0; i < 4; ++i) out << box.quad.x[i] << ',' << box.quad.y[i] << ' ';
  out << box.score << ';';
}
void put(std::ostream& out, const RecognisedText& text) {
  out << text.text << std::hexfloat << text.confidence;
  for (const float position : text.positions) out << ' ' << position;
}
void put(std::ostream& out, bool value) {
  out << value;
}
void put(std::ostream& out, const ModelSet::Orientation& o) {
  out << o.degrees << std::hexfloat << o.confidence;
}
void put(std::ostream& out, const LayoutBox& box) {
  out << std::hexfloat << static_cast<int>(box.type) << ' ' << box.x0 << ' ' << box.y0 << ' '
      << box.x1 << ' ' << box.y1 << ' ' << box.score << ';';
}
void put(std::ostream& out, const TableStructure& table) {
  out << std::hexfloat << table.rows << 'x' << table.columns << ' ' << table.confidence;
  for (const TableCell& cell : table.cells) {
    out << ';' << cell.row << ' ' << cell.column << ' ' << cell.row_span << ' ' << cell.column_span
        << ' ' << cell.header << ' ' << cell.x0 << ' ' << cell.y0 << ' ' << cell.x1 << ' '
        << cell.y1;
  }
}
template <class T>
void put(std::ostream& out, const std::vector<T>& list) {
  for (const T& element : list) put(out, element);
}
template <class T>
std::vector<std::string> exact(const std::vector<T>& results) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < results.size(); ++i) {
    std::ostringstream out;
    put(out, static_cast<const T&>(results[i]));
    texts.push_back(out.str());
  }
  return texts;
}

// `call` on each image alone, on all, on all in reverse, and on shuffled parts.
template <class Call>
void check_independence(const char* what, const std::vector<Image>& images, Call call) {
  const std::vector<ImageView> all = views(images);
  std::vector<std::string> alone;
  for (const ImageView& view : all)
    alone.push_back(exact(value_of(call(std::vector<ImageView>{view})))[0]);
  CHECK(std::any_of(alone.begin(), alone.end(),
                    [&](const std::string& text) { return text != alone[0]; }));
  std::vector<size_t> order(all.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 random(3);
  for (int round = 0; round < 4; ++round) {
    if (round == 1) std::reverse(order.begin(), order.end());
    if (round > 1) std::shuffle(order.begin(), order.end(), random);
    std::vector<ImageView> some;
    const size_t count = round < 2 ? order.size() : order.size() * 2 / 3;
    for (size_t i = 0; i < count; ++i) some.push_back(all[order[i]]);
    const std::vector<std::string> together = exact(value_of(call(some)));
    size_t same = 0;
    for (size_t i = 0; i < count; ++i) same += together[i] == alone[order[i]] ? 1 : 0;
    INFO(what << ", round " << round << ": " << same << " of " << count << " are the same bytes");
    CHECK(same == count);
  }
}

void check_all_roles_are_independent(const std::string& device) {
  const Asker set(model_set(device));
  const std::vector<Image> lines = images_in("lines", 48), pages = images_in("pages", 6);
  using Views = std::vector<ImageView>;
  check_independence("recognise", lines, [&](const Views& v) { return set.recognise(v); });
  check_independence("detect_text", pages, [&](const Views& v) { return set.detect_text(v); });
  check_independence("layout", pages, [&](const Views& v) { return set.layout(v); });
  check_independence("page_orientation", pages,
                     [&](const Views& v) { return set.page_orientation(v); });
  check_independence("table_structure", lines,
                     [&](const Views& v) { return set.table_structure(v); });
  std::vector<Image> turned = lines;
  for (size_t i = 0; i < turned.size(); i += 3) turned[i] = rotated(turned[i].view(), 180);
  check_independence("is_upside_down", turned,
                     [&](const Views& v) { return set.is_upside_down(v); });
}

struct TruthBox {
  float x0, y0, x1, y1;
};
std::vector<TruthBox> truth_of(const std::string& page_path) {
  std::vector<TruthBox> boxes;
  for (const std::string& line : read_lines(page_path.substr(0, page_path.size() - 4) + ".txt")) {
    std::istringstream in(line);
    TruthBox box{};
    in >> box.x0 >> box.y0 >> box.x1 >> box.y1;
    boxes.push_back(box);
  }
  return boxes;
}

// Share of the truth's area that the boxes cover (on a grid), where boxes are taken as upright.
double coverage(const TruthBox& truth, const std::vector<TextBox>& boxes) {
  int inside = 0, all = 0;
  for (int row = 0; truth.y0 + 1 + 3 * static_cast<float>(row) < truth.y1; ++row) {
    for (int column = 0; truth.x0 + 1 + 3 * static_cast<float>(column) < truth.x1; ++column) {
      const float y = truth.y0 + 1 + 3 * static_cast<float>(row);
      const float x = truth.x0 + 1 + 3 * static_cast<float>(column);
      ++all;
      for (const TextBox& box : boxes) {
        const auto [low_x, high_x] = std::minmax_element(box.quad.x, box.quad.x + 4);
        const auto [low_y, high_y] = std::minmax_element(box.quad.y, box.quad.y + 4);
        if (x >= *low_x && x <= *high_x && y >= *low_y && y <= *high_y) {
          ++inside;
          break;
        }
      }
    }
  }
  return all == 0 ? 1 : static_cast<double>(inside) / all;
}

void check_reading(const std::string& device) {
  const Asker set(model_set(device));
  const std::vector<Image> lines = images_in("lines", 1000);
  const std::vector<std::string> truth = read_lines(reference_directory() + "/lines/lines.txt");
  const std::vector<RecognisedText> texts = value_of(set.recognise(views(lines)));
  size_t errors = 0, characters = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const size_t distance = edit_distance(texts[i].text, truth[i]);
    errors += distance;
    characters += truth[i].size();
    if (distance > 3) std::printf("  [%s] read as [%s]\n", truth[i].c_str(), texts[i].text.c_str());
    CHECK(std::is_sorted(texts[i].positions.begin(), texts[i].positions.end()));
  }
  std::printf("%s: %zu lines, %zu of %zu bytes wrong (%.2f %%)\n", device.c_str(), texts.size(),
              errors, characters,
              100.0 * static_cast<double>(errors) / static_cast<double>(characters));
  CHECK(static_cast<double>(errors) < 0.02 * static_cast<double>(characters));

  size_t found = 0, all = 0;
  for (const std::string& path : files(reference_directory() + "/pages", ".ppm")) {
    const Image page = read_ppm(path);
    const Asker::Images view = {page.view()};
    const std::vector<TextBox> boxes = value_of(set.detect_text(view))[0];
    for (const TruthBox& box : truth_of(path)) {
      ++all;
      if (coverage(box, boxes) > 0.8) ++found;
    }
  }
  std::printf("%s: %zu of %zu lines on pages found\n", device.c_str(), found, all);
  CHECK(static_cast<double>(found) >= 0.97 * static_cast<double>(all));
}

}  // namespace

TEST_CASE("an image gives the same bytes alone and in any company", "[determinism]") {
  check_all_roles_are_independent(test_device());
}
TEST_CASE("on CUDA an image gives the same bytes alone and in any company", "[.cuda]") {
  check_all_roles_are_independent("cuda");
}

TEST_CASE("rendered lines are read and found", "[reading]") {
  check_reading(test_device());
}
TEST_CASE("on CUDA rendered lines are read and found", "[.cuda]") {
  check_reading("cuda");
}

TEST_CASE("a turned page and a turned line are noticed", "[reading]") {
  const Asker set(model_set(test_device()));
  const std::vector<Image> pages = images_in("pages", 8);
  size_t right = 0;
  for (size_t i = 0; i < pages.size(); ++i) {
    const int degrees = static_cast<int>(i % 4) * 90;
    const Image turned = rotated(pages[i].view(), degrees);
    const Asker::Images view = {turned.view()};
    if (value_of(set.page_orientation(view))[0].degrees == degrees) ++right;
  }
  std::printf("page orientation: %zu of %zu right\n", right, pages.size());
  CHECK(right + 1 >= pages.size());
  const std::vector<Image> lines = images_in("lines", 40);
  size_t noticed = 0, mistaken = 0;
  for (const Image& line : lines) {
    const Image turned = rotated(line.view(), 180);
    const Asker::Images both = {line.view(), turned.view()};
    const std::vector<bool> upside_down = value_of(set.is_upside_down(both));
    noticed += upside_down[1] ? 1 : 0;
    mistaken += upside_down[0] ? 1 : 0;
  }
  std::printf("line orientation: %zu of %zu turned lines noticed, %zu mistaken\n", noticed,
              lines.size(), mistaken);
  CHECK(noticed * 10 >= lines.size() * 8);
  CHECK(mistaken * 20 <= lines.size());
}

TEST_CASE("images of odd sizes are borne", "[models]") {
  const Asker set(model_set(test_device()));
  std::vector<Image> images;
  for (const auto& [width, height] :
       {std::pair{1, 1}, {3, 500}, {900, 2}, {33, 47}, {0, 0}, {5000, 40}}) {
    for (const int channels : {1, 3}) {
      Image image;
      image.width = width, image.height = height, image.channels = channels;
      image.pixels.assign(static_cast<size_t>(width) * height * channels, 200);
      images.push_back(std::move(image));
    }
  }
  const std::vector<ImageView> all = views(images);
  CHECK(value_of(set.detect_text(all)).size() == all.size());
  CHECK(value_of(set.recognise(all)).size() == all.size());
  CHECK(value_of(set.is_upside_down(all)).size() == all.size());
  CHECK(value_of(set.page_orientation(all)).size() == all.size());
  CHECK(value_of(set.layout(all)).size() == all.size());
  CHECK(value_of(set.table_structure(all)).size() == all.size());
  CHECK(value_of(set.recognise({})).empty());
}

TEST_CASE("a device that is not known is refused, and auto always works", "[models]") {
  CHECK(open_device("gpu").error().code == ErrorCode::kBadOptions);
  CHECK(open_device("cuda:x").error().code == ErrorCode::kBadOptions);
  const Result<DeviceInfo> device = open_device("auto");
  REQUIRE(device.ok());
  if (!device->cuda) CHECK_FALSE(device->note.empty());
}

// Not asserted, only told: `model_tests "[.speed]"`.
TEST_CASE("how long things take", "[.speed]") {
  const std::string device = test_device();
  const auto timed = [&](const std::string& what, size_t count, const auto& work) {
    work();
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < count; ++i) work();
    const double wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%-32s %8.2f ms wall  %8.2f ms CPU\n", what.c_str(),
                wall * 1e3 / static_cast<double>(count),
                (cpu_seconds() - cpu) * 1e3 / static_cast<double>(count));
  };
  const double before = cpu_seconds();
  const Asker set(model_set(device));
  const LoadTimes times = model_set(device).load_times();
  std::printf("load %u ms, build and upload %u ms, warm-up %u ms, %.2f CPU s; %.0f MB resident\n",
              times.load_ms, times.upload_ms, times.warm_up_ms, cpu_seconds() - before,
              resident_mb());
  const std::vector<Image> pages = images_in("pages", 16), lines = images_in("lines", 72);
  const Image a4 = resized(pages[0].view(), 1654, 2339);
  const Asker::Images page = {a4.view()};
  timed("detect_text, A4 at 200 dpi", 5, [&] { (void)set.detect_text(page); });
  timed("layout", 10, [&] { (void)set.layout(page); });
  timed("page_orientation", 10, [&] { (void)set.page_orientation(page); });
  timed("table_structure, a page as table", 3, [&] { (void)set.table_structure(page); });
  for (const int width : {96, 168, 240, 320, 480, 640, 960, 1280, 1920}) {
    const Image line = resized(lines[11].view(), width, 48);
    const Asker::Images view = {line.view()};
    timed("recognise, 48 x " + std::to_string(width), 10, [&] { (void)set.recognise(view); });
  }
  const Asker::Images line = {lines[0].view()};
  timed("is_upside_down", 20, [&] { (void)set.is_upside_down(line); });
  timed("canary", 20, [&] { (void)model_set(device).canary(); });
  std::printf("%.0f MB resident at the end\n", resident_mb());
}
