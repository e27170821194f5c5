#include "document/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace pdf2md::document {
namespace {

Fragment make_fragment(const Line& line, const Sheet& sheet) {
  Fragment f;
  f.line = line;
  f.text = line.text();
  f.box = sheet.to_sheet(line.box);
  f.counts = count_characters(f.text);
  // Size and style by the number of bytes, which is near enough.
  std::map<int, size_t> sizes;
  size_t mono = 0, all = 0;
  uint16_t common = 0xFFFF;
  for (const Span& span : line.spans) {
    const size_t n = trimmed(span.text).size();
    if (n == 0) continue;
    all += n;
    if (span.style & kMonospaced) mono += n;
    if ((span.style & (kSuperscript | kSubscript | kSmallCaps)) == 0) {
      if (span.style & kMath) {
        sizes[static_cast<int>(std::lround(span.size_pt * 10))] += n;
        continue;
      }
      sizes[static_cast<int>(std::lround(span.size_pt * 10))] += n;
      const CharacterCounts counts = count_characters(span.text);
      if (counts.letters > 0) common &= span.style;
    }
  }
  f.mono = all > 0 && mono * 10 >= all * 8;
  f.style = common == 0xFFFF ? (line.spans.empty() ? 0 : line.spans.front().style) : common;
  size_t most = 0;
  for (const auto& [tenths, n] : sizes)
    if (n > most) {
      most = n;
      f.size = static_cast<float>(tenths) / 10;
    }
  if (f.size <= 0) f.size = line.spans.empty() ? f.box.height() : line.spans.front().size_pt;
  if (f.size <= 0) f.size = std::max(1.0f, f.box.height());
  if (line.source == Source::kOcr && f.box.height() > 0) f.size = std::max(1.0f, f.size);
  const Box base = sheet.to_sheet(
      sheet.frame.sideways() ? Box{line.baseline_y, line.box.y0, line.baseline_y, line.box.y1}
                             : Box{line.box.x0, line.baseline_y, line.box.x1, line.baseline_y});
  f.base = base.y1;
  if (f.base < f.box.y0 || f.base > f.box.y1 + 0.2f * f.size)
    f.base = f.box.y1 - 0.2f * f.box.height();
  return f;
}

void merge_into(Line& into, const Line& next) {
  if (into.spans.empty()) {
    into = next;
    return;
  }
  if (into.spans.back().style & kMath) {
    Span space = into.spans.back();
    space.style = 0;
    space.text.clear();
    space.box.x0 = space.box.x1;
    into.spans.push_back(std::move(space));
  }
  if (!into.spans.back().text.ends_with(' ')) into.spans.back().text += ' ';
  into.spans.insert(into.spans.end(), next.spans.begin(), next.spans.end());
  into.box = united(into.box, next.box);
  into.confidence = std::min(into.confidence, next.confidence);
}

// Rows are shaded cell by cell, and a spacing column makes a cell as thin as a rule.
bool is_part_of_shade(const Sheet& sheet, const Box& box, uint32_t rgb, size_t rules) {
  constexpr size_t kMostPairs = 20'000'000;
  if (sheet.fills.size() * rules > kMostPairs) return false;
  const auto near = [](float a, float b) { return std::abs(a - b) < 0.6f; };
  return std::any_of(sheet.fills.begin(), sheet.fills.end(), [&](const Fill& fill) {
    return fill.rgb == rgb && near(fill.box.y0, box.y0) && near(fill.box.y1, box.y1) &&
           (near(fill.box.x1, box.x0) || near(fill.box.x0, box.x1));
  });
}

}  // namespace

Sheet make_sheet(const PageInput& input) {
  Sheet sheet;
  sheet.input = &input;
  std::array<size_t, 4> by_rotation{};
  CharacterCounts all;
  for (const Line& line : input.lines) {
    const int rotation = snapped_rotation(line.rotation, 0);
    if (rotation < 0) continue;
    size_t bytes = 0;
    for (const Span& span : line.spans) {
      bytes += span.text.size();
      const CharacterCounts counts = count_characters(span.text);
      all.letters += counts.letters;
      all.right_to_left += counts.right_to_left;
    }
    by_rotation[static_cast<size_t>(rotation / 90)] += bytes;
  }
  const auto most = std::max_element(by_rotation.begin(), by_rotation.end());
  sheet.frame = {static_cast<int>(most - by_rotation.begin()) * 90, input.width_pt,
                 input.height_pt};
  sheet.mirror = all.right_to_left * 2 > all.letters;
  sheet.width = sheet.frame.width();
  sheet.height = sheet.frame.height();

  std::map<uint32_t, size_t> colours;
  size_t mono = 0, total = 0;
  for (const Line& line : input.lines) {
    const int rotation = snapped_rotation(line.rotation, 0);
    if (rotation != sheet.frame.rotation) {
      // At an angle: a watermark, a stamp at the margin, or a label.
      Block block;
      block.type = BlockType::kNoise;
      block.source = line.source;
      block.confidence = line.confidence;
      block.box = sheet.to_sheet(line.box);
      block.lines.push_back(line);
      sheet.blocks.push_back(std::move(block));
      continue;
    }
    Fragment f = make_fragment(line, sheet);
    if (f.counts.all == 0) continue;
    SizeUse& use = sheet.sizes[Sheet::size_key(f.size)];
    use.characters += f.counts.all;
    for (const Span& span : line.spans) colours[span.rgb] += span.text.size();
    use.plain_lines += (f.style & kBold) == 0;
    total += f.counts.all;
    if (f.mono) mono += f.counts.all;
    sheet.text_area = united(sheet.text_area, f.box);
    sheet.fragments.push_back(std::move(f));
  }
  size_t best = 0;
  for (const auto& [halves, use] : sheet.sizes)
    if (use.characters > best) {
      best = use.characters;
      sheet.body_size = static_cast<float>(halves) / 2;
    }
  size_t commonest = 0;
  for (const auto& [rgb, bytes] : colours)
    if (bytes > commonest) {
      commonest = bytes;
      sheet.body_rgb = rgb;
    }
  sheet.characters = total;
  sheet.body_mono = total == 0 ? 0 : static_cast<float>(mono) / static_cast<float>(total);

  for (Fill fill : input.fills) {
    fill.box = sheet.to_sheet(fill.box);
    sheet.fills.push_back(fill);
  }
  for (const Rule& rule : input.rules) {
    const Box box = sheet.to_sheet(rule.box);
    if (box.width() >= box.height())
      sheet.across.push_back(box);
    else if (!is_part_of_shade(sheet, box, rule.rgb, input.rules.size()))
      sheet.down.push_back(box);
  }
  for (const PlacedImage& image : input.images) sheet.images.push_back(sheet.to_sheet(image.box));
  for (Region region : input.regions) {
    region.box = sheet.to_sheet(region.box);
    sheet.regions.push_back(region);
  }
  return sheet;
}

std::vector<Row> rows_of(const Sheet& sheet, std::vector<uint32_t> fragments) {
  const std::vector<Fragment>& all = sheet.fragments;
  std::stable_sort(fragments.begin(), fragments.end(),
                   [&](uint32_t a, uint32_t b) { return all[a].base < all[b].base; });
  std::vector<Row> rows;
  for (uint32_t index : fragments) {
    const Fragment& f = all[index];
    bool placed = false;
    for (size_t back = 0; back < 3 && back < rows.size() && !placed; ++back) {
      Row& row = rows[rows.size() - 1 - back];
      // What is raised, and no word, belongs to the line that it stands beside: the marks of notes
      // and affiliations.
      const bool mark = row.size < 0.8f * f.size && row.fragments.size() == 1 &&
                        all[row.fragments.front()].counts.letters == 0 && row.box.x0 > f.box.x0;
      const float slack = mark ? 0.55f * f.size : 0.35f * std::min(f.size, row.size);
      if (f.base - row.base > slack) break;
      // Two fragments above each other never share a row.
      const bool collides =
          std::any_of(row.fragments.begin(), row.fragments.end(), [&](uint32_t other) {
            const Box& box = all[other].box;
            return overlap(box.x0, box.x1, f.box.x0, f.box.x1) >
                   0.3f * std::min(box.width(), f.box.width());
          });
      if (collides) continue;
      row.fragments.push_back(index);
      row.box = united(row.box, f.box);
      if (mark) row.base = f.base;
      if (f.counts.all > all[row.fragments.front()].counts.all) row.size = f.size;
      placed = true;
    }
    if (!placed) rows.push_back({{index}, f.box, f.base, f.size});
  }
  for (Row& row : rows)
    std::sort(row.fragments.begin(), row.fragments.end(),
              [&](uint32_t a, uint32_t b) { return all[a].box.x0 < all[b].box.x0; });
  return rows;
}

Line joined_line(const Sheet& sheet, const Row& row) {
  Line line;
  for (uint32_t index : row.fragments) merge_into(line, sheet.fragments[index].line);
  return line;
}

std::string row_text(const Sheet& sheet, const Row& row) {
  std::string text;
  for (uint32_t index : row.fragments) {
    if (!text.empty() && !text.ends_with(' ')) text += ' ';
    text += sheet.fragments[index].text;
  }
  return text;
}

std::vector<Interval> common(const std::vector<Interval>& a, const std::vector<Interval>& b,
                             float least) {
  std::vector<Interval> out;
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const Interval both{std::max(a[i].a, b[k].a), std::min(a[i].b, b[k].b)};
    if (both.b - both.a >= least) out.push_back(both);
    if (a[i].b < b[k].b)
      ++i;
    else
      ++k;
  }
  return out;
}

bool is_scan(const Sheet& sheet) {
  size_t ocr = 0;
  for (const Fragment& f : sheet.fragments) ocr += f.line.source == Source::kOcr;
  return ocr * 2 > sheet.fragments.size();
}

}  // namespace pdf2md::document
