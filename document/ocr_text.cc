#include "document/ocr_text.h"

#include <string>
#include <vector>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

bool is_one_of(char32_t c, std::u32string_view set) {
  return set.find(c) != set.npos;
}

// One block's text as it is read, line after line.
class Mender {
 public:
  explicit Mender(bool french) : french_(french) {}

  void line(std::string_view text) {
    in_ = code_points(text);
    lines_.emplace_back();
    for (at_ = 0; at_ < in_.size(); ++at_) {
      const char32_t c = in_[at_];
      if (c == U' ' && space_is_too_much()) continue;
      if (c == U'"')
        quote();
      else if (c == U'\'')
        apostrophe();
      else
        out() += c;
    }
  }

  const std::vector<std::u32string>& lines() const { return lines_; }

 private:
  std::u32string& out() { return lines_.back(); }
  // A space beyond the ends of the line.
  char32_t before() const { return lines_.back().empty() ? U' ' : lines_.back().back(); }
  char32_t after(size_t distance = 1) const {
    return at_ + distance < in_.size() ? in_[at_ + distance] : U' ';
  }

  // Between a word and the punctuation behind it. Not in "word . . .", "f : X" or "3 : 4".
  bool space_is_too_much() {
    const char32_t mark = after();
    if (!is_one_of(mark, french_ ? U",." : U",.;:!?") || after(2) != U' ') return false;
    if (is_one_of(after(3), U".,;:!?") || out().size() < 2) return false;
    return is_one_of(before(), U"\")]”’") ||
           (is_letter(before()) && is_letter(out()[out().size() - 2]));
  }

  static bool opens_after(char32_t c) { return is_space(c) || is_dash(c) || is_one_of(c, U"([{'"); }
  static bool closes_before(char32_t c) {
    return is_space(c) || is_dash(c) || is_one_of(c, U".,;:!?)]}");
  }

  // A straight mark opens or closes by what stands beside it; where that does not say, by whether
  // one is open already.
  void quote() {
    const bool may_open = opens_after(before()), may_close = closes_before(after());
    if (may_open && !may_close) {
      out() += U'"';
      open_ = true;
    } else if (may_close && !may_open) {
      if (!open_ && apostrophe_line_ != SIZE_MAX) lines_[apostrophe_line_][apostrophe_at_] = U'"';
      out() += U'"';
      open_ = false;
    } else if (may_open) {
      loose_quote();
    } else if (is_digit(before())) {
      out() += U'"';  // 5"x3"
    } else {
      // Closed, too, where an apostrophe may have opened it, and by the first one before "said he".
      const bool closes = open_ || apostrophe_line_ != SIZE_MAX || (!seen_ && is_lower(after()));
      if (closes && !open_ && apostrophe_line_ != SIZE_MAX)
        lines_[apostrophe_line_][apostrophe_at_] = U'"';
      if (!closes) out() += U' ';
      out() += U'"';
      if (closes) out() += U' ';
      open_ = !closes;
    }
    apostrophe_line_ = SIZE_MAX;
    seen_ = true;
  }

  // With space on both sides: it belongs to the word that it opens or closes.
  void loose_quote() {
    const char32_t before_quote = before();
    const bool closes = open_ && before_quote == U' ' && out().size() >= 2;
    const bool opens = !open_ && after() == U' ' && is_letter(after(2));
    if (closes) out().pop_back();
    out() += U'"';
    if (opens) ++at_;
    if (closes || opens || before_quote == U'\'') open_ = opens;
  }

  // Remembered where it may be an opening mark; 'such' is a quotation of its own.
  void apostrophe() {
    if (opens_after(before()) && is_letter(after()) && !open_) {
      apostrophe_line_ = lines_.size() - 1;
      apostrophe_at_ = out().size();
    } else if (is_one_of(before(), U".,!?") && closes_before(after())) {
      apostrophe_line_ = SIZE_MAX;
    }
    out() += U'\'';
  }

  const bool french_;
  bool open_ = false;  // a double quotation mark
  bool seen_ = false;  // one
  std::vector<std::u32string> lines_;
  std::u32string in_;  // the line that is read
  size_t at_ = 0;
  size_t apostrophe_line_ = SIZE_MAX, apostrophe_at_ = 0;  // SIZE_MAX: none
};

}  // namespace

void mend_ocr_text(Block& block, bool french) {
  if (block.type == BlockType::kCode || block.type == BlockType::kFormula) return;
  Mender mender(french);
  std::vector<Span*> spans;
  for (Line& line : block.lines) {
    if (line.source != Source::kOcr || line.spans.size() != 1) continue;
    spans.push_back(&line.spans[0]);
    mender.line(line.spans[0].text);
  }
  for (size_t i = 0; i < spans.size(); ++i) {
    spans[i]->text.clear();
    for (char32_t c : mender.lines()[i]) append_code_point(spans[i]->text, c);
  }
}

}  // namespace pdf2md::document
