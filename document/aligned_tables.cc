// Tables without drawn cells: rows of texts that keep the same vertical gaps free. Rules across are
// evidence; without them more rows and better alignment are asked for. Prose in columns, lists,
// contents pages, equations and code line up too, and are told apart.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/strokes.h"
#include "document/table_columns.h"
#include "document/table_grid.h"
#include "document/table_spans.h"
#include "document/text_column.h"

namespace pdf2md::document {
namespace {

std::vector<Interval> inner(const std::vector<Interval>& gaps, const Box& hull) {
  std::vector<Interval> out;
  for (const Interval& gap : gaps)
    if (gap.a > hull.x0 && gap.b < hull.x1) out.push_back(gap);
  return out;
}

class AlignedTables {
 public:
  AlignedTables(Sheet& sheet, const std::vector<uint32_t>& fragments) : sheet_(sheet) {
    rows_ = rows_of(sheet, fragments);
    for (const Row& row : rows_) region_ = united(region_, row.box);
    for (const Box& rule : sheet.across)
      if (rule.width() > 20 && rule.y1 > region_.y0 - 20 && rule.y0 < region_.y1 + 20 &&
          overlap(rule.x0, rule.x1, region_.x0, region_.x1) > 0.5f * rule.width())
        rules_.push_back(rule);
    std::sort(rules_.begin(), rules_.end(), [](const Box& a, const Box& b) { return a.y0 < b.y0; });
    for (const Box& rule : sheet.across)
      if (rule.y1 > region_.y0 - 20 && rule.y0 < region_.y1 + 20)
        strokes_.push_back({rule.center_y(), rule.x0, rule.x1, true});
    strokes_ = joined(std::move(strokes_));
  }

  std::vector<uint32_t> find() {
    std::vector<uint32_t> found;
    for (size_t i = 0; i < rows_.size();) {
      if (!strong(rows_[i])) {
        ++i;
        continue;
      }
      Run run = grow(i);
      prose_ = false;
      if (run.last - run.first >= 2 && accept(run)) {
        if (build(run)) found.push_back(static_cast<uint32_t>(sheet_.blocks.size() - 1));
        i = std::max(run.last, i + 1);
      } else {
        // Columns of prose: their last rows, taken alone, would pass for a table.
        i = prose_ ? std::max(run.last, i + 1) : i + 1;
      }
    }
    return found;
  }

 private:
  struct Run {
    size_t first = 0, last = 0;  // rows
    std::vector<Interval> separators;
    Box box;
    size_t strong = 0;
    bool ruled = false;  // a rule under its first row, or above and below
  };

  const Fragment& fragment(uint32_t i) const { return sheet_.fragments[i]; }

  // More than one text, and not merely a list item or a section number with its text.
  bool strong(const Row& row) const {
    if (row.fragments.size() < 2) return false;
    if (row.fragments.size() > 2) return true;
    const Fragment& first = fragment(row.fragments[0]);
    if (is_caption(row_text(sheet_, row))) return false;
    const Fragment& second = fragment(row.fragments[1]);
    const Marker marker = list_marker(first.text + " x");
    if (marker && trimmed(first.text) == marker.text) {
      const bool number = marker.kind == MarkerKind::kNumber || marker.kind == MarkerKind::kLetter;
      if (!number || !rule_near(row)) return false;
    }
    if (is_equation_number(second.text)) return false;
    return !has_leader(first.text) && !has_leader(second.text);
  }

  bool rule_near(const Row& row) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Box& rule) {
      return rule.center_y() > row.box.y0 - 1.5f * row.size &&
             rule.center_y() < row.box.y1 + 1.5f * row.size &&
             overlap(rule.x0, rule.x1, row.box.x0, row.box.x1) > 0.6f * row.box.width();
    });
  }

  std::vector<Interval> gaps_of(const Row& row) const {
    std::vector<Interval> gaps;
    float at = region_.x0 - 100;
    for (uint32_t i : row.fragments) {
      const Box& box = fragment(i).box;
      if (box.x0 > at) gaps.push_back({at, box.x0});
      at = std::max(at, box.x1);
    }
    gaps.push_back({at, region_.x1 + 100});
    return gaps;
  }

  Run grow(size_t i) const {
    Run run;
    run.first = i;
    run.separators = gaps_of(rows_[i]);
    run.box = rows_[i].box;
    run.strong = 1;
    float size = rows_[i].size;
    size_t j = i + 1;
    for (; j < rows_.size(); ++j) {
      const Row& row = rows_[j];
      const float step = row.base - rows_[j - 1].base;
      const bool rule_between = std::any_of(rules_.begin(), rules_.end(), [&](const Box& rule) {
        return rule.center_y() > rows_[j - 1].base - 0.3f * size && rule.center_y() < row.base;
      });
      if (step > (rule_between ? 5.0f : 3.6f) * size || row.size > 1.2f * size) break;
      const std::vector<Interval> next = common(run.separators, gaps_of(row), 0.45f * size);
      const Box both = united(run.box, row.box);
      const size_t before = inner(run.separators, run.box).size();
      const size_t after = inner(next, both).size();
      const bool is_strong = strong(row);
      if (is_strong && after < before && is_named_section(run, j)) {
        run.box = both;
        ++run.strong;
        continue;
      }
      if (is_strong) {
        if (after == 0 || after * 2 < before) break;
        if (after < before && run.strong >= 3 && after + 1 < before) break;
        ++run.strong;
      } else if (after < std::max<size_t>(before, 1)) {
        // It crosses a separator. A heading within the table is followed by more of its rows.
        if (!section_row(run, j)) break;
        run.box = both;
        continue;
      }
      run.separators = next;
      run.box = both;
    }
    run.last = j;
    // Texts at the end that are not a cell's next line are what follows the table.
    while (run.last > run.first + 1 && !strong(rows_[run.last - 1])) {
      const float step = rows_[run.last - 1].base - rows_[run.last - 2].base;
      const bool crosses =
          inner(common(run.separators, gaps_of(rows_[run.last - 1]), 0.45f * size), run.box)
              .size() < inner(run.separators, run.box).size();
      if (!crosses && step < 1.45f * size && !rule_before(run.last - 1)) break;
      if (!crosses && is_last_of_cell(run, step)) break;
      --run.last;
    }
    run.box = Box{};
    for (size_t k = run.first; k < run.last; ++k) run.box = united(run.box, rows_[k].box);
    run.separators = inner(run.separators, run.box);
    const std::vector<Interval> body = body_separators(run);
    if (body.size() > run.separators.size()) run.separators = body;
    run.ruled = rules_say_table(run);
    return run;
  }

  // What rows of numbers keep free: headers above them may stand closer together. Empty: too few.
  std::vector<Interval> body_separators(const Run& run) const {
    std::vector<Interval> free;
    size_t rows = 0;
    for (size_t i = run.first; i < run.last; ++i) {
      size_t numbers = 0;
      for (const uint32_t index : rows_[i].fragments) {
        const CharacterCounts& counts = fragment(index).counts;
        numbers += counts.digits > 0 && counts.letters == 0;
      }
      if (numbers < 3 || numbers * 2 < rows_[i].fragments.size()) continue;
      free =
          rows++ == 0 ? gaps_of(rows_[i]) : common(free, gaps_of(rows_[i]), 0.45f * rows_[i].size);
    }
    return rows < 4 ? std::vector<Interval>{} : inner(free, run.box);
  }

  // It follows as the other lines of cells do, and stands in none of the first column.
  bool is_last_of_cell(const Run& run, float step) const {
    const Row& last = rows_[run.last - 1];
    const std::vector<Interval> gaps = inner(run.separators, run.box);
    if (gaps.empty() || last.box.x0 < gaps.front().b - 1) return false;
    float least = 1e9f;
    for (size_t k = run.first + 1; k + 1 < run.last; ++k)
      if (!strong(rows_[k])) least = std::min(least, rows_[k].base - rows_[k - 1].base);
    return step < 1.08f * least && !rule_before(run.last - 1);
  }

  bool rule_before(size_t i) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Box& rule) {
      return rule.center_y() > rows_[i - 1].base &&
             rule.center_y() < rows_[i].base - 0.5f * rows_[i].size;
    });
  }

  // Row j stands across columns, with its name at most, and the row after it fits the table again.
  bool section_row(const Run& run, size_t j) const {
    if (j + 1 >= rows_.size() || run.strong < 2 || rows_[j].fragments.size() > 2) return false;
    const Row& row = rows_[j];
    const Row& next = rows_[j + 1];
    if (!strong(next) || fragment(row.fragments.back()).counts.all > 60) return false;
    if (next.base - row.base > 2.6f * row.size || row.size > 1.06f * rows_[run.first].size)
      return false;
    const std::vector<Interval> fits = common(run.separators, gaps_of(next), 0.45f * row.size);
    return inner(fits, united(run.box, next.box)).size() >= inner(run.separators, run.box).size();
  }

  // "Chemistry   Exploring combinations ...": a name in the first column, and a text across.
  bool is_named_section(const Run& run, size_t j) const {
    if (rows_[j].fragments.size() != 2 || run.strong < 3 || run.separators.size() < 4) return false;
    const Box& name = fragment(rows_[j].fragments[0]).box;
    return name.x0 < run.box.x0 + rows_[j].size && section_row(run, j);
  }

  bool rules_say_table(const Run& run) const {
    const float top = rows_[run.first].base, bottom = rows_[run.last - 1].base;
    const float size = rows_[run.first].size;
    size_t inside = 0, edges = 0;
    for (const Box& rule : rules_) {
      if (overlap(rule.x0, rule.x1, run.box.x0, run.box.x1) < 0.6f * run.box.width()) continue;
      const float v = rule.center_y();
      const bool above = v > rows_[run.first].box.y0 - 3.2f * size && v <= top;
      const bool below = v >= bottom && v < bottom + 1.6f * size;
      if (v > top - 0.3f * size && v < bottom)
        ++inside;
      else if (above || below)
        ++edges;
    }
    return inside >= 1 || edges >= 2;
  }

  static uint32_t column_at(const Run& run, float u) {
    return document::column_at(run.separators, u);
  }

  bool accept(const Run& run) {
    const size_t columns = run.separators.size() + 1;
    if (columns < 2 || run.strong < 2) return false;
    size_t leaders = 0, mono = 0, total = 0, equations = 0;
    std::vector<TextColumn> by_column(columns);
    for (size_t i = run.first; i < run.last; ++i)
      for (uint32_t index : rows_[i].fragments) {
        const Fragment& f = fragment(index);
        ++total;
        leaders += has_leader(f.text);
        mono += f.mono;
        equations += is_equation_number(f.text);
        const uint32_t column = column_at(run, f.box.center_x());
        if (column == column_at(run, f.box.x0 + 1) && column == column_at(run, f.box.x1 - 1))
          by_column[column].push_back(&f);
      }
    if (leaders * 3 > run.strong || equations * 3 > run.strong) return false;
    if (mono * 2 > total && sheet_.body_mono < 0.6f && !run.ruled) return false;
    size_t prose = 0, markers = 0, aligned = 0, narrow = 0, used = 0;
    for (size_t c = 0; c < columns; ++c) {
      if (by_column[c].empty()) continue;
      ++used;
      prose += is_prose(by_column[c]) || (!run.ruled && is_running_text(by_column[c]));
      aligned += is_aligned(by_column[c]);
      size_t characters = 0, marks = 0;
      for (const Fragment* f : by_column[c]) {
        characters += f->counts.all + f->counts.cjk;
        const Marker marker = list_marker(f->text + " x");
        marks += marker && trimmed(f->text) == marker.text;
      }
      narrow += characters < 24 * by_column[c].size();
      markers += marks * 3 > by_column[c].size() * 2;
    }
    if (used < 2 || aligned == 0) return false;
    if (used - markers < 2 && columns == 2 && !run.ruled) return false;
    prose_ = prose >= 2 && (!run.ruled || columns == prose);
    if (prose_) return false;
    if (run.ruled && columns == 2 && run.strong * 3 < run.last - run.first) return false;
    if (run.ruled) return run.strong >= 2;
    if (columns == 2) {
      const float gap = run.separators[0].b - run.separators[0].a;
      return run.strong >= (region_says_table(sheet_, run.box) ? 3u : 4u) && aligned == 2 &&
             narrow >= 1 && gap > 1.2f * sheet_.body_size &&
             run.strong * 10 >= (run.last - run.first) * 5 &&
             share_baselines(sheet_, {&rows_[run.first], run.last - run.first});
    }
    return run.strong >= 3 && aligned * 10 >= used * 6 && narrow * 2 >= columns;
  }

  // Rows between the rule on top of the table and its first row head it.
  void extend_header(Run& run) const {
    const float size = rows_[run.first].size;
    for (const Box& rule : rules_) {
      const float v = rule.center_y();
      if (v >= rows_[run.first].base || v < rows_[run.first].box.y0 - 5 * size) continue;
      if (overlap(rule.x0, rule.x1, run.box.x0, run.box.x1) < 0.7f * run.box.width()) continue;
      size_t first = run.first;
      while (first > 0 && rows_[first - 1].base - 0.5f * rows_[first - 1].size > v) --first;
      if (run.first - first > 3) continue;
      bool narrow = true;
      for (size_t i = first; i < run.first; ++i)
        narrow = narrow && rows_[i].box.width() < 1.1f * run.box.width();
      if (narrow) run.first = first;
      return;
    }
  }

  // The first lines of header cells that are longer than their neighbours: right above the others,
  // each within a column, none in the first.
  void extend_wrapped_header(Run& run) const {
    for (int k = 0; k < 2 && run.first > 0; ++k) {
      const Row& row = rows_[run.first - 1];
      const Row& below = rows_[run.first];
      if (below.base - row.base > kWrapped * below.size || row.size > 1.06f * below.size) return;
      for (uint32_t i : row.fragments) {
        const Box& box = fragment(i).box;
        const uint32_t column = column_at(run, box.x0 + 1);
        if (column == 0 || column != column_at(run, box.x1 - 1) ||
            box.x1 > run.box.x1 + 2 * row.size)
          return;
      }
      --run.first;
    }
  }

  // A text over a rule that leaves out the first column heads the columns below it.
  void extend_spanning_header(Run& run) const {
    for (int k = 0; k < 2 && run.first > 0; ++k) {
      const Row& row = rows_[run.first - 1];
      if (rows_[run.first].base - row.base > 2.4f * row.size) return;
      for (uint32_t i : row.fragments) {
        const Box& box = fragment(i).box;
        const Stroke* rule = rule_under(run, row, box);
        if (rule == nullptr || rule->from < run.box.x0 + 2 * row.size ||
            rule->to > run.box.x1 + row.size)
          return;
      }
      --run.first;
    }
  }

  // A single text in the middle above columns that have headers of their own.
  void extend_centred_header(Run& run) const {
    if (run.first == 0 || run.separators.empty() || !run.ruled) return;
    const Row& row = rows_[run.first - 1];
    const Row& below = rows_[run.first];
    if (row.fragments.size() != 1 || below.fragments.size() < 3) return;
    if (below.base - row.base > 1.7f * row.size || row.size > 1.06f * below.size) return;
    const float middle = (run.separators.front().b + run.box.x1) / 2;
    if (row.box.x0 < run.separators.front().b || row.box.x1 > run.box.x1 + row.size ||
        std::abs(row.box.center_x() - middle) > 1.5f * row.size)
      return;
    if (run.first > 1 && row.base - rows_[run.first - 2].base < 1.3f * (below.base - row.base))
      return;
    --run.first;
  }

  // The rule right below a text and above the next row; null: none.
  const Stroke* rule_under(const Run& run, const Row& row, const Box& box) const {
    for (const Stroke& rule : strokes_) {
      const float below = rule.at - row.base;
      if (below > 0 && below < 0.9f * row.size && rule.from < box.x0 + 2 && rule.to > box.x1 - 2 &&
          rule.to - rule.from < 0.9f * run.box.width())
        return &rule;
    }
    return nullptr;
  }

  // The stretch that a header text stands for: its own, or that of the rule below it alone.
  Box underlined(const Run& run, const Row& row, const Box& box) const {
    const Stroke* rule = rule_under(run, row, box);
    if (rule == nullptr) return box;
    size_t over = 0;
    for (uint32_t i : row.fragments)
      over += overlap(fragment(i).box.x0, fragment(i).box.x1, rule->from, rule->to) > 0;
    if (over != 1) return box;
    // It spans a column where it reaches well over the gap before it.
    Box span = box;
    for (const Interval& gap : run.separators) {
      if (rule->from < gap.a - row.size && gap.b < box.x0) span.x0 = std::min(span.x0, rule->from);
      if (rule->to > gap.b + row.size && gap.a > box.x1) span.x1 = std::max(span.x1, rule->to);
    }
    return span;
  }

  bool build(Run& run) {
    if (run.ruled) extend_header(run);
    extend_wrapped_header(run);
    extend_spanning_header(run);
    extend_centred_header(run);
    TextLines lines;
    for (size_t i = run.first; i < run.last; ++i) {
      lines.emplace_back();
      for (const uint32_t index : rows_[i].fragments) lines.back().push_back(&fragment(index));
    }
    join_currency_columns(run.separators, lines);
    drop_stray_columns(run.separators, lines);
    const uint32_t columns = static_cast<uint32_t>(run.separators.size()) + 1;
    std::vector<PlacedFragment> placed;
    std::vector<uint32_t> fragments;
    Box box;
    for (size_t i = run.first; i < run.last; ++i)
      for (uint32_t index : rows_[i].fragments) {
        const Box& b = fragment(index).box;
        const float slack = std::min(0.3f * fragment(index).size, 0.2f * b.width());
        const Box span = i < run.first + 3 ? underlined(run, rows_[i], b) : b;
        placed.push_back({index, column_at(run, span.x0 + slack), column_at(run, span.x1 - slack)});
        fragments.push_back(index);
        box = united(box, b);
      }
    std::vector<float> separators;
    for (const Box& rule : rules_)
      if (overlap(rule.x0, rule.x1, box.x0, box.x1) > 0.35f * box.width())
        separators.push_back(rule.center_y());
    for (const Fill& fill : sheet_.fills)
      if (fill.box.height() < 12 * sheet_.body_size &&
          overlap(fill.box.x0, fill.box.x1, box.x0, box.x1) > 0.8f * box.width()) {
        separators.push_back(fill.box.y0);
        separators.push_back(fill.box.y1);
      }
    std::erase_if(separators, [&](float v) { return v <= box.y0 || v >= box.y1; });
    std::sort(separators.begin(), separators.end());
    separators.erase(std::unique(separators.begin(), separators.end(),
                                 [](float a, float b) { return b - a < 2; }),
                     separators.end());

    std::vector<TextRow> rows = text_rows(sheet_, placed);
    const std::vector<TallText> tall = take_tall_texts(rows);
    const std::vector<bool> starts = row_starts(rows, columns, separators);
    Table table;
    table.columns = columns;
    table.ruled = run.ruled;
    float top = box.y0;
    std::vector<uint32_t> row_of(rows.size());
    for (size_t i = 0; i < rows.size();) {
      size_t end = i + 1;
      while (end < rows.size() && !starts[end]) ++end;
      std::fill(row_of.begin() + static_cast<ptrdiff_t>(i),
                row_of.begin() + static_cast<ptrdiff_t>(end), table.rows);
      const float bottom =
          end < rows.size() ? (rows[end - 1].box.y1 + rows[end].box.y0) / 2 : box.y1;
      add_row(run, table, rows, i, end, {box.x0, top, box.x1, bottom});
      top = bottom;
      i = end;
    }
    add_tall_texts(sheet_, table, tall, row_of);
    span_columns(sheet_, table, column_borders(sheet_, run.separators, box));
    if (!tidy_table(table) || table.columns < 2 || table.rows < 2) return false;
    mark_header(table);
    span_rows(table);
    add_table(sheet_, std::move(table), box, fragments);
    return true;
  }

  void add_row(const Run& run, Table& table, const std::vector<TextRow>& rows, size_t first,
               size_t last, const Box& band) const {
    const uint32_t columns = table.columns;
    // Columns that one text joins in this row are one cell.
    std::vector<uint32_t> end_of(columns);
    for (uint32_t c = 0; c < columns; ++c) end_of[c] = c;
    for (size_t i = first; i < last; ++i)
      for (const PlacedFragment& p : rows[i].cells)
        end_of[p.first] = std::max(end_of[p.first], p.last);
    for (uint32_t c = 0; c < columns;) {
      uint32_t end = end_of[c];
      for (uint32_t k = c; k <= end && k < columns; ++k) end = std::max(end, end_of[k]);
      Cell cell;
      cell.row = table.rows;
      cell.column = c;
      cell.column_span = end - c + 1;
      cell.box = {
          c == 0 ? band.x0 : (run.separators[c - 1].a + run.separators[c - 1].b) / 2, band.y0,
          end + 1 == columns ? band.x1 : (run.separators[end].a + run.separators[end].b) / 2,
          band.y1};
      std::vector<uint32_t> inside;
      for (size_t i = first; i < last; ++i)
        for (const PlacedFragment& p : rows[i].cells)
          if (p.first >= c && p.first <= end) inside.push_back(p.fragment);
      cell.lines = cell_lines(sheet_, inside);
      table.cells.push_back(std::move(cell));
      c = end + 1;
    }
    ++table.rows;
  }

  Sheet& sheet_;
  std::vector<Row> rows_;
  Box region_;
  std::vector<Box> rules_;
  std::vector<Stroke> strokes_;  // the same, and those drawn cell by cell as one
  bool prose_ = false;           // the run asked about last is columns of prose
};

}  // namespace

std::vector<uint32_t> find_aligned_tables(Sheet& sheet, const std::vector<uint32_t>& fragments) {
  if (fragments.size() < 4 || fragments.size() > 20000) return {};
  return AlignedTables(sheet, fragments).find();
}

}  // namespace pdf2md::document
