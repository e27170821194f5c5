#include "document/markdown_inline.h"

#include <algorithm>

#include "document/characters.h"
#include "document/html_inline.h"
#include "document/inline_text.h"

namespace pdf2md::document {
namespace {

constexpr uint16_t kEmphasis = kBold | kItalic | kStruck;

bool is_ascii_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}
bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}
// What flanking rules call punctuation; other scripts' is judged by "no letter and no digit".
bool is_punctuation(char32_t c) {
  return c != 0 && !is_letter(c) && !is_digit(c) && !is_space(c) && !is_combining(c);
}

// Escapes `text`, which stands between `before` and `after` (0: nothing) in one paragraph.
class Escaper {
 public:
  Escaper(std::string_view paragraph, bool in_cell, bool formulas) : in_cell_(in_cell) {
    dollars_pair_ = formulas || dollars_pair(paragraph);
    tildes_pair_ = std::count(paragraph.begin(), paragraph.end(), '~') > 1;
  }

  std::string escaped(std::string_view text, char before, char after) const {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      const char prev = i > 0 ? text[i - 1] : before;
      const char next = i + 1 < text.size() ? text[i + 1] : after;
      if (needs_escape(text, i, prev, next)) out += '\\';
      out += text[i];
    }
    return out;
  }

 private:
  bool needs_escape(std::string_view text, size_t i, char prev, char next) const {
    const bool edge_before = prev == 0 || is_blank(prev), edge_after = next == 0 || is_blank(next);
    switch (text[i]) {
      case '\\':
        return is_ascii_punctuation(next);
      case '`':
        return true;
      case '*':
        return !(edge_before && edge_after);
      case '_': {
        // Within a word it opens nothing. Bytes above 127 are letters for the most part.
        const auto is_word = [](char c) {
          return is_ascii_letter(c) || is_ascii_digit(c) || (c & 0x80) != 0;
        };
        return !(edge_before && edge_after) && !(is_word(prev) && is_word(next)) &&
               !(prev == '_' && next == '_');
      }
      case '<':
        return is_ascii_letter(next) || next == '/' || next == '!' || next == '?';
      case '[':
        return opens_link(text, i);
      case '&':
        return is_entity(text.substr(i));
      case '~':
        return tildes_pair_ && !(edge_before && edge_after);
      case '$':
        return dollars_pair_;
      case '|':
        return in_cell_;
      default:
        return false;
    }
  }

  // "[text](" and "[^note" would be read as links; "[text]:" defines one.
  static bool opens_link(std::string_view text, size_t i) {
    if (i + 1 < text.size() && text[i + 1] == '^') return true;
    size_t depth = 0;
    for (size_t j = i; j < text.size(); ++j) {
      if (text[j] == '[') ++depth;
      if (text[j] == ']' && --depth == 0)
        return j + 1 < text.size() && (text[j + 1] == '(' || text[j + 1] == ':');
    }
    return false;
  }

  static bool is_entity(std::string_view text) {
    const size_t end = text.substr(0, 34).find(';');
    if (end == text.npos || end < 2) return false;
    std::string_view name = text.substr(1, end - 1);
    if (name[0] == '#')
      return name.size() > 1 && name.find_first_not_of("0123456789xXabcdefABCDEF", 1) == name.npos;
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return is_ascii_letter(c) || is_ascii_digit(c); });
  }

  // As readers of "$...$" see it: opened before ink, closed after ink and not before a digit.
  static bool dollars_pair(std::string_view text) {
    bool open = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$') continue;
      const char prev = i > 0 ? text[i - 1] : ' ', next = i + 1 < text.size() ? text[i + 1] : ' ';
      if (open && !is_blank(prev) && !is_ascii_digit(next)) return true;
      if (!is_blank(next)) open = true;
    }
    return false;
  }

  bool in_cell_;
  bool dollars_pair_ = false;
  bool tildes_pair_ = false;
};

std::string code_span(std::string_view text, bool in_cell) {
  size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool pad = text.front() == '`' || text.back() == '`';
  std::string out = fence + (pad ? " " : "");
  for (char c : text) {
    if (c == '|' && in_cell) out += '\\';
    out += c;
  }
  return out + (pad ? " " : "") + fence;
}

// Bold and italic only open beside a word: spaces go outside, and so does punctuation that would
// stand between the marks and a letter.
Runs settled(const Runs& runs) {
  Runs out;
  auto push = [&](const Run& like, std::string text, uint16_t style) {
    if (text.empty()) return;
    Run run = like;
    run.text = std::move(text);
    run.style = style;
    out.push_back(std::move(run));
  };
  auto character_at = [&](size_t index, bool last) -> char32_t {
    if (index >= runs.size() || runs[index].line_break) return 0;
    if (runs[index].note != 0) return U'[';
    const std::u32string all = code_points(runs[index].text);
    return all.empty() ? 0 : (last ? all.back() : all.front());
  };
  for (size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    const uint16_t marks = run.style & (kEmphasis | kMonospaced | kSuperscript | kSubscript);
    if (run.note != 0 || run.line_break || marks == 0) {
      out.push_back(run);
      continue;
    }
    const std::u32string all = code_points(run.text);
    size_t first = 0, last = all.size();
    while (first < last && is_space(all[first])) ++first;
    while (last > first && is_space(all[last - 1])) --last;
    const uint16_t before = i > 0 ? runs[i - 1].style : 0,
                   after = i + 1 < runs.size() ? runs[i + 1].style : 0;
    if (marks & kEmphasis & static_cast<uint16_t>(~before)) {
      const char32_t prev = first > 0 ? U' ' : character_at(i - 1, true);
      if (prev != 0 && !is_space(prev) && !is_punctuation(prev))
        while (first < last && (is_punctuation(all[first]) || is_space(all[first]))) ++first;
    }
    if (marks & kEmphasis & static_cast<uint16_t>(~after)) {
      const char32_t next = last < all.size() ? U' ' : character_at(i + 1, false);
      if (next != 0 && !is_space(next) && !is_punctuation(next))
        while (last > first && (is_punctuation(all[last - 1]) || is_space(all[last - 1]))) --last;
    }
    auto part = [&](size_t from, size_t to) {
      std::string text;
      for (size_t k = from; k < to; ++k) append_code_point(text, all[k]);
      return text;
    };
    // What is outside keeps the marks that go on over the border.
    push(run, part(0, first), static_cast<uint16_t>(run.style & before & kEmphasis));
    push(run, part(first, last), run.style);
    push(run, part(last, all.size()), static_cast<uint16_t>(run.style & after & kEmphasis));
  }
  Runs merged;
  for (Run& run : out) {
    const bool same = !merged.empty() && merged.back().style == run.style &&
                      merged.back().uri == run.uri && merged.back().note == 0 && run.note == 0 &&
                      !merged.back().line_break && !run.line_break;
    if (same)
      merged.back().text += run.text;
    else
      merged.push_back(std::move(run));
  }
  return merged;
}

bool is_autolink(std::string_view text, std::string_view uri) {
  const bool plain = uri.find_first_of(" <>\\") == uri.npos;
  if (!plain) return false;
  if (text == uri) return uri.find(':') != uri.npos && uri.find(':') >= 2;
  return uri.starts_with("mailto:") && text == uri.substr(7) && text.find('@') != text.npos;
}

// Ordinals ("1st", "Mme") read well without a mark; exponents do not.
bool is_plain_script(std::string_view text) {
  if (text.empty() || text.size() > 4) return false;
  for (char32_t c : code_points(text))
    if (!is_letter(c) && c != U'.') return false;
  return true;
}

bool has_formula(const Runs& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.style & kMath; });
}

// A bar would end the cell of a table.
std::string formula_span(std::string_view latex, bool in_cell) {
  std::string out = "$";
  for (size_t i = 0; i < latex.size(); ++i) {
    if (latex[i] != '|' || !in_cell) {
      out += latex[i];
    } else if (out.back() == '\\') {
      out += "Vert ";
    } else {
      out += "\\vert ";
    }
  }
  return out + "$";
}

class InlineWriter {
 public:
  InlineWriter(const Runs& runs, InlinePlace place)
      : runs_(settled(runs)),
        place_(place),
        escaper_(plain_text(runs), place == InlinePlace::kCell, has_formula(runs)) {}

  std::string run() {
    for (size_t i = 0; i < runs_.size();) {
      if (runs_[i].uri.empty()) {
        write(i, runs_[i]);
        ++i;
        continue;
      }
      i = link(i);
    }
    set_emphasis(0, runs_.size());
    return std::move(out_);
  }

 private:
  // Closes and opens marks; what stays open is not touched where it can stay.
  // `at`: the run that it is set for.
  void set_emphasis(uint16_t style, size_t at) {
    style &= kEmphasis;
    size_t keep = 0;
    while (keep < open_.size() && (style & open_[keep])) ++keep;
    while (open_.size() > keep) {
      out_ += mark_of(open_.back());
      open_.pop_back();
    }
    std::vector<uint16_t> wanted;
    for (uint16_t mark : {kStruck, kBold, kItalic})
      if ((style & mark) && std::find(open_.begin(), open_.end(), mark) == open_.end())
        wanted.push_back(mark);
    // What goes on for longer is opened first, so that it need not be closed with the others.
    std::stable_sort(wanted.begin(), wanted.end(),
                     [&](uint16_t a, uint16_t b) { return runs_with(a, at) > runs_with(b, at); });
    for (uint16_t mark : wanted) {
      out_ += mark_of(mark);
      open_.push_back(mark);
    }
  }
  size_t runs_with(uint16_t mark, size_t at) const {
    size_t end = at;
    while (end < runs_.size() && (runs_[end].style & mark)) ++end;
    return end - at;
  }
  static const char* mark_of(uint16_t mark) {
    return mark == kBold ? "**" : mark == kItalic ? "*" : "~~";
  }

  char neighbour(size_t i, int step) const {
    const size_t j = i + static_cast<size_t>(step);
    if (j >= runs_.size() || runs_[j].line_break) return 0;
    if (runs_[j].note != 0) return step > 0 ? '[' : ']';
    if (runs_[j].text.empty()) return 0;
    return step > 0 ? runs_[j].text.front() : runs_[j].text.back();
  }

  void write(size_t i, const Run& run) {
    set_emphasis(run.style, i);
    if (run.line_break) {
      out_ += place_ == InlinePlace::kParagraph ? "\\\n"
              : place_ == InlinePlace::kCell    ? "<br>"
                                                : " ";
    } else if (run.note != 0) {
      out_ += "[^" + std::to_string(run.note) + "]";
    } else if ((run.style & kMath) && !trimmed(run.text).empty()) {
      out_ += formula_span(run.text, place_ == InlinePlace::kCell);
    } else if ((run.style & kMonospaced) && !trimmed(run.text).empty()) {
      out_ += code_span(run.text, place_ == InlinePlace::kCell);
    } else {
      const std::string text = escaper_.escaped(run.text, neighbour(i, -1), neighbour(i, 1));
      const bool raised = run.style & kSuperscript, lowered = run.style & kSubscript;
      if ((raised || lowered) && !trimmed(run.text).empty() && !is_plain_script(run.text))
        out_ += (raised ? "<sup>" : "<sub>") + text + (raised ? "</sup>" : "</sub>");
      else
        out_ += text;
    }
  }

  // The runs from `first` that share a target, as one link.
  size_t link(size_t first) {
    size_t last = first;
    std::string text;
    while (last < runs_.size() && runs_[last].uri == runs_[first].uri) text += runs_[last++].text;
    const std::string& uri = runs_[first].uri;
    // Spaces at its ends are not part of the link.
    const bool space_before = !text.empty() && text.front() == ' ',
               space_after = !text.empty() && text.back() == ' ';
    if (trimmed(text).empty()) {
      set_emphasis(0, last);
      out_ += text;
      return last;
    }
    uint16_t common = kEmphasis;
    for (size_t i = first; i < last; ++i)
      if (!trimmed(runs_[i].text).empty()) common &= runs_[i].style;
    if (space_before) {
      set_emphasis(static_cast<uint16_t>(common & (first > 0 ? runs_[first - 1].style : 0)), first);
      out_ += ' ';
    }
    if (is_autolink(trimmed(text), uri)) {
      set_emphasis(common, first);
      out_ += "<" + std::string(trimmed(text)) + ">";
    } else {
      set_emphasis(common, first);
      const std::vector<uint16_t> outside = open_;
      out_ += '[';
      for (size_t i = first; i < last; ++i) {
        Run run = runs_[i];
        if (i == first && space_before) run.text.erase(0, 1);
        if (i + 1 == last && space_after && !run.text.empty()) run.text.pop_back();
        if (!run.text.empty()) write_in_link(i, run);
      }
      set_emphasis(common, last);
      out_ += "](" + link_target(uri) + ")";
    }
    if (space_after) {
      const uint16_t next = last < runs_.size() ? runs_[last].style : 0;
      set_emphasis(static_cast<uint16_t>(common & next), last);
      out_ += ' ';
    }
    return last;
  }

  void write_in_link(size_t i, const Run& run) {
    const size_t from = out_.size();
    write(i, run);
    // A bracket without its partner would end the link's text.
    std::string tail = out_.substr(from);
    if (run.style & (kMonospaced | kMath)) return;
    out_.resize(from);
    for (size_t k = 0; k < tail.size(); ++k) {
      if ((tail[k] == '[' || tail[k] == ']') && (k == 0 || tail[k - 1] != '\\')) out_ += '\\';
      out_ += tail[k];
    }
  }

  Runs runs_;
  InlinePlace place_;
  Escaper escaper_;
  std::vector<uint16_t> open_;
  std::string out_;
};

// What would begin a heading, a list, a quotation, a rule or a fence at the start of a line.
std::string escaped_start(std::string text) {
  if (text.empty()) return text;
  const char c = text[0];
  const auto ends_at = [&](size_t i) { return i >= text.size() || is_blank(text[i]); };
  if (c == '#') {
    size_t n = text.find_first_not_of('#');
    if (n == text.npos) n = text.size();
    if (n <= 6 && ends_at(n)) return "\\" + text;
  } else if (c == '>' || text.starts_with("~~~") || text.starts_with("```")) {
    return "\\" + text;
  } else if (c == '-' || c == '+' || c == '*' || c == '=' || c == '_') {
    const bool rule =
        text.find_first_not_of(std::string(1, c) + " ") == text.npos && text[0] != '\\';
    if ((c != '=' && c != '_' && ends_at(1)) || rule) return "\\" + text;
  } else if (is_ascii_digit(c)) {
    size_t n = 0;
    while (n < text.size() && is_ascii_digit(text[n])) ++n;
    if (n <= 9 && n < text.size() && (text[n] == '.' || text[n] == ')') && ends_at(n + 1))
      text.insert(n, "\\");
  }
  return text;
}

}  // namespace

std::string inline_markdown(const Runs& runs, InlinePlace place) {
  std::string text = InlineWriter(runs, place).run();
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  if (place == InlinePlace::kParagraph) {
    text = escaped_start(std::move(text));
    for (size_t at = text.find("\\\n"); at != text.npos; at = text.find("\\\n", at + 2)) {
      const std::string rest = escaped_start(text.substr(at + 2));
      text.resize(at + 2);
      text += rest;
    }
  }
  if (place == InlinePlace::kHeading && text.back() == '#') {
    const size_t hashes = text.find_last_not_of('#');
    if (hashes != text.npos && is_blank(text[hashes])) text.insert(hashes + 1, "\\");
  }
  return text;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string inline_html(const Runs& runs) {
  std::string out;
  struct Tag {
    uint16_t style;
    const char* name;
  };
  static constexpr Tag kTags[] = {{kStruck, "s"},        {kBold, "strong"},
                                  {kItalic, "em"},       {kMonospaced, "code"},
                                  {kSuperscript, "sup"}, {kSubscript, "sub"}};
  for (const Run& run : settled(runs)) {
    if (run.line_break) {
      out += "<br>";
      continue;
    }
    if (run.note != 0) {
      out += "[^" + std::to_string(run.note) + "]";
      continue;
    }
    std::string text = html_escaped(run.text);
    if (run.style & kMath) text = "$" + text + "$";
    for (size_t i = std::size(kTags); i-- > 0;)
      if ((run.style & kTags[i].style) && !trimmed(run.text).empty())
        text.insert(0, std::string("<") + kTags[i].name + ">").append("</").append(kTags[i].name) +=
            ">";
    if (!run.uri.empty() && is_safe_link(run.uri))
      text.insert(0, "<a href=\"" + html_escaped(run.uri) + "\">") += "</a>";
    out += text;
  }
  return out;
}

}  // namespace pdf2md::document
