#include "document/flow_row.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::document {

std::vector<FlowRow> flow_rows(const Sheet& sheet, const std::vector<Piece>& column,
                               ColumnShape& shape) {
  std::vector<uint32_t> fragments;
  for (const Piece& piece : column)
    if (piece.fragment >= 0) fragments.push_back(static_cast<uint32_t>(piece.fragment));
  std::vector<FlowRow> rows;
  Box hull;
  for (Row& row : rows_of(sheet, fragments)) {
    FlowRow flow;
    flow.line = joined_line(sheet, row);
    flow.text = row_text(sheet, row);
    flow.counts = count_characters(flow.text);
    flow.x0 = row.box.x0;
    flow.x1 = row.box.x1;
    flow.base = row.base;
    flow.size = row.size;
    flow.box = row.box;
    uint16_t style = 0xFFFF;
    size_t mono = 0, all = 0;
    for (uint32_t index : row.fragments) {
      const Fragment& f = sheet.fragments[index];
      if (f.counts.letters > 0 && f.style != kMath) style &= f.style;
      all += f.counts.all;
      if (f.mono) mono += f.counts.all;
    }
    flow.style = style == 0xFFFF ? sheet.fragments[row.fragments.front()].style : style;
    flow.mono = mono * 10 >= all * 8;
    flow.marker = list_marker(flow.text);
    flow.text_x = flow.x0;
    if (flow.marker) {
      const Fragment& first = sheet.fragments[row.fragments.front()];
      if (row.fragments.size() > 1 && trimmed(first.text) == flow.marker.text) {
        flow.text_x = sheet.fragments[row.fragments[1]].box.x0;
      } else if (!first.line.spans.empty() &&
                 trimmed(first.line.spans[0].text) == flow.marker.text &&
                 first.line.spans.size() > 1) {
        flow.text_x = sheet.to_sheet(first.line.spans[1].box).x0;
      } else {
        flow.text_x = flow.x0 + 0.5f * flow.size * static_cast<float>(flow.marker.text.size() + 1);
      }
    }
    hull = united(hull, row.box);
    flow.row = std::move(row);
    rows.push_back(std::move(flow));
  }
  shape.x0 = hull.x0;
  shape.x1 = hull.x1;
  std::vector<float> leadings;
  for (size_t i = 1; i < rows.size(); ++i) {
    const float step = rows[i].base - rows[i - 1].base;
    if (std::abs(rows[i].size - rows[i - 1].size) < 0.6f && step < 2.3f * rows[i].size && step > 0)
      leadings.push_back(step / rows[i].size);
  }
  float ratio = 1.2f;
  if (!leadings.empty()) {
    // The lower quartile: gaps between paragraphs are among them.
    const auto quarter = leadings.begin() + static_cast<ptrdiff_t>(leadings.size() / 4);
    std::nth_element(leadings.begin(), quarter, leadings.end());
    ratio = *quarter;
  }
  shape.leading = ratio;  // of the font size
  for (const Piece& piece : column) {
    if (piece.block < 0) continue;
    FlowRow flow;
    flow.block = piece.block;
    flow.box = piece.box;
    flow.base = piece.box.y1;
    rows.push_back(std::move(flow));
  }
  std::stable_sort(rows.begin(), rows.end(), [](const FlowRow& a, const FlowRow& b) {
    const float x = a.block >= 0 ? a.box.center_y() : a.base - 0.3f * a.size;
    const float y = b.block >= 0 ? b.box.center_y() : b.base - 0.3f * b.size;
    return x < y;
  });
  for (size_t i = 1; i < rows.size(); ++i)
    if (rows[i].block < 0 && rows[i - 1].block < 0) rows[i].after = rows[i].base - rows[i - 1].base;
  return rows;
}

void mark_contents(std::vector<FlowRow>& rows, const Sheet& sheet) {
  const auto last_word = [](std::string_view text) {
    text = trimmed(text);
    const size_t at = text.find_last_of(" .");
    return at == text.npos ? text : text.substr(at + 1);
  };
  for (FlowRow& row : rows)
    row.contents = row.block < 0 && has_leader(row.text) && is_page_reference(last_word(row.text));
  const auto page_stands_apart = [&](const FlowRow& row) {
    if (row.block >= 0 || row.row.fragments.size() < 2) return false;
    const Fragment& page = sheet.fragments[row.row.fragments.back()];
    const Fragment& before = sheet.fragments[row.row.fragments[row.row.fragments.size() - 2]];
    return is_page_reference(page.text) && page.box.x0 - before.box.x1 > 2 * row.size;
  };
  for (size_t i = 1; i < rows.size(); ++i)
    if (rows[i - 1].contents && page_stands_apart(rows[i])) rows[i].contents = true;
  for (size_t i = rows.size(); i-- > 1;)
    if (rows[i].contents && page_stands_apart(rows[i - 1])) rows[i - 1].contents = true;
}

void confirm_markers(std::vector<FlowRow>& rows, const ColumnShape& shape, const Sheet& sheet) {
  const size_t n = rows.size();
  std::vector<bool> good(n, false);
  for (size_t i = 0; i < n; ++i) {
    FlowRow& row = rows[i];
    if (!row.marker || row.block >= 0) continue;
    const bool alone = trimmed(row.text).size() <= row.marker.text.size();
    if (row.marker.kind == MarkerKind::kBullet || row.marker.kind == MarkerKind::kCheckbox) {
      good[i] = !alone;
      continue;
    }
    if (alone || looks_like_heading(sheet, row)) continue;
    // The text of the item hangs: the next row begins where this one's text does.
    const float slack = 0.35f * row.size;
    const bool hangs = i + 1 < n && rows[i + 1].block < 0 &&
                       std::abs(rows[i + 1].x0 - row.text_x) < slack &&
                       rows[i + 1].x0 - row.x0 > 0.6f * row.size && !rows[i + 1].marker;
    // A neighbour in sequence with the same kind of marker at the same place.
    bool sequence = false;
    for (int step : {-1, 1}) {
      for (size_t k = i + static_cast<size_t>(step), looked = 0; k < n && looked < 14;
           k += static_cast<size_t>(step), ++looked) {
        const FlowRow& other = rows[k];
        if (other.block >= 0 || !other.marker || other.marker.kind != row.marker.kind) continue;
        if (std::abs(other.x0 - row.x0) > row.size * 1.2f) continue;
        const bool next = row.marker.kind == MarkerKind::kDash
                              ? other.marker.text == row.marker.text
                              : other.marker.value == row.marker.value + step;
        sequence = sequence || next;
        break;
      }
    }
    const bool indented = row.x0 - shape.x0 > 0.8f * row.size;
    const bool number = row.marker.kind == MarkerKind::kNumber;
    good[i] = sequence || (hangs && (number || indented)) || (indented && hangs);
  }
  for (size_t i = 0; i < n; ++i)
    if (!good[i]) rows[i].marker = Marker{};
}

void drop_prefix(Line& line, size_t bytes) {
  while (bytes > 0 && !line.spans.empty()) {
    Span& span = line.spans.front();
    if (span.text.size() > bytes) {
      span.text.erase(0, bytes);
      return;
    }
    bytes -= span.text.size();
    line.spans.erase(line.spans.begin());
  }
}

bool looks_like_heading(const Sheet& sheet, const FlowRow& row) {
  if (row.counts.letters < 2) return false;
  const bool bigger = row.size > 1.12f * sheet.body_size;
  return bigger || (row.style & kBold) != 0;
}

bool in_small_caps_font(const FlowRow& row) {
  return std::all_of(row.line.spans.begin(), row.line.spans.end(), [](const Span& span) {
    const std::string_view font = span.font;
    return font.find("Caps") != font.npos || font.find("CSC") != font.npos ||
           count_characters(span.text).letters == 0;
  });
}

bool has_small_caps(const FlowRow& row) {
  return in_small_caps_font(row) ||
         std::any_of(row.line.spans.begin(), row.line.spans.end(),
                     [](const Span& span) { return span.style & kSmallCaps; });
}

}  // namespace pdf2md::document
