// Tables whose cells are drawn: from rules and the borders of filled boxes to a grid, and from the
// grid's missing borders to cells that span.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "document/strokes.h"
#include "document/table_grid.h"

namespace pdf2md::document {
namespace {

constexpr size_t kMostCells = 20000;

std::vector<float> clustered(std::vector<float> values, float slack) {
  std::sort(values.begin(), values.end());
  std::vector<float> out;
  for (size_t i = 0; i < values.size();) {
    size_t end = i;
    float sum = 0;
    while (end < values.size() && values[end] - values[i] < slack) sum += values[end++];
    out.push_back(sum / static_cast<float>(end - i));
    i = end;
  }
  return out;
}

class RuledTable {
 public:
  RuledTable(Sheet& sheet, const StrokeGrid& grid) : sheet_(sheet), grid_(grid) {}

  void find() {
    if (!lay_out() || !collect_fragments()) return;
    merge_cells();
    split_rows_without_borders();
    merge_divided_columns();
    if (!worth_it()) return;
    build();
  }

 private:
  bool lay_out() {
    std::vector<float> us, vs;
    float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f;
    for (const Stroke& s : grid_.down) {
      us.push_back(s.at);
      top = std::min(top, s.from);
      bottom = std::max(bottom, s.to);
    }
    for (const Stroke& s : grid_.across) {
      vs.push_back(s.at);
      left = std::min(left, s.from);
      right = std::max(right, s.to);
    }
    if (us.empty() || vs.empty()) return false;
    // Borders may be open: what sticks out of the outermost lines is a cell as well.
    const auto [u_min, u_max] = std::minmax_element(us.begin(), us.end());
    const auto [v_min, v_max] = std::minmax_element(vs.begin(), vs.end());
    const float first_u = *u_min, last_u = *u_max, first_v = *v_min, last_v = *v_max;
    if (left < first_u - 10) us.push_back(left);
    if (right > last_u + 10) us.push_back(right);
    if (top < first_v - 8) vs.push_back(top);
    if (bottom > last_v + 8) vs.push_back(bottom);
    us_ = clustered(us, 7);
    vs_ = clustered(vs, 5);
    if (us_.size() < 3 || vs_.size() < 2) return false;
    columns_ = static_cast<uint32_t>(us_.size() - 1);
    rows_ = static_cast<uint32_t>(vs_.size() - 1);
    box_ = {us_.front(), vs_.front(), us_.back(), vs_.back()};
    return static_cast<size_t>(rows_) * columns_ <= kMostCells && rows_ * columns_ >= 2;
  }

  bool collect_fragments() {
    for (uint32_t i = 0; i < sheet_.fragments.size(); ++i) {
      const Fragment& f = sheet_.fragments[i];
      if (f.taken || !box_.contains(f.box.center_x(), f.box.center_y())) continue;
      // Text that is much wider than the grid only runs through it.
      if (f.box.width() > box_.width() * 1.05f) continue;
      fragments_.push_back(i);
    }
    return fragments_.size() >= 2;
  }

  size_t index(uint32_t row, uint32_t column) const {
    return static_cast<size_t>(row) * columns_ + column;
  }

  uint32_t find_root(uint32_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  void merge_cells() {
    const size_t n = static_cast<size_t>(rows_) * columns_;
    std::vector<bool> below(n, false), right(n, false);  // a border is drawn there
    const auto at_of = [](const std::vector<float>& grid, float at) {
      size_t best = 0;
      for (size_t i = 1; i < grid.size(); ++i)
        if (std::abs(grid[i] - at) < std::abs(grid[best] - at)) best = i;
      return best;
    };
    for (const Stroke& s : grid_.across) {
      const size_t v = at_of(vs_, s.at);
      if (v == 0 || v > rows_ - 1) continue;
      for (uint32_t c = 0; c < columns_; ++c)
        if (overlap(s.from, s.to, us_[c], us_[c + 1]) > 0.55f * (us_[c + 1] - us_[c]))
          below[index(static_cast<uint32_t>(v - 1), c)] = true;
    }
    for (const Stroke& s : grid_.down) {
      const size_t u = at_of(us_, s.at);
      if (u == 0 || u > columns_ - 1) continue;
      for (uint32_t r = 0; r < rows_; ++r)
        if (overlap(s.from, s.to, vs_[r], vs_[r + 1]) > 0.55f * (vs_[r + 1] - vs_[r]))
          right[index(r, static_cast<uint32_t>(u - 1))] = true;
    }
    parent_.resize(n);
    std::iota(parent_.begin(), parent_.end(), 0u);
    for (uint32_t r = 0; r < rows_; ++r)
      for (uint32_t c = 0; c < columns_; ++c) {
        const uint32_t here = static_cast<uint32_t>(index(r, c));
        if (c + 1 < columns_ && !right[here]) parent_[find_root(here)] = find_root(here + 1);
        if (r + 1 < rows_ && !below[here]) parent_[find_root(here)] = find_root(here + columns_);
      }
    make_rectangles();
  }

  // A cell is a rectangle: grow unions until they are.
  void make_rectangles() {
    for (int round = 0; round < 8; ++round) {
      std::vector<Extent> extents = extents_of();
      bool changed = false;
      for (uint32_t r = 0; r < rows_; ++r)
        for (uint32_t c = 0; c < columns_; ++c) {
          const uint32_t here = static_cast<uint32_t>(index(r, c));
          const uint32_t root = find_root(here);
          const Extent e = extents[root];
          if (e.row0 != r || e.column0 != c) continue;
          for (uint32_t y = e.row0; y <= e.row1; ++y)
            for (uint32_t x = e.column0; x <= e.column1; ++x) {
              const uint32_t other = find_root(static_cast<uint32_t>(index(y, x)));
              if (other == find_root(root)) continue;
              parent_[other] = find_root(root);
              changed = true;
            }
        }
      if (!changed) return;
    }
  }

  struct Extent {
    uint32_t row0 = 0xFFFFFFFF, row1 = 0, column0 = 0xFFFFFFFF, column1 = 0;
  };
  std::vector<Extent> extents_of() {
    std::vector<Extent> extents(parent_.size());
    for (uint32_t r = 0; r < rows_; ++r)
      for (uint32_t c = 0; c < columns_; ++c) {
        Extent& e = extents[find_root(static_cast<uint32_t>(index(r, c)))];
        e.row0 = std::min(e.row0, r);
        e.row1 = std::max(e.row1, r);
        e.column0 = std::min(e.column0, c);
        e.column1 = std::max(e.column1, c);
      }
    return extents;
  }

  // A row whose borders are not drawn is one cell so far. Where its texts stand in the columns that
  // other rows show, it has these columns as well.
  void split_rows_without_borders() {
    const std::vector<Extent> extents = extents_of();
    std::vector<std::vector<uint32_t>> members(parent_.size());
    for (uint32_t i : fragments_) members[find_root(cell_of(sheet_.fragments[i].box))].push_back(i);
    for (uint32_t root = 0; root < parent_.size(); ++root) {
      const Extent& e = extents[root];
      if (find_root(root) != root || e.column0 == e.column1 || members[root].size() < 2) continue;
      const uint32_t span = e.column1 - e.column0 + 1;
      std::vector<bool> used(columns_, false);
      bool crosses = false;
      for (uint32_t i : members[root]) {
        const Box& box = sheet_.fragments[i].box;
        const float slack = std::min(0.3f * sheet_.fragments[i].size, 0.2f * box.width());
        const uint32_t first = slot(us_, box.x0 + slack), last = slot(us_, box.x1 - slack);
        crosses = crosses || first != last;
        used[first] = true;
      }
      const auto filled = static_cast<uint32_t>(std::count(used.begin(), used.end(), true));
      if (crosses || filled < 2 || filled * 2 < span) continue;
      // Emptied first, since the root is one of these cells.
      for (uint32_t r = e.row0; r <= e.row1; ++r)
        for (uint32_t c = e.column0; c <= e.column1; ++c)
          parent_[index(r, c)] = static_cast<uint32_t>(index(r, c));
      for (uint32_t r = e.row0; r < e.row1; ++r)
        for (uint32_t c = e.column0; c <= e.column1; ++c)
          parent_[index(r + 1, c)] = static_cast<uint32_t>(index(e.row0, c));
    }
  }

  // Two columns that most rows do not part, and no row fills both of, are one: some rows have a
  // second border beside the others', or a narrow cell between two.
  void merge_divided_columns() {
    for (uint32_t c = 0; c + 1 < columns_; ++c) {
      std::vector<bool> filled(parent_.size(), false);
      for (uint32_t i : fragments_) filled[find_root(cell_of(sheet_.fragments[i].box))] = true;
      uint32_t joined = 0, parted = 0;
      bool both = false;
      for (uint32_t r = 0; r < rows_; ++r) {
        const uint32_t left = find_root(static_cast<uint32_t>(index(r, c)));
        const uint32_t right = find_root(static_cast<uint32_t>(index(r, c + 1)));
        if (left == right)
          ++joined;
        else
          ++parted;
        both = both || (left != right && filled[left] && filled[right]);
      }
      if (both || parted == 0 || joined < 2 || joined <= parted) continue;
      for (uint32_t r = 0; r < rows_; ++r)
        parent_[find_root(static_cast<uint32_t>(index(r, c)))] =
            find_root(static_cast<uint32_t>(index(r, c + 1)));
      make_rectangles();
    }
  }

  static uint32_t slot(const std::vector<float>& grid, float at) {
    const auto above = std::upper_bound(grid.begin(), grid.end(), at);
    const size_t i = above == grid.begin() ? 0 : static_cast<size_t>(above - grid.begin()) - 1;
    return static_cast<uint32_t>(std::min(i, grid.size() - 2));
  }

  uint32_t cell_of(const Box& box) const {
    // Text that leaves its cell at the right still begins in it.
    const float u = std::min(box.center_x(), box.x0 + 0.5f * box.width());
    return static_cast<uint32_t>(index(slot(vs_, box.center_y()), slot(us_, u)));
  }

  bool worth_it() {
    std::vector<bool> filled(parent_.size(), false);
    std::vector<size_t> lines(parent_.size(), 0);
    for (uint32_t i : fragments_) {
      const uint32_t root = find_root(cell_of(sheet_.fragments[i].box));
      filled[root] = true;
      ++lines[root];
    }
    size_t cells = 0, used = 0, most = 0;
    for (uint32_t i = 0; i < parent_.size(); ++i) {
      if (find_root(i) != i) continue;
      ++cells;
      used += filled[i];
      most = std::max(most, lines[i]);
    }
    if (cells < 2 || used < 2) return false;
    if (cells > 6 && used * 10 < cells * 3) return false;  // a chart's grid
    // A frame round text with a strip beside it.
    if (used <= 3 && most > 12) return false;
    if (rows_ == 1 && used < 2) return false;
    return true;
  }

  void build() {
    const std::vector<Extent> extents = extents_of();
    // Where rows are not drawn, alignment says where they are.
    std::vector<std::vector<float>> cuts(rows_);
    for (uint32_t r = 0; r < rows_; ++r) cuts[r] = cuts_in(r, extents);
    std::vector<uint32_t> first_row(rows_ + 1, 0);
    for (uint32_t r = 0; r < rows_; ++r)
      first_row[r + 1] = first_row[r] + static_cast<uint32_t>(cuts[r].size()) + 1;

    Table table;
    table.ruled = true;
    table.rows = first_row.back();
    table.columns = columns_;
    std::vector<std::vector<uint32_t>> members(parent_.size());
    for (uint32_t i : fragments_) members[find_root(cell_of(sheet_.fragments[i].box))].push_back(i);
    for (uint32_t root = 0; root < parent_.size(); ++root) {
      if (find_root(root) != root) continue;
      const Extent& e = extents[root];
      const bool cut = e.row0 == e.row1 && !cuts[e.row0].empty();
      const size_t parts = cut ? cuts[e.row0].size() + 1 : 1;
      for (size_t part = 0; part < parts; ++part) {
        Cell cell;
        cell.row = first_row[e.row0] + static_cast<uint32_t>(part);
        cell.column = e.column0;
        cell.row_span = cut ? 1 : first_row[e.row1 + 1] - first_row[e.row0];
        cell.column_span = e.column1 - e.column0 + 1;
        const float v0 = cut && part > 0 ? cuts[e.row0][part - 1] : vs_[e.row0];
        const float v1 = cut && part + 1 < parts ? cuts[e.row0][part] : vs_[e.row1 + 1];
        cell.box = {us_[e.column0], v0, us_[e.column1 + 1], v1};
        std::vector<uint32_t> inside;
        for (uint32_t i : members[root]) {
          const float v = sheet_.fragments[i].box.center_y();
          if (!cut || ((part == 0 || v >= v0) && (part + 1 == parts || v < v1)))
            inside.push_back(i);
        }
        cell.lines = cell_lines(sheet_, inside);
        table.cells.push_back(std::move(cell));
      }
    }
    if (!tidy_table(table) || table.columns < 2 || table.cells.size() < 2) return;
    if (table.rows == 1 && table.columns < 3) return;
    mark_header(table);
    add_table(sheet_, std::move(table), box_, fragments_);
  }

  // v where the text rows of a drawn row part.
  std::vector<float> cuts_in(uint32_t r, const std::vector<Extent>& extents) {
    std::vector<PlacedFragment> placed;
    for (uint32_t i : fragments_) {
      const uint32_t cell = cell_of(sheet_.fragments[i].box);
      const Extent& e = extents[find_root(cell)];
      if (e.row0 != r || e.row1 != r) continue;
      placed.push_back({i, e.column0, e.column1});
    }
    const std::vector<TextRow> rows = text_rows(sheet_, placed);
    if (rows.size() < 3) return {};
    // Rows of their own have texts in most columns, and these do not fill their cells as wrapped
    // text does.
    size_t wide = 0, full = 0, all = 0;
    for (const TextRow& row : rows) {
      wide += row.cells.size() * 2 > columns_ && row.cells.size() >= 2;
      for (const PlacedFragment& p : row.cells) {
        full += sheet_.fragments[p.fragment].box.width() > 0.72f * (us_[p.last + 1] - us_[p.first]);
        ++all;
      }
    }
    if (wide * 10 < rows.size() * 7 || full * 10 > all * 4) return {};
    const std::vector<bool> starts = row_starts(rows, columns_, {});
    std::vector<float> cuts;
    for (size_t i = 1; i < rows.size(); ++i)
      if (starts[i]) cuts.push_back((rows[i - 1].box.y1 + rows[i].box.y0) / 2);
    return cuts;
  }

  Sheet& sheet_;
  const StrokeGrid& grid_;
  std::vector<float> us_, vs_;
  uint32_t rows_ = 0, columns_ = 0;
  Box box_;
  std::vector<uint32_t> fragments_;
  std::vector<uint32_t> parent_;
};

// Structure that the table model found on a picture of the table: text by where it stands.
void adopt_model_tables(Sheet& sheet) {
  for (const Table& found : sheet.input->tables) {
    Table table = found;
    Box hull;
    std::vector<Box> boxes;
    for (Cell& cell : table.cells) {
      cell.box = sheet.to_sheet(cell.box);
      boxes.push_back(cell.box);
      hull = united(hull, cell.box);
    }
    std::vector<std::vector<uint32_t>> members(table.cells.size());
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < sheet.fragments.size(); ++i) {
      const Fragment& f = sheet.fragments[i];
      if (f.taken || !hull.contains(f.box.center_x(), f.box.center_y())) continue;
      float best = 0;
      size_t cell = boxes.size();
      for (size_t k = 0; k < boxes.size(); ++k) {
        const float shared = intersection(boxes[k], f.box).area();
        if (shared > best) {
          best = shared;
          cell = k;
        }
      }
      if (cell == boxes.size()) continue;
      members[cell].push_back(i);
      all.push_back(i);
    }
    for (size_t k = 0; k < boxes.size(); ++k) table.cells[k].lines = cell_lines(sheet, members[k]);
    if (all.size() >= 2 && tidy_table(table) && table.columns > 1)
      add_table(sheet, std::move(table), hull, all);
  }
}

}  // namespace

void find_ruled_tables(Sheet& sheet) {
  for (const StrokeGrid& grid : stroke_grids(sheet))
    if (grid.across.size() >= 2 && !grid.down.empty()) RuledTable(sheet, grid).find();
  adopt_model_tables(sheet);
}

}  // namespace pdf2md::document
