// Reading order. A region is cut into horizontal bands of text; bands that share a vertical gutter
// with text on both sides form columns, which are read one after the other and cut again in the
// same way; the others are read as they come. Spanning titles and full-width floats end a group of
// columns. A picture that text runs round on both sides, with its caption, does not: it is read
// after the columns.
#include <algorithm>
#include <cmath>

#include "document/markers.h"
#include "document/sheet.h"

namespace pdf2md::document {
namespace {

constexpr int kDeepest = 12;            // columns within columns
constexpr size_t kLongestSearch = 400;  // bands looked at for a gutter: bounds hostile pages

struct Band {
  std::vector<uint32_t> pieces;
  Box box;
  std::vector<Interval> gaps;  // free of text, margins of the region included
};

// The least width of a gutter, in body sizes. The boxes of lines that were read from pixels reach
// beyond the ink: where they leave less, columns of prose must show what it is.
constexpr float kPrinted = 0.8f, kScanned = 0.45f;
constexpr float kLeastGutter = 4;  // points

class Orderer {
 public:
  Orderer(Sheet& sheet, std::vector<Block>& out)
      : sheet_(sheet), out_(out), scanned_(is_scan(sheet)) {}

  void order(std::vector<Piece> pieces, int depth) {
    if (pieces.empty()) return;
    adopt_tables(pieces);
    std::vector<Band> bands = cut_bands(pieces);
    std::vector<Piece> flow;
    const auto flush = [&] {
      if (!flow.empty()) flow_column(sheet_, flow, out_);
      flow.clear();
    };
    for (size_t i = 0; i < bands.size();) {
      size_t end = i + 1;
      std::vector<Interval> gutters;
      if (depth < kDeepest && scanned_)
        gutters = gutters_from(bands, pieces, i, kScanned * sheet_.body_size, end);
      if (depth < kDeepest && gutters.empty())
        gutters = gutters_from(bands, pieces, i, kPrinted * sheet_.body_size, end);
      if (gutters.empty()) {
        for (uint32_t p : bands[i].pieces) flow.push_back(pieces[p]);
        ++i;
        continue;
      }
      flush();
      for (std::vector<Piece>& column : split(bands, pieces, i, end, gutters))
        order(std::move(column), depth + 1);
      i = end;
    }
    flush();
  }

 private:
  void adopt_tables(std::vector<Piece>& pieces) {
    std::vector<uint32_t> fragments;
    for (const Piece& piece : pieces)
      if (piece.fragment >= 0) fragments.push_back(static_cast<uint32_t>(piece.fragment));
    const std::vector<uint32_t> tables = find_aligned_tables(sheet_, fragments);
    if (tables.empty()) return;
    std::erase_if(pieces, [&](const Piece& piece) {
      return piece.fragment >= 0 && sheet_.fragments[static_cast<size_t>(piece.fragment)].taken;
    });
    for (uint32_t table : tables)
      pieces.push_back({sheet_.blocks[table].box, -1, static_cast<int32_t>(table)});
  }

  std::vector<Band> cut_bands(const std::vector<Piece>& pieces) const {
    std::vector<uint32_t> order(pieces.size());
    Box region;
    for (uint32_t i = 0; i < pieces.size(); ++i) {
      order[i] = i;
      region = united(region, pieces[i].box);
    }
    const auto top = [&](uint32_t i) { return pieces[i].box.y0 + 0.15f * pieces[i].box.height(); };
    const auto bottom = [&](uint32_t i) {
      return pieces[i].box.y1 - 0.15f * pieces[i].box.height();
    };
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return top(a) < top(b); });
    std::vector<Band> bands;
    float reach = -1e9f;
    for (uint32_t i : order) {
      if (bands.empty() || top(i) > reach) bands.emplace_back();
      bands.back().pieces.push_back(i);
      bands.back().box = united(bands.back().box, pieces[i].box);
      reach = std::max(reach, bottom(i));
    }
    for (Band& band : bands) {
      std::vector<Interval> inked;
      for (uint32_t i : band.pieces) inked.push_back({pieces[i].box.x0, pieces[i].box.x1});
      std::sort(inked.begin(), inked.end(), [](Interval a, Interval b) { return a.a < b.a; });
      float at = region.x0 - 100;
      for (const Interval& ink : inked) {
        if (ink.a > at) band.gaps.push_back({at, ink.a});
        at = std::max(at, ink.b);
      }
      band.gaps.push_back({at, region.x1 + 100});
    }
    return bands;
  }

  // Gaps of `acc` that have text of bands [i, end) on both sides.
  static std::vector<Interval> inner(const std::vector<Interval>& acc, const Box& hull) {
    std::vector<Interval> out;
    for (const Interval& gap : acc)
      if (gap.a > hull.x0 && gap.b < hull.x1) out.push_back(gap);
    return out;
  }

  std::vector<Interval> gutters_from(const std::vector<Band>& bands,
                                     const std::vector<Piece>& pieces, size_t i, float least,
                                     size_t& end) const {
    least = std::max(least, kLeastGutter);
    std::vector<Interval> acc = bands[i].gaps;
    Box hull = bands[i].box;
    std::vector<Interval> found = inner(acc, hull);
    Box inset;  // the last one
    size_t j = i + 1;
    for (; j < bands.size() && (j - i < kLongestSearch || !found.empty()); ++j) {
      std::vector<Interval> next = common(acc, bands[j].gaps, least);
      const Box both = united(hull, bands[j].box);
      std::vector<Interval> still = inner(next, both);
      if (found.size() == 1 && still.empty()) {
        inset = inset_of(bands[j], pieces, found[0], inset);
        if (inset.empty()) break;
        next = acc;
        still = found;
      }
      if (next.empty() || (!found.empty() && still.empty())) break;
      acc = std::move(next);
      hull = both;
      found = still;
    }
    if (found.empty()) return {};
    // Bands at the start that have text on one side only belong to the group only if the gutter's
    // other side begins beside them: a title above the left column is read before both anyway.
    if (!are_columns(bands, pieces, i, j, found)) return {};
    if (least < kPrinted * sheet_.body_size) {
      const bool narrow = std::any_of(found.begin(), found.end(), [&](const Interval& gutter) {
        return gutter.b - gutter.a < kPrinted * sheet_.body_size;
      });
      if (!narrow || !all_prose(bands, pieces, i, j, found)) return {};
    }
    end = j;
    return found;
  }

  static bool crosses(const Box& box, const Interval& gutter) {
    return box.x0 < gutter.b && box.x1 > gutter.a;
  }

  // What stands across the gutter with text of the band on both sides of it: a figure or a table,
  // and text that goes on under one (`above`). Empty: something else crosses the gutter.
  Box inset_of(const Band& band, const std::vector<Piece>& pieces, const Interval& gutter,
               const Box& above) const {
    Box inset;
    bool is_float = false;
    for (uint32_t p : band.pieces) {
      if (!crosses(pieces[p].box, gutter)) continue;
      inset = united(inset, pieces[p].box);
      is_float = is_float || pieces[p].block >= 0;
    }
    const float room = 0.5f * kPrinted * sheet_.body_size;
    const bool below = !above.empty() && inset.y0 < above.y1 + 3 * sheet_.body_size &&
                       inset.x0 > above.x0 - room && inset.x1 < above.x1 + room;
    if (inset.empty() || !(is_float || below)) return {};
    bool left = false, right = false;
    for (uint32_t p : band.pieces) {
      const Box& box = pieces[p].box;
      if (crosses(box, gutter)) continue;
      if (box.x1 > inset.x0 - room && box.x0 < inset.x1 + room) return {};
      (box.center_x() < gutter.a ? left : right) = true;
    }
    if (!left || !right) return {};
    return below ? united(above, inset) : inset;
  }

  // Columns of prose, or short texts side by side that are read across?
  bool are_columns(const std::vector<Band>& bands, const std::vector<Piece>& pieces, size_t i,
                   size_t end, std::vector<Interval>& gutters) const {
    const size_t columns = gutters.size() + 1;
    std::vector<std::vector<const Fragment*>> text(columns);
    std::vector<Box> hulls(columns);
    std::vector<bool> has_block(columns, false);
    bool beside_each_other = false;
    for (size_t b = i; b < end; ++b) {
      Box band;
      for (uint32_t p : bands[b].pieces) {
        if (is_inset(pieces[p].box, gutters)) continue;
        band = united(band, pieces[p].box);
        const size_t column = column_of(pieces[p].box, gutters);
        hulls[column] = united(hulls[column], pieces[p].box);
        if (pieces[p].fragment >= 0)
          text[column].push_back(&sheet_.fragments[static_cast<size_t>(pieces[p].fragment)]);
        else
          has_block[column] = true;
      }
      for (const Interval& gutter : gutters)
        beside_each_other = beside_each_other || crosses(band, gutter);
    }
    if (!beside_each_other) return false;  // indented code above a brace
    // List markers are not a column: their texts follow them.
    for (size_t c = 0; c + 1 < columns; ++c) {
      if (text[c].empty() || has_block[c]) continue;
      const bool markers = std::all_of(text[c].begin(), text[c].end(), [](const Fragment* f) {
        const Marker marker = list_marker(f->text + " x");
        return marker && trimmed(f->text) == marker.text;
      });
      if (!markers) continue;
      gutters.erase(gutters.begin() + static_cast<ptrdiff_t>(c));
      return !gutters.empty() && are_columns(bands, pieces, i, end, gutters);
    }
    // The page numbers of a table of contents are read with their titles.
    const bool pages = !has_block[columns - 1] && text[columns - 1].size() >= 3 &&
                       std::all_of(text[columns - 1].begin(), text[columns - 1].end(),
                                   [](const Fragment* f) { return is_page_reference(f->text); });
    if (pages) return false;
    for (size_t c = 0; c + 1 < columns; ++c) {
      if (prose(text[c], hulls[c], has_block[c]) ||
          prose(text[c + 1], hulls[c + 1], has_block[c + 1]))
        continue;
      // Neither side is prose: across, where the lines stand beside each other.
      size_t beside = 0;
      for (const Fragment* a : text[c])
        beside += std::any_of(text[c + 1].begin(), text[c + 1].end(), [&](const Fragment* b) {
          return std::abs(a->base - b->base) < 0.3f * a->size;
        });
      const size_t fewer = std::min(text[c].size(), text[c + 1].size());
      if (fewer == 0 || beside * 10 >= fewer * 6) return false;
    }
    return true;
  }

  bool all_prose(const std::vector<Band>& bands, const std::vector<Piece>& pieces, size_t i,
                 size_t end, const std::vector<Interval>& gutters) const {
    constexpr size_t kLeastLines = 6;
    for (size_t c = 0; c <= gutters.size(); ++c) {
      std::vector<const Fragment*> text;
      Box hull;
      for (size_t b = i; b < end; ++b)
        for (uint32_t p : bands[b].pieces) {
          if (pieces[p].fragment < 0 || column_of(pieces[p].box, gutters) != c) continue;
          text.push_back(&sheet_.fragments[static_cast<size_t>(pieces[p].fragment)]);
          hull = united(hull, pieces[p].box);
        }
      if (text.size() < kLeastLines || !prose(text, hull, false)) return false;
    }
    return true;
  }

  bool prose(const std::vector<const Fragment*>& text, const Box& hull, bool has_block) const {
    if (has_block && hull.height() > 4 * sheet_.body_size) return true;
    if (text.size() < 3) return false;
    std::vector<float> widths;
    for (const Fragment* f : text) widths.push_back(f->box.width());
    std::nth_element(widths.begin(), widths.begin() + static_cast<ptrdiff_t>(widths.size() / 2),
                     widths.end());
    const float median = widths[widths.size() / 2];
    return median > 0.5f * hull.width() && hull.width() > 7 * sheet_.body_size;
  }

  static bool is_inset(const Box& box, const std::vector<Interval>& gutters) {
    return gutters.size() == 1 && crosses(box, gutters[0]);
  }

  static size_t column_of(const Box& box, const std::vector<Interval>& gutters) {
    size_t column = 0;
    while (column < gutters.size() && box.center_x() > (gutters[column].a + gutters[column].b) / 2)
      ++column;
    return column;
  }

  std::vector<std::vector<Piece>> split(const std::vector<Band>& bands,
                                        const std::vector<Piece>& pieces, size_t i, size_t end,
                                        const std::vector<Interval>& gutters) const {
    std::vector<std::vector<Piece>> columns(gutters.size() + 1);
    std::vector<Box> hulls(columns.size());
    std::vector<size_t> characters(columns.size(), 0);
    std::vector<Piece> insets;
    for (size_t b = i; b < end; ++b)
      for (uint32_t p : bands[b].pieces) {
        if (is_inset(pieces[p].box, gutters)) {
          insets.push_back(pieces[p]);
          continue;
        }
        const size_t column = column_of(pieces[p].box, gutters);
        columns[column].push_back(pieces[p]);
        hulls[column] = united(hulls[column], pieces[p].box);
        if (pieces[p].fragment >= 0)
          characters[column] +=
              sheet_.fragments[static_cast<size_t>(pieces[p].fragment)].counts.all;
      }
    // What stands in a narrow margin column is read after the text that it stands beside. There may
    // be more of it than of that text, where a title page begins.
    const size_t main = columns.size() == 2 && hulls[0].width() < hulls[1].width() ? 1 : 0;
    std::vector<std::vector<Piece>> ordered;
    for (int pass = 0; pass < 2; ++pass)
      for (size_t c = 0; c < columns.size(); ++c) {
        const bool small = characters[c] * 3 < characters[main];
        const bool below = hulls[c].y0 > hulls[main].y0 + 2 * sheet_.body_size;
        const bool margin = columns.size() == 2 && c != main &&
                            hulls[c].width() < 0.42f * hulls[main].width() && (small || below);
        if (margin == (pass == 1)) ordered.push_back(std::move(columns[c]));
      }
    ordered.push_back(std::move(insets));
    return ordered;
  }

  Sheet& sheet_;
  std::vector<Block>& out_;
  const bool scanned_;
};

}  // namespace

std::vector<Block> in_reading_order(Sheet& sheet) {
  std::vector<Piece> pieces;
  for (uint32_t i = 0; i < sheet.fragments.size(); ++i)
    if (!sheet.fragments[i].taken)
      pieces.push_back({sheet.fragments[i].box, static_cast<int32_t>(i), -1});
  std::vector<Block> out, aside;
  for (uint32_t i = 0; i < sheet.blocks.size(); ++i) {
    const BlockType type = sheet.blocks[i].type;
    if (type == BlockType::kNoise || type == BlockType::kHeader || type == BlockType::kFooter ||
        type == BlockType::kPageNumber)
      aside.push_back(sheet.blocks[i]);
    else
      pieces.push_back({sheet.blocks[i].box, -1, static_cast<int32_t>(i)});
  }
  Orderer(sheet, out).order(std::move(pieces), 0);
  // Heads come first and feet last, wherever assembly wants to look at them; noise follows.
  std::vector<Block> ordered;
  for (Block& block : aside)
    if (block.type != BlockType::kNoise && block.box.center_y() < sheet.height / 2)
      ordered.push_back(std::move(block));
  for (Block& block : out) ordered.push_back(std::move(block));
  for (Block& block : aside)
    if (!block.lines.empty() &&
        (block.type == BlockType::kNoise || block.box.center_y() >= sheet.height / 2))
      ordered.push_back(std::move(block));
  return ordered;
}

}  // namespace pdf2md::document
