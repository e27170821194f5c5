// Tokens on one baseline to LaTeX, and what tall delimiters enclose.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "document/math_layout.h"

namespace pdf2md::document {
namespace {

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ends_with_command(std::string_view latex) {
  size_t at = latex.size();
  while (at > 0 && is_ascii_letter(latex[at - 1])) --at;
  return at > 0 && at < latex.size() && latex[at - 1] == '\\';
}

bool is_command(std::string_view latex) {
  return latex.size() > 1 && latex[0] == '\\' &&
         std::all_of(latex.begin() + 1, latex.end(), is_ascii_letter);
}

std::string as_argument(const std::string& latex) {
  return latex.size() == 1 || is_command(latex) ? latex : "{" + latex + "}";
}

void by_start(MathTokens& tokens) {
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const MathToken& a, const MathToken& b) { return a.box.x0 < b.box.x0; });
}

float gap_between(const MathToken& left, const MathToken& right) {
  return right.box.x0 - left.box.x1;
}

// Upright letters in a row are a word.
void join_words(MathTokens& tokens) {
  MathTokens out;
  for (size_t i = 0; i < tokens.size();) {
    size_t end = i + 1;
    if (tokens[i].kind == MathKind::kWord && tokens[i].latex[0] != '\\') {
      while (end < tokens.size() && tokens[end].kind == MathKind::kWord &&
             tokens[end].latex[0] != '\\' && tokens[end - 1].sub.empty() &&
             tokens[end - 1].sup.empty() &&
             gap_between(tokens[end - 1], tokens[end]) < 0.45f * tokens[i].size)
        ++end;
    }
    MathToken made = tokens[i];
    if (made.kind == MathKind::kWord && made.latex[0] != '\\') {
      std::string words;
      for (size_t k = i; k < end; ++k) {
        if (k > i && gap_between(tokens[k - 1], tokens[k]) > 0.18f * tokens[i].size) words += ' ';
        words += tokens[k].latex;
      }
      made.sub = tokens[end - 1].sub;
      made.sup = tokens[end - 1].sup;
      made.box.x1 = tokens[end - 1].box.x1;
      const std::string known = math_word(words);
      const bool text = words.find(' ') != words.npos;
      made.latex = !known.empty() ? known : (text ? "\\text{" : "\\mathrm{") + words + "}";
    }
    out.push_back(std::move(made));
    i = end;
  }
  tokens = std::move(out);
}

// Three equal dots are one sign.
void join_dots(MathTokens& tokens) {
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    const bool low = tokens[i].character == '.' && tokens[i].latex == ".";
    const bool centred = tokens[i].latex == "\\cdot";
    if (!low && !centred) continue;
    if (tokens[i + 1].latex != tokens[i].latex || tokens[i + 2].latex != tokens[i].latex) continue;
    tokens[i].latex = low ? "\\ldots" : "\\cdots";
    tokens[i].kind = MathKind::kOther;
    tokens[i].character = 0;
    tokens[i].box = united(tokens[i].box, tokens[i + 2].box);
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i) + 1,
                 tokens.begin() + static_cast<ptrdiff_t>(i) + 3);
  }
}

// A stroke through the relation after it.
void join_negations(MathTokens& tokens) {
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].character != 0x338) continue;
    const std::string whole = negated(tokens[i + 1].latex);
    tokens[i + 1].latex = whole.empty() ? "\\not" + tokens[i + 1].latex : whole;
    tokens[i + 1].box = united(tokens[i].box, tokens[i + 1].box);
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i));
  }
}

// Tall delimiters that have a partner in the row grow with what is between them.
void mark_pairs(MathTokens& tokens) {
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].tall) continue;
    const bool fence = tokens[i].kind == MathKind::kFence;
    if (tokens[i].kind == MathKind::kOpen ||
        (fence && (open.empty() || tokens[open.back()].kind != MathKind::kFence))) {
      open.push_back(i);
    } else if ((tokens[i].kind == MathKind::kClose || fence) && !open.empty()) {
      tokens[open.back()].latex.insert(0, "\\left");
      tokens[i].latex.insert(0, "\\right");
      open.pop_back();
    }
  }
}

class RowWriter {
 public:
  explicit RowWriter(bool script) : script_(script) {}

  void add(const MathToken& token, const MathToken* before) {
    std::string text = token.latex;
    const bool after_script = before != nullptr && (!before->sub.empty() || !before->sup.empty());
    if (after_script && is_ascii_letter(text[0]) && !out_.empty() && out_.back() != ' ')
      out_ += ' ';
    if (!token.sub.empty()) text += "_" + as_argument(token.sub);
    if (!token.sup.empty()) text += "^" + as_argument(token.sup);
    const float gap = before == nullptr ? 0 : gap_between(*before, token);
    if (gap > 0.1f * token.size) in_number_ = false;
    if (before != nullptr && gap > 1.1f * token.size && !out_.empty()) {
      trim();
      out_ += " \\quad ";
      operand_ = false;
    }
    switch (token.kind) {
      case MathKind::kRelation:
        spaced(text, !script_ || is_command(token.latex));
        operand_ = false;
        return;
      case MathKind::kBinary:
        spaced(text, operand_ && !script_);
        operand_ = false;
        return;
      case MathKind::kPunctuation:
        punctuation(text, token, before, gap);
        return;
      case MathKind::kOpen:
        append(text);
        operand_ = false;
        return;
      default:
        append(text);
        operand_ = true;
    }
  }

  std::string take() {
    trim();
    return std::move(out_);
  }

 private:
  void trim() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
  }

  void spaced(const std::string& text, bool spaces) {
    if (spaces && !pending_space_ && !out_.empty() && out_.back() != ' ') out_ += ' ';
    append(text);
    if (spaces) out_ += ' ';
  }

  // A point or comma within a number has none.
  void punctuation(const std::string& text, const MathToken& token, const MathToken* before,
                   float gap) {
    append(text);
    const bool in_number =
        before != nullptr && before->kind == MathKind::kDigit && gap < 0.08f * token.size;
    pending_space_ = true;
    in_number_ = in_number;
    operand_ = false;
  }

  void append(const std::string& text) {
    if (text.empty()) return;
    if (pending_space_) {
      pending_space_ = false;
      const bool digit = text[0] >= '0' && text[0] <= '9';
      if (!(digit && in_number_)) out_ += ' ';
    } else if (!out_.empty() && out_.back() != ' ') {
      const char last = out_.back();
      const bool command = text[0] == '\\' && text.size() > 1 && is_ascii_letter(text[1]) &&
                           !text.starts_with("\\right") && !text.starts_with("\\left");
      const bool opens = last == '(' || last == '[' || last == '{' || last == '|' || last == '-';
      const bool word = is_ascii_letter(text[0]);
      if ((command && !opens) || (word && (last == '}' || ends_with_command(out_)))) out_ += ' ';
    }
    out_ += text;
  }

  bool script_;
  bool operand_ = false;
  bool pending_space_ = false;
  bool in_number_ = false;  // the point or comma may be within one
  std::string out_;
};

// --- matrices

const char* environment(char32_t open) {
  switch (open) {
    case '(':
      return "pmatrix";
    case '[':
      return "bmatrix";
    case '{':
      return "Bmatrix";
    case '|':
      return "vmatrix";
    default:
      return nullptr;
  }
}

char32_t partner(char32_t open) {
  return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : open == '|' ? '|' : 0;
}

struct MatrixRow {
  float axis = 0;
  MathTokens tokens;
};

// Rows by the axes of tokens of full size; scripts go to the nearest.
std::vector<MatrixRow> rows_of(const MathTokens& tokens) {
  float size = 0;
  for (const MathToken& t : tokens)
    if (!t.tall) size = std::max(size, t.size);
  std::vector<float> axes;
  for (const MathToken& t : tokens)
    if (t.size > 0.85f * size || t.built || t.tall) axes.push_back(t.axis);
  std::sort(axes.begin(), axes.end());
  std::vector<MatrixRow> rows;
  for (const float axis : axes)
    if (rows.empty() || axis - rows.back().axis > 0.8f * size) rows.push_back({axis, {}});
  for (const MathToken& t : tokens) {
    MatrixRow* nearest = nullptr;
    for (MatrixRow& row : rows)
      if (nearest == nullptr || std::abs(row.axis - t.axis) < std::abs(nearest->axis - t.axis))
        nearest = &row;
    if (nearest != nullptr) nearest->tokens.push_back(t);
  }
  return rows;
}

// The cells of a row: parted by wide gaps.
std::vector<MathTokens> cells_of(MathTokens tokens) {
  attach_scripts(tokens);
  by_start(tokens);
  std::vector<MathTokens> cells;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i == 0 || gap_between(tokens[i - 1], tokens[i]) > 0.75f * tokens[i].size)
      cells.emplace_back();
    cells.back().push_back(tokens[i]);
  }
  return cells;
}

// "a & b \\ c & d"; empty: the rows do not have the same number of cells.
std::string grid(const std::vector<MatrixRow>& rows, bool ragged, bool& certain) {
  std::string out;
  size_t columns = 0;
  for (const MatrixRow& row : rows) {
    const std::vector<MathTokens> cells = cells_of(row.tokens);
    if (columns == 0) columns = cells.size();
    if (cells.size() != columns && !ragged) return {};
    if (!out.empty()) out += " \\\\ ";
    for (size_t c = 0; c < cells.size(); ++c)
      out += (c > 0 ? " & " : "") + composed(cells[c], false, certain);
  }
  return out;
}

class Matrices {
 public:
  explicit Matrices(MathTokens& tokens) : tokens_(tokens) {}

  void run() {
    for (size_t i = 0; i < tokens_.size(); ++i)
      if (tokens_[i].tall && environment(tokens_[i].character) != nullptr && build(i))
        i = static_cast<size_t>(-1);  // the numbers have changed: from the start
  }

 private:
  bool build(size_t open) {
    const MathToken& left = tokens_[open];
    if (left.kind != MathKind::kOpen && left.kind != MathKind::kFence) return false;
    size_t close = tokens_.size();
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const MathToken& t = tokens_[i];
      if (i == open || !t.tall || t.character != partner(left.character) ||
          t.box.x0 < left.box.x1 || std::abs(t.axis - left.axis) > 0.35f * left.size ||
          std::abs(t.box.height() - left.box.height()) > 0.5f * left.size)
        continue;
      if (close == tokens_.size() || t.box.x0 < tokens_[close].box.x0) close = i;
    }
    const bool cases = close == tokens_.size();
    if (cases && left.character != '{') return false;
    std::vector<bool> inside(tokens_.size(), false);
    if (cases)
      mark_cases(open, inside);
    else
      for (size_t i = 0; i < tokens_.size(); ++i)
        inside[i] = i != open && i != close && within(tokens_[i], left) &&
                    tokens_[i].box.x0 > left.box.x0 && tokens_[i].box.x1 < tokens_[close].box.x1;
    MathTokens content;
    for (size_t i = 0; i < tokens_.size(); ++i)
      if (inside[i]) content.push_back(tokens_[i]);
    if (content.empty()) return false;
    const std::vector<MatrixRow> rows = rows_of(content);
    if (rows.size() < 2) return false;
    MathToken made = left;
    const std::string cells = grid(rows, cases, made.certain);
    if (cells.empty()) return false;
    for (const MathToken& t : content) add(made, t);
    inside[open] = true;
    if (!cases) {
      add(made, tokens_[close]);
      inside[close] = true;
    }
    const std::string name = cases ? "cases" : environment(left.character);
    made.latex = "\\begin{" + name + "} " + cells + " \\end{" + name + "}";
    made.kind = MathKind::kOther;
    made.built = true;
    made.tall = false;
    made.character = 0;
    for (const MathToken& t : content) made.size = std::max(made.size, t.size);
    made.base = made.axis + 0.25f * made.size;
    MathTokens rest;
    for (size_t i = 0; i < tokens_.size(); ++i)
      if (!inside[i]) rest.push_back(std::move(tokens_[i]));
    rest.push_back(std::move(made));
    tokens_ = std::move(rest);
    return true;
  }

  static bool within(const MathToken& t, const MathToken& delimiter) {
    const float slack = 0.25f * t.size;
    return t.box.center_y() > delimiter.box.y0 - slack &&
           t.box.center_y() < delimiter.box.y1 + slack;
  }

  // After a brace without a partner: what follows without a wide gap.
  void mark_cases(size_t open, std::vector<bool>& inside) const {
    const MathToken& left = tokens_[open];
    float reach = left.box.x1;
    for (bool grown = true; grown;) {
      grown = false;
      for (size_t i = 0; i < tokens_.size(); ++i) {
        const MathToken& t = tokens_[i];
        if (inside[i] || i == open || !within(t, left) || t.box.x0 < left.box.x0) continue;
        if (t.box.x0 - reach > 1.5f * left.size) continue;
        inside[i] = grown = true;
        reach = std::max(reach, t.box.x1);
      }
    }
  }

  static void add(MathToken& into, const MathToken& t) {
    into.box = united(into.box, t.box);
    into.certain = into.certain && t.certain && t.kind != MathKind::kUnknown;
    into.glyphs.insert(into.glyphs.end(), t.glyphs.begin(), t.glyphs.end());
  }

  MathTokens& tokens_;
};

}  // namespace

void build_matrices(MathTokens& tokens) {
  Matrices(tokens).run();
}

std::string row_latex(MathTokens tokens, bool script) {
  by_start(tokens);
  join_words(tokens);
  join_dots(tokens);
  join_negations(tokens);
  mark_pairs(tokens);
  RowWriter writer(script);
  const MathToken* before = nullptr;
  for (const MathToken& token : tokens) {
    writer.add(token, before);
    before = &token;
  }
  return writer.take();
}

}  // namespace pdf2md::document
