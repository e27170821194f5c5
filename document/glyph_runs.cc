#include "document/glyph_runs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

constexpr float kSameBaseline = 0.14f;  // of the font size
constexpr float kWideGap =
    0.9f;  // of the font size: wider than any word space that is not justified
constexpr float kRiverGap =
    0.6f;  // of the font size: a gap that may be one where it keeps its place
constexpr float kDoubled = 0.12f;  // of the font size: a copy this near is the same character

// Vertical strokes by where they stand, to cut lines at cell borders.
class StrokeIndex {
 public:
  StrokeIndex(const PageContent& content, const Frame& frame) : height_(frame.height()) {
    const size_t count = static_cast<size_t>(std::clamp(height_ / kBand, 1.0f, 4096.0f)) + 1;
    bands_.resize(count);
    size_t budget = 4'000'000;  // entries; a page with more strokes is a drawing
    for (const Rule& rule : content.rules) {
      const Box box = frame.to_frame(rule.box);
      if (box.height() > 5 && box.height() > 3 * box.width()) add(box.center_x(), box, budget);
    }
    for (const Fill& fill : content.fills) {
      if ((fill.flags & kFillCurved) || !(fill.flags & kFillStroked)) continue;
      const Box box = frame.to_frame(fill.box);
      if (box.height() < 12) continue;
      add(box.x0, box, budget);
      add(box.x1, box, budget);
    }
    for (std::vector<float>& band : bands_) std::sort(band.begin(), band.end());
  }

  bool between(float u0, float u1, float v) const {
    const std::vector<float>& band = bands_[band_of(v)];
    const auto at = std::lower_bound(band.begin(), band.end(), u0);
    return at != band.end() && *at <= u1;
  }

 private:
  static constexpr float kBand = 4;  // points

  size_t band_of(float v) const {
    return static_cast<size_t>(std::clamp(v / kBand, 0.0f, static_cast<float>(bands_.size() - 1)));
  }
  void add(float u, const Box& box, size_t& budget) {
    const size_t first = band_of(box.y0), last = band_of(box.y1);
    if (last - first + 1 > budget) return;
    budget -= last - first + 1;
    for (size_t band = first; band <= last; ++band) bands_[band].push_back(u);
  }

  float height_;
  std::vector<std::vector<float>> bands_;
};

bool same_text(const PageContent& content, const PlacedGlyph& a, const PlacedGlyph& b) {
  if (a.formula >= 0 || b.formula >= 0) return false;
  return content.glyph_text(content.glyphs[a.glyph]) == content.glyph_text(content.glyphs[b.glyph]);
}

// Removes copies from a row sorted by u0; `row` shrinks.
void drop_doubles(const PageContent& content, std::vector<PlacedGlyph>& row) {
  size_t kept = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    bool copy = false;
    for (size_t k = kept; k > 0 && kept - k < 4 && !copy; --k) {
      PlacedGlyph& former = row[k - 1];
      if (row[i].u0 - former.u0 > kDoubled * row[i].size) break;
      const float overlap_u = std::min(former.u1, row[i].u1) - row[i].u0;
      if (overlap_u < 0.5f * (row[i].u1 - row[i].u0) || !same_text(content, former, row[i]))
        continue;
      copy = true;
      if (row[i].u0 - former.u0 > 0.005f * row[i].size) former.doubled = true;
    }
    if (!copy) row[kept++] = row[i];
  }
  row.resize(kept);
}

float median_of(std::vector<float>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// One baseline's glyphs, sorted by u0, and the gaps in it that may part columns.
struct BaselineRow {
  uint32_t first = 0, last = 0;  // into the sorted glyphs
  struct Gap {
    uint32_t after = 0;  // the glyph before it
    float u0 = 0, u1 = 0;
    bool cut = false;
  };
  std::vector<Gap> gaps;
};

// A gap that keeps its place over several rows while no text crosses it parts columns, however
// narrow: the gutter of a page whose justified words stand almost as far apart, or the columns of a
// table.
void cut_at_rivers(const std::vector<PlacedGlyph>& glyphs, std::vector<BaselineRow>& rows) {
  struct River {
    float u0 = 0, u1 = 0;
    std::vector<std::pair<uint32_t, uint32_t>> members;  // row, gap
  };
  constexpr size_t kMostRivers = 64;
  constexpr size_t kLongEnough = 4;
  std::vector<River> rivers;
  const auto end = [&](River& river) {
    if (river.members.size() >= kLongEnough)
      for (const auto& [row, gap] : river.members) rows[row].gaps[gap].cut = true;
  };
  for (uint32_t r = 0; r < rows.size(); ++r) {
    BaselineRow& row = rows[r];
    const float size = glyphs[row.first].size;
    std::vector<bool> used(row.gaps.size(), false);
    std::vector<River> next;
    for (River& river : rivers) {
      const PlacedGlyph& last = glyphs[row.last - 1];
      if (glyphs[row.first].u0 >= river.u1 - 0.1f * size || last.u1 <= river.u0 + 0.1f * size) {
        next.push_back(std::move(river));  // a row on one side only
        continue;
      }
      bool goes_on = false;
      for (uint32_t g = 0; g < row.gaps.size() && !goes_on; ++g) {
        const float u0 = std::max(river.u0, row.gaps[g].u0),
                    u1 = std::min(river.u1, row.gaps[g].u1);
        if (u1 - u0 < 0.45f * size) continue;
        river.u0 = u0;
        river.u1 = u1;
        river.members.emplace_back(r, g);
        used[g] = goes_on = true;
      }
      if (goes_on)
        next.push_back(std::move(river));
      else
        end(river);
    }
    for (uint32_t g = 0; g < row.gaps.size() && next.size() < kMostRivers; ++g)
      if (!used[g]) next.push_back({row.gaps[g].u0, row.gaps[g].u1, {{r, g}}});
    rivers = std::move(next);
  }
  for (River& river : rivers) end(river);
}

class RunCutter {
 public:
  RunCutter(const StrokeIndex& strokes, GlyphRuns& out) : strokes_(strokes), out_(out) {}

  void cut(const std::vector<PlacedGlyph>& glyphs, const BaselineRow& row) {
    ++row_;
    gaps_.clear();
    std::vector<float> words;
    for (uint32_t i = row.first + 1; i < row.last; ++i) {
      const float gap = (glyphs[i].u0 - glyphs[i - 1].u1) / glyphs[i].size;
      gaps_.push_back(gap);
      if (gap > 0.15f && gap < 0.9f) words.push_back(gap);
    }
    // Text that is set with letter spacing has a gap after every letter.
    std::vector<float> tight = gaps_;
    const float tracking = gaps_.size() > 4 ? std::clamp(median_of(tight), 0.0f, 0.8f) : 0.0f;
    const float word = median_of(words);
    const float wide = std::max(
        {kWideGap, 2.5f * tracking, words.size() >= 5 ? std::min(2.2f * word, 1.5f) : 0.0f});
    size_t next_gap = 0;
    start(glyphs[row.first]);
    for (uint32_t i = row.first + 1; i < row.last; ++i) {
      const float gap = gaps_[i - 1 - row.first];
      const float middle = (glyphs[i].top + glyphs[i].bottom) / 2;
      const float ratio = glyphs[i].size / glyphs[i - 1].size;
      while (next_gap < row.gaps.size() && row.gaps[next_gap].after < i - 1) ++next_gap;
      const bool river =
          next_gap < row.gaps.size() && row.gaps[next_gap].after == i - 1 && row.gaps[next_gap].cut;
      const bool stroke =
          gap > -0.1f && strokes_.between(glyphs[i - 1].u1 - 0.1f * glyphs[i].size,
                                          glyphs[i].u0 + 0.1f * glyphs[i].size, middle);
      // A capital that is much larger than what follows is a drop cap or another text.
      if (gap > wide || river || stroke || ratio > 1.75f || ratio < 0.57f)
        start(glyphs[i]);
      else
        extend(glyphs[i]);
    }
    finish();
  }

 private:
  void start(const PlacedGlyph& glyph) {
    finish();
    run_ = GlyphRun{};
    run_.row = row_;
    run_.first = static_cast<uint32_t>(out_.glyphs.size());
    run_.u0 = glyph.u0;
    run_.u1 = glyph.u1;
    run_.top = glyph.top;
    run_.bottom = glyph.bottom;
    open_ = true;
    out_.glyphs.push_back(glyph);
  }
  void extend(const PlacedGlyph& glyph) {
    run_.u1 = std::max(run_.u1, glyph.u1);
    run_.top = std::min(run_.top, glyph.top);
    run_.bottom = std::max(run_.bottom, glyph.bottom);
    out_.glyphs.push_back(glyph);
  }
  void finish() {
    if (!open_) return;
    open_ = false;
    run_.last = static_cast<uint32_t>(out_.glyphs.size());
    // Size and baseline of the widest share of equal ones (quarter points).
    float best_width = -1, width = 0;
    std::vector<std::pair<float, float>> sizes;
    for (uint32_t i = run_.first; i < run_.last; ++i)
      sizes.emplace_back(std::round(out_.glyphs[i].size * 4) / 4,
                         out_.glyphs[i].u1 - out_.glyphs[i].u0);
    std::sort(sizes.begin(), sizes.end());
    for (size_t i = 0; i < sizes.size(); ++i) {
      width =
          i > 0 && sizes[i].first == sizes[i - 1].first ? width + sizes[i].second : sizes[i].second;
      if (width > best_width) {
        best_width = width;
        run_.size = sizes[i].first;
      }
    }
    run_.base = out_.glyphs[(run_.first + run_.last) / 2].base;
    run_.line = static_cast<uint32_t>(out_.runs.size());
    out_.runs.push_back(run_);
  }

  const StrokeIndex& strokes_;
  GlyphRuns& out_;
  std::vector<float> gaps_;
  GlyphRun run_;
  uint32_t row_ = 0;
  bool open_ = false;
};

// Marks the glyph that follows each drawn space. Both sorted by u0.
void mark_spaces(std::vector<PlacedGlyph>& row, const std::vector<PlacedGlyph>& spaces) {
  size_t next = 0;
  for (const PlacedGlyph& space : spaces) {
    const float middle = (space.u0 + space.u1) / 2;
    while (next < row.size() && (row[next].u0 + row[next].u1) / 2 < middle) ++next;
    if (next == row.size()) return;
    row[next].space_before = true;
  }
}

bool by_base(const PlacedGlyph& a, const PlacedGlyph& b) {
  return a.base < b.base;
}
bool by_start(const PlacedGlyph& a, const PlacedGlyph& b) {
  return a.u0 < b.u0;
}

struct Sets {
  std::vector<uint32_t> parent;
  explicit Sets(size_t n) : parent(n) { std::iota(parent.begin(), parent.end(), 0u); }
  uint32_t find(uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  }
};

// Do b and a stand beside each other on what a reader sees as one line?
bool one_line(const GlyphRun& a, const GlyphRun& b) {
  const GlyphRun& big = a.size >= b.size ? a : b;
  const GlyphRun& small = a.size >= b.size ? b : a;
  const float gap = std::max(a.u0, b.u0) - std::min(a.u1, b.u1);
  const float rise = big.base - small.base;  // positive: the smaller one is higher
  const float ratio = small.size / big.size;
  if (ratio > 0.9f && a.row == b.row) return false;
  if (ratio > 0.9f)
    return std::abs(rise) < 0.25f * big.size && gap < 0.6f * big.size && gap > -0.3f * big.size;
  if (ratio < 0.4f || gap > 0.3f * big.size) return false;
  // A script: raised or lowered by less than its base's height. Overlapping wide text is another
  // line.
  if (gap < -0.35f * big.size && small.u1 - small.u0 > 4 * big.size) return false;
  return rise < 0.62f * big.size && rise > -0.38f * big.size;
}

}  // namespace

GlyphRuns glyph_runs(const PageContent& content, const Frame& frame,
                     std::vector<PlacedGlyph> glyphs, std::vector<PlacedGlyph> spaces) {
  std::sort(glyphs.begin(), glyphs.end(), by_base);
  std::sort(spaces.begin(), spaces.end(), by_base);
  std::vector<PlacedGlyph> sorted;
  sorted.reserve(glyphs.size());
  std::vector<BaselineRow> rows;
  std::vector<PlacedGlyph> row, row_spaces;
  size_t space = 0;
  for (size_t i = 0; i < glyphs.size();) {
    row.clear();
    row_spaces.clear();
    const float base = glyphs[i].base;
    float tolerance = kSameBaseline * glyphs[i].size;
    while (i < glyphs.size() && glyphs[i].base - base <= tolerance) {
      tolerance = std::min(tolerance, kSameBaseline * glyphs[i].size);
      row.push_back(glyphs[i++]);
    }
    while (space < spaces.size() && spaces[space].base < base - tolerance) ++space;
    for (size_t s = space; s < spaces.size() && spaces[s].base <= base + 2 * tolerance; ++s)
      row_spaces.push_back(spaces[s]);
    std::sort(row.begin(), row.end(), by_start);
    std::sort(row_spaces.begin(), row_spaces.end(), by_start);
    drop_doubles(content, row);
    mark_spaces(row, row_spaces);
    BaselineRow made;
    made.first = static_cast<uint32_t>(sorted.size());
    sorted.insert(sorted.end(), row.begin(), row.end());
    made.last = static_cast<uint32_t>(sorted.size());
    float reach = sorted[made.first].u1;
    for (uint32_t k = made.first + 1; k < made.last; ++k) {
      if (sorted[k].u0 - reach > kRiverGap * sorted[k].size)
        made.gaps.push_back({k - 1, reach, sorted[k].u0, false});
      reach = std::max(reach, sorted[k].u1);
    }
    rows.push_back(std::move(made));
  }
  cut_at_rivers(sorted, rows);

  GlyphRuns out;
  out.glyphs.reserve(sorted.size());
  const StrokeIndex strokes(content, frame);
  RunCutter cutter(strokes, out);
  for (const BaselineRow& made : rows) cutter.cut(sorted, made);
  return out;
}

void join_runs(GlyphRuns& runs) {
  const size_t n = runs.runs.size();
  Sets sets(n);
  std::vector<float> sizes;
  for (const GlyphRun& run : runs.runs) sizes.push_back(run.size);
  const float band = std::max(4.0f, median_of(sizes));
  // Runs by the band of their baseline, sorted by start; each looks at its neighbours to the right.
  std::vector<uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  const auto band_of = [&](const GlyphRun& run) {
    return static_cast<int64_t>(std::floor(run.base / band));
  };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const int64_t x = band_of(runs.runs[a]), y = band_of(runs.runs[b]);
    return x != y ? x < y : runs.runs[a].u0 < runs.runs[b].u0;
  });
  constexpr int kReach = 24;  // neighbours looked at in a band: bounds the work on hostile pages
  for (uint32_t index : order) {
    const GlyphRun& run = runs.runs[index];
    const int64_t own = band_of(run);
    for (int64_t at = own - 1; at <= own + 1; ++at) {
      const auto begin =
          std::lower_bound(order.begin(), order.end(), std::pair{at, run.u0 - run.size},
                           [&](uint32_t a, const std::pair<int64_t, float>& key) {
                             const int64_t x = band_of(runs.runs[a]);
                             return x != key.first ? x < key.first : runs.runs[a].u0 < key.second;
                           });
      int looked = 0;
      for (auto other = begin; other != order.end() && looked < kReach; ++other, ++looked) {
        const GlyphRun& next = runs.runs[*other];
        if (band_of(next) != at || next.u0 > run.u1 + run.size) break;
        if (*other != index && one_line(run, next))
          sets.parent[sets.find(*other)] = sets.find(index);
      }
    }
  }
  std::vector<uint32_t> number(n, 0xFFFFFFFF);
  for (uint32_t i = 0; i < n; ++i) {
    uint32_t& of_root = number[sets.find(i)];
    if (of_root == 0xFFFFFFFF) of_root = runs.lines++;
    runs.runs[i].line = of_root;
  }
}

}  // namespace pdf2md::document
