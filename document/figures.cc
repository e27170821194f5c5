// Figures: images, and drawings made of many paths, with the labels that stand in them.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {
namespace {

constexpr float kSmallest = 28;  // points: less is an ornament or an icon
constexpr size_t kMostShapes =
    3000;  // clustered; a page with more is clustered on a raster all the same

bool covered_by_tables(const Sheet& sheet, const Box& box) {
  return std::any_of(sheet.blocks.begin(), sheet.blocks.end(), [&](const Block& block) {
    return block.type == BlockType::kTable &&
           intersection(block.box, box).area() > 0.5f * box.area();
  });
}

// Grows clusters of boxes that nearly touch, on a raster of cells: linear in the number of shapes.
class Clusters {
 public:
  Clusters(float width, float height) {
    columns_ = static_cast<int>(std::clamp(width / kCell, 1.0f, 400.0f)) + 1;
    rows_ = static_cast<int>(std::clamp(height / kCell, 1.0f, 400.0f)) + 1;
    cells_.assign(static_cast<size_t>(columns_) * static_cast<size_t>(rows_), 0);
  }
  void add(const Box& box) {
    for (int y = row(box.y0); y <= row(box.y1); ++y)
      for (int x = column(box.x0); x <= column(box.x1); ++x) cells_[at(x, y)] = 1;
  }
  // Numbers the connected cells; afterwards id() tells the cluster of a shape.
  int connect() {
    int next = 1;
    std::vector<std::pair<int, int>> open;
    for (int y = 0; y < rows_; ++y)
      for (int x = 0; x < columns_; ++x) {
        if (cells_[at(x, y)] != 1) continue;
        ++next;
        open.assign(1, {x, y});
        cells_[at(x, y)] = next;
        while (!open.empty()) {
          const auto [cx, cy] = open.back();
          open.pop_back();
          for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
              const int nx = cx + dx, ny = cy + dy;
              if (nx < 0 || ny < 0 || nx >= columns_ || ny >= rows_ || cells_[at(nx, ny)] != 1)
                continue;
              cells_[at(nx, ny)] = next;
              open.push_back({nx, ny});
            }
        }
      }
    return next + 1;
  }
  int id(const Box& box) const { return cells_[at(column(box.x0), row(box.y0))]; }

 private:
  static constexpr float kCell = 6;  // points
  int column(float x) const {
    return static_cast<int>(std::clamp(x / kCell, 0.0f, static_cast<float>(columns_ - 1)));
  }
  int row(float y) const {
    return static_cast<int>(std::clamp(y / kCell, 0.0f, static_cast<float>(rows_ - 1)));
  }
  size_t at(int x, int y) const {
    return static_cast<size_t>(y) * static_cast<size_t>(columns_) + static_cast<size_t>(x);
  }
  int columns_ = 1, rows_ = 1;
  std::vector<int> cells_;
};

struct Drawing {
  Box box;
  size_t shapes = 0, curved = 0;
};

std::vector<Drawing> drawings(const Sheet& sheet) {
  Clusters clusters(sheet.width, sheet.height);
  const float page = sheet.width * sheet.height;
  std::vector<std::pair<Box, bool>> shapes;
  for (const Fill& fill : sheet.fills) {
    if (fill.box.area() > 0.7f * page || covered_by_tables(sheet, fill.box)) continue;
    shapes.emplace_back(fill.box, (fill.flags & kFillCurved) != 0);
    if (shapes.size() > 40 * kMostShapes) break;
  }
  for (const std::vector<Box>* rules : {&sheet.across, &sheet.down})
    for (const Box& rule : *rules)
      if (!covered_by_tables(sheet, rule)) shapes.emplace_back(rule, false);
  for (const auto& [box, curved] : shapes) clusters.add(box);
  std::vector<Drawing> found(static_cast<size_t>(clusters.connect()));
  for (const auto& [box, curved] : shapes) {
    Drawing& drawing = found[static_cast<size_t>(clusters.id(box))];
    drawing.box = united(drawing.box, box);
    ++drawing.shapes;
    drawing.curved += curved;
  }
  return found;
}

// Text that fills a cluster is set on boxes, not drawn in a figure.
float text_share(const Sheet& sheet, const Box& box) {
  float area = 0;
  for (const Fragment& f : sheet.fragments)
    if (!f.taken) area += intersection(f.box, box).area();
  return area / std::max(1.0f, box.area());
}

// Lines of prose or of code on it: a background or a frame, whatever is drawn there.
bool is_background(const Sheet& sheet, const Box& box) {
  size_t prose = 0, mono = 0, all = 0;
  for (const Fragment& f : sheet.fragments) {
    if (f.taken || !box.contains(f.box.center_x(), f.box.center_y())) continue;
    prose += f.counts.all >= 40;
    all += f.counts.all;
    if (f.mono) mono += f.counts.all;
  }
  return prose >= 3 || (mono >= 20 && mono * 10 > all * 7);
}

// Text over a picture or in a drawn frame that lines up as a table is one. Over a picture it is
// added here; what is drawn may be the shade of some of its cells only.
bool is_table(Sheet& sheet, const Box& box, bool drawn) {
  std::vector<uint32_t> inside;
  for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
    if (!sheet.fragments[i].taken &&
        box.contains(sheet.fragments[i].box.center_x(), sheet.fragments[i].box.center_y()))
      inside.push_back(i);
  if (inside.size() < 8) return false;
  const size_t before = sheet.blocks.size();
  if (find_aligned_tables(sheet, inside).empty()) return false;
  size_t taken = 0;
  for (uint32_t i : inside) taken += sheet.fragments[i].taken;
  const bool table = taken * 10 >= inside.size() * 7;
  if (table && !drawn) return true;
  for (uint32_t i : inside) sheet.fragments[i].taken = false;  // a few labels only
  sheet.blocks.resize(before);
  return table;
}

// On posters, covers and slides the page's text is set over pictures: it is text, not a label.
bool holds_the_text(const Sheet& sheet, const std::vector<Box>& pictures) {
  size_t over = 0, all = 0;
  for (const Fragment& f : sheet.fragments) {
    if (f.taken) continue;
    all += f.counts.all;
    if (std::any_of(pictures.begin(), pictures.end(), [&](const Box& box) {
          return intersection(f.box, box).area() > 0.6f * f.box.area();
        }))
      over += f.counts.all;
  }
  return over * 2 > all && pictures_may_hold_text(*sheet.input);
}

// `with_text`: what stands in it are its labels.
void add_figure(Sheet& sheet, Box box, bool with_text) {
  Block block;
  block.type = BlockType::kFigure;
  for (Fragment& f : sheet.fragments) {
    if (f.taken || !with_text) continue;
    const float inside = intersection(f.box, box).area();
    if (inside < 0.6f * f.box.area() || is_caption(f.text)) continue;
    f.taken = true;
    block.lines.push_back(f.line);
    box = united(box, f.box);
  }
  block.box = box;
  sheet.blocks.push_back(std::move(block));
}

}  // namespace

void find_figures(Sheet& sheet) {
  const Box page{0, 0, sheet.width, sheet.height};
  std::vector<Box> boxes;
  for (const Box& image : sheet.images) {
    const Box box = intersection(image, page);
    if (box.width() < kSmallest || box.height() < kSmallest) continue;
    if (box.area() > 0.85f * page.area() && !sheet.fragments.empty()) continue;  // a background
    if (covered_by_tables(sheet, box) || is_background(sheet, box)) continue;
    boxes.push_back(box);
    if (boxes.size() >= 400) break;
  }
  const bool over_pictures = holds_the_text(sheet, boxes);
  for (const Region& region : sheet.regions) {
    // Of a scan the model is all that knows of figures.
    const Box box = intersection(region.box, page);
    const bool figure = region.type == RegionType::kFigure && region.score > 0.5f;
    if (!figure || !is_scan(sheet) || box.width() < kSmallest || box.height() < kSmallest) continue;
    if (!covered_by_tables(sheet, box) && !is_background(sheet, box)) boxes.push_back(box);
  }
  for (const Drawing& drawing : drawings(sheet)) {
    const Box box = intersection(drawing.box, page);
    if (box.width() < 1.5f * kSmallest || box.height() < 1.5f * kSmallest) continue;
    const bool busy = drawing.shapes >= 12 || (drawing.curved >= 3 && drawing.shapes >= 5);
    if (!busy || box.area() > 0.85f * page.area()) continue;
    if (text_share(sheet, box) > 0.35f || is_background(sheet, box) ||
        (drawing.curved == 0 && is_table(sheet, box, true)))
      continue;
    boxes.push_back(box);
    if (boxes.size() >= 800) break;
  }
  // Strips of one picture, and drawings over images, are one figure.
  for (bool merged = true; merged;) {
    merged = false;
    for (size_t i = 0; i < boxes.size() && !merged; ++i)
      for (size_t k = i + 1; k < boxes.size() && !merged; ++k) {
        const Box near{boxes[i].x0 - 3, boxes[i].y0 - 3, boxes[i].x1 + 3, boxes[i].y1 + 3};
        if (intersection(near, boxes[k]).empty()) continue;
        const Box both = united(boxes[i], boxes[k]);
        if (text_share(sheet, both) > 0.35f || is_background(sheet, both)) continue;
        boxes[i] = both;
        boxes.erase(boxes.begin() + static_cast<ptrdiff_t>(k));
        merged = true;
      }
  }
  for (const Box& box : boxes)
    if (!is_table(sheet, box, false)) add_figure(sheet, box, !over_pictures);
}

}  // namespace pdf2md::document
