#include "document/math_symbols.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "document/characters.h"

namespace pdf2md::document {
namespace {

struct Entry {
  char32_t c;
  const char* latex;
  MathKind kind;
};

// Sorted by code point.
constexpr Entry kSymbols[] = {
    {0x21, "!", MathKind::kOther},
    {0x23, "\\#", MathKind::kOther},
    {0x25, "\\%", MathKind::kOther},
    {0x26, "\\&", MathKind::kOther},
    {0x27, "'", MathKind::kOther},
    {0x28, "(", MathKind::kOpen},
    {0x29, ")", MathKind::kClose},
    {0x2A, "*", MathKind::kBinary},
    {0x2B, "+", MathKind::kBinary},
    {0x2C, ",", MathKind::kPunctuation},
    {0x2D, "-", MathKind::kBinary},
    {0x2E, ".", MathKind::kPunctuation},
    {0x2F, "/", MathKind::kOther},
    {0x3A, ":", MathKind::kRelation},
    {0x3B, ";", MathKind::kPunctuation},
    {0x3C, "<", MathKind::kRelation},
    {0x3D, "=", MathKind::kRelation},
    {0x3E, ">", MathKind::kRelation},
    {0x3F, "?", MathKind::kOther},
    {0x5B, "[", MathKind::kOpen},
    {0x5C, "\\setminus", MathKind::kBinary},
    {0x5D, "]", MathKind::kClose},
    {0x5E, "\\hat", MathKind::kAccent},
    {0x7B, "\\{", MathKind::kOpen},
    {0x7C, "|", MathKind::kFence},
    {0x7D, "\\}", MathKind::kClose},
    {0x7E, "\\tilde", MathKind::kAccent},
    {0xA8, "\\ddot", MathKind::kAccent},
    {0xAC, "\\neg", MathKind::kOther},
    {0xAF, "\\bar", MathKind::kAccent},
    {0xB0, "^{\\circ}", MathKind::kOther},
    {0xB1, "\\pm", MathKind::kBinary},
    {0xB4, "\\acute", MathKind::kAccent},
    {0xB5, "\\mu", MathKind::kLetter},
    {0xB7, "\\cdot", MathKind::kBinary},
    {0xD7, "\\times", MathKind::kBinary},
    {0xF7, "\\div", MathKind::kBinary},
    {0x2C6, "\\hat", MathKind::kAccent},
    {0x2C7, "\\check", MathKind::kAccent},
    {0x2D8, "\\breve", MathKind::kAccent},
    {0x2D9, "\\dot", MathKind::kAccent},
    {0x2DC, "\\tilde", MathKind::kAccent},
    {0x300, "\\grave", MathKind::kAccent},
    {0x301, "\\acute", MathKind::kAccent},
    {0x302, "\\hat", MathKind::kAccent},
    {0x303, "\\tilde", MathKind::kAccent},
    {0x304, "\\bar", MathKind::kAccent},
    {0x305, "\\overline", MathKind::kAccent},
    {0x307, "\\dot", MathKind::kAccent},
    {0x308, "\\ddot", MathKind::kAccent},
    {0x30C, "\\check", MathKind::kAccent},
    {0x2016, "\\|", MathKind::kFence},
    {0x2020, "\\dagger", MathKind::kOther},
    {0x2021, "\\ddagger", MathKind::kOther},
    {0x2026, "\\ldots", MathKind::kOther},
    {0x2032, "'", MathKind::kOther},
    {0x2033, "''", MathKind::kOther},
    {0x203E, "\\bar", MathKind::kAccent},
    {0x2044, "/", MathKind::kOther},
    {0x20D7, "\\vec", MathKind::kAccent},
    {0x2107, "\\varepsilon", MathKind::kLetter},
    {0x210F, "\\hbar", MathKind::kLetter},
    {0x2111, "\\Im", MathKind::kLetter},
    {0x2113, "\\ell", MathKind::kLetter},
    {0x2118, "\\wp", MathKind::kLetter},
    {0x211C, "\\Re", MathKind::kLetter},
    {0x2135, "\\aleph", MathKind::kLetter},
    {0x2190, "\\leftarrow", MathKind::kRelation},
    {0x2191, "\\uparrow", MathKind::kRelation},
    {0x2192, "\\rightarrow", MathKind::kRelation},
    {0x2193, "\\downarrow", MathKind::kRelation},
    {0x2194, "\\leftrightarrow", MathKind::kRelation},
    {0x2197, "\\nearrow", MathKind::kRelation},
    {0x2198, "\\searrow", MathKind::kRelation},
    {0x21A6, "\\mapsto", MathKind::kRelation},
    {0x21D0, "\\Leftarrow", MathKind::kRelation},
    {0x21D2, "\\Rightarrow", MathKind::kRelation},
    {0x21D4, "\\Leftrightarrow", MathKind::kRelation},
    {0x2200, "\\forall", MathKind::kOther},
    {0x2202, "\\partial", MathKind::kLetter},
    {0x2203, "\\exists", MathKind::kOther},
    {0x2205, "\\emptyset", MathKind::kLetter},
    {0x2206, "\\Delta", MathKind::kLetter},
    {0x2207, "\\nabla", MathKind::kLetter},
    {0x2208, "\\in", MathKind::kRelation},
    {0x2209, "\\notin", MathKind::kRelation},
    {0x220B, "\\ni", MathKind::kRelation},
    {0x220F, "\\prod", MathKind::kOperator},
    {0x2210, "\\coprod", MathKind::kOperator},
    {0x2211, "\\sum", MathKind::kOperator},
    {0x2212, "-", MathKind::kBinary},
    {0x2213, "\\mp", MathKind::kBinary},
    {0x2215, "/", MathKind::kOther},
    {0x2216, "\\setminus", MathKind::kBinary},
    {0x2217, "*", MathKind::kBinary},
    {0x2218, "\\circ", MathKind::kBinary},
    {0x2219, "\\bullet", MathKind::kBinary},
    {0x221A, "\\sqrt", MathKind::kRadical},
    {0x221D, "\\propto", MathKind::kRelation},
    {0x221E, "\\infty", MathKind::kLetter},
    {0x2220, "\\angle", MathKind::kOther},
    {0x2223, "|", MathKind::kFence},
    {0x2225, "\\|", MathKind::kFence},
    {0x2227, "\\wedge", MathKind::kBinary},
    {0x2228, "\\vee", MathKind::kBinary},
    {0x2229, "\\cap", MathKind::kBinary},
    {0x222A, "\\cup", MathKind::kBinary},
    {0x222B, "\\int", MathKind::kOperator},
    {0x222C, "\\iint", MathKind::kOperator},
    {0x222D, "\\iiint", MathKind::kOperator},
    {0x222E, "\\oint", MathKind::kOperator},
    {0x2236, ":", MathKind::kRelation},
    {0x223C, "\\sim", MathKind::kRelation},
    {0x2243, "\\simeq", MathKind::kRelation},
    {0x2245, "\\cong", MathKind::kRelation},
    {0x2248, "\\approx", MathKind::kRelation},
    {0x224D, "\\asymp", MathKind::kRelation},
    {0x2254, ":=", MathKind::kRelation},
    {0x225C, "\\triangleq", MathKind::kRelation},
    {0x2260, "\\neq", MathKind::kRelation},
    {0x2261, "\\equiv", MathKind::kRelation},
    {0x2264, "\\leq", MathKind::kRelation},
    {0x2265, "\\geq", MathKind::kRelation},
    {0x226A, "\\ll", MathKind::kRelation},
    {0x226B, "\\gg", MathKind::kRelation},
    {0x227A, "\\prec", MathKind::kRelation},
    {0x227B, "\\succ", MathKind::kRelation},
    {0x227C, "\\preceq", MathKind::kRelation},
    {0x227D, "\\succeq", MathKind::kRelation},
    {0x2282, "\\subset", MathKind::kRelation},
    {0x2283, "\\supset", MathKind::kRelation},
    {0x2286, "\\subseteq", MathKind::kRelation},
    {0x2287, "\\supseteq", MathKind::kRelation},
    {0x2293, "\\sqcap", MathKind::kBinary},
    {0x2294, "\\sqcup", MathKind::kBinary},
    {0x2295, "\\oplus", MathKind::kBinary},
    {0x2296, "\\ominus", MathKind::kBinary},
    {0x2297, "\\otimes", MathKind::kBinary},
    {0x2299, "\\odot", MathKind::kBinary},
    {0x22A2, "\\vdash", MathKind::kRelation},
    {0x22A3, "\\dashv", MathKind::kRelation},
    {0x22A4, "\\top", MathKind::kOther},
    {0x22A5, "\\perp", MathKind::kOther},
    {0x22A8, "\\models", MathKind::kRelation},
    {0x22C0, "\\bigwedge", MathKind::kOperator},
    {0x22C1, "\\bigvee", MathKind::kOperator},
    {0x22C2, "\\bigcap", MathKind::kOperator},
    {0x22C3, "\\bigcup", MathKind::kOperator},
    {0x22C4, "\\diamond", MathKind::kBinary},
    {0x22C5, "\\cdot", MathKind::kBinary},
    {0x22C6, "\\star", MathKind::kBinary},
    {0x22EE, "\\vdots", MathKind::kOther},
    {0x22EF, "\\cdots", MathKind::kOther},
    {0x22F1, "\\ddots", MathKind::kOther},
    {0x2308, "\\lceil", MathKind::kOpen},
    {0x2309, "\\rceil", MathKind::kClose},
    {0x230A, "\\lfloor", MathKind::kOpen},
    {0x230B, "\\rfloor", MathKind::kClose},
    {0x2329, "\\langle", MathKind::kOpen},
    {0x232A, "\\rangle", MathKind::kClose},
    {0x25A1, "\\square", MathKind::kOther},
    {0x27E8, "\\langle", MathKind::kOpen},
    {0x27E9, "\\rangle", MathKind::kClose},
    {0x27F6, "\\longrightarrow", MathKind::kRelation},
    {0x27F7, "\\longleftrightarrow", MathKind::kRelation},
    {0x27F9, "\\Longrightarrow", MathKind::kRelation},
    {0x27FA, "\\iff", MathKind::kRelation},
    {0x27FC, "\\longmapsto", MathKind::kRelation},
    {0x2A01, "\\bigoplus", MathKind::kOperator},
    {0x2A02, "\\bigotimes", MathKind::kOperator},
    {0x2A7D, "\\leq", MathKind::kRelation},
    {0x2A7E, "\\geq", MathKind::kRelation},
    {0x2AAF, "\\preceq", MathKind::kRelation},
    {0x2AB0, "\\succeq", MathKind::kRelation},
};

// Α to ω by code point from U+0391; capitals that look like Latin ones are upright letters.
constexpr const char* kGreek[] = {"A",
                                  "B",
                                  "\\Gamma",
                                  "\\Delta",
                                  "E",
                                  "Z",
                                  "H",
                                  "\\Theta",
                                  "I",
                                  "K",
                                  "\\Lambda",
                                  "M",
                                  "N",
                                  "\\Xi",
                                  "O",
                                  "\\Pi",
                                  "P",
                                  "\\Theta",
                                  "\\Sigma",
                                  "T",
                                  "\\Upsilon",
                                  "\\Phi",
                                  "X",
                                  "\\Psi",
                                  "\\Omega",
                                  "",
                                  "",
                                  "",
                                  "",
                                  "",
                                  "",
                                  "",
                                  "\\alpha",
                                  "\\beta",
                                  "\\gamma",
                                  "\\delta",
                                  "\\varepsilon",
                                  "\\zeta",
                                  "\\eta",
                                  "\\theta",
                                  "\\iota",
                                  "\\kappa",
                                  "\\lambda",
                                  "\\mu",
                                  "\\nu",
                                  "\\xi",
                                  "o",
                                  "\\pi",
                                  "\\rho",
                                  "\\varsigma",
                                  "\\sigma",
                                  "\\tau",
                                  "\\upsilon",
                                  "\\varphi",
                                  "\\chi",
                                  "\\psi",
                                  "\\omega"};

// The Greek letters of each mathematical alphabet: U+1D6A8 + 58 n.
const char* greek_of_alphabet(char32_t index) {
  constexpr const char* kVariants[] = {"\\partial", "\\epsilon", "\\vartheta", "\\varkappa",
                                       "\\phi",     "\\varrho",  "\\varpi"};
  if (index < 25) return kGreek[index];
  if (index == 25) return "\\nabla";
  if (index < 51) return kGreek[index - 26 + 32];
  return kVariants[index - 51];
}

std::string braced(const char* command, const std::string& inside) {
  return std::string(command) + "{" + inside + "}";
}

constexpr std::array<const char*, 13> kAlphabets = {
    "\\mathbf",   "",         "\\boldsymbol", "\\mathcal", "\\mathcal", "\\mathfrak", "\\mathbb",
    "\\mathfrak", "\\mathsf", "\\mathsf",     "\\mathsf",  "\\mathsf",  "\\mathtt"};

std::string in_alphabet(size_t alphabet, const std::string& letter) {
  const char* command = kAlphabets[std::min(alphabet, kAlphabets.size() - 1)];
  return *command == 0 ? letter : braced(command, letter);
}

// Letters that were in Unicode before the mathematical alphabets.
MathSymbol letterlike(char32_t c) {
  struct Letter {
    char32_t c;
    const char* command;
    char letter;
  };
  static constexpr Letter kLetters[] = {
      {0x2102, "\\mathbb", 'C'},   {0x210A, "\\mathcal", 'g'},  {0x210B, "\\mathcal", 'H'},
      {0x210C, "\\mathfrak", 'H'}, {0x210D, "\\mathbb", 'H'},   {0x210E, "", 'h'},
      {0x2110, "\\mathcal", 'I'},  {0x2112, "\\mathcal", 'L'},  {0x2115, "\\mathbb", 'N'},
      {0x2119, "\\mathbb", 'P'},   {0x211A, "\\mathbb", 'Q'},   {0x211B, "\\mathcal", 'R'},
      {0x211D, "\\mathbb", 'R'},   {0x2124, "\\mathbb", 'Z'},   {0x2128, "\\mathfrak", 'Z'},
      {0x212C, "\\mathcal", 'B'},  {0x212D, "\\mathfrak", 'C'}, {0x212F, "\\mathcal", 'e'},
      {0x2130, "\\mathcal", 'E'},  {0x2131, "\\mathcal", 'F'},  {0x2133, "\\mathcal", 'M'},
      {0x2134, "\\mathcal", 'o'}};
  for (const Letter& letter : kLetters)
    if (letter.c == c) {
      const std::string one(1, letter.letter);
      return {*letter.command == 0 ? one : braced(letter.command, one), MathKind::kLetter};
    }
  return {};
}

MathSymbol of_alphabets(char32_t c) {
  if (c >= 0x1D400 && c < 0x1D6A4) {
    const char32_t at = (c - 0x1D400) % 52;
    const char letter = static_cast<char>(at < 26 ? 'A' + at : 'a' + (at - 26));
    return {in_alphabet((c - 0x1D400) / 52, std::string(1, letter)), MathKind::kLetter};
  }
  if (c == 0x1D6A4) return {"\\imath", MathKind::kLetter};
  if (c == 0x1D6A5) return {"\\jmath", MathKind::kLetter};
  if (c >= 0x1D6A8 && c < 0x1D7CA) {
    const char32_t alphabet = (c - 0x1D6A8) / 58;  // bold, italic, bold italic, sans bold, ...
    const std::string letter = greek_of_alphabet((c - 0x1D6A8) % 58);
    return {alphabet == 1 ? letter : braced("\\boldsymbol", letter), MathKind::kLetter};
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) {
    static constexpr const char* kDigits[] = {"\\mathbf", "\\mathbb", "\\mathsf", "\\mathsf",
                                              "\\mathtt"};
    const std::string digit(1, static_cast<char>('0' + (c - 0x1D7CE) % 10));
    return {braced(kDigits[(c - 0x1D7CE) / 10], digit), MathKind::kDigit};
  }
  return letterlike(c);
}

MathSymbol greek(char32_t c, MathFont font, bool bold) {
  std::string latex;
  if (c >= 0x391 && c <= 0x3C9)
    latex = kGreek[c - 0x391];
  else if (c == 0x3D1)
    latex = "\\vartheta";
  else if (c == 0x3D5)
    latex = font == MathFont::kItalic ? "\\varphi" : "\\phi";
  else if (c == 0x3D6)
    latex = "\\varpi";
  else if (c == 0x3F1)
    latex = "\\varrho";
  else if (c == 0x3F5)
    latex = "\\epsilon";
  if (latex.empty()) return {};
  // The names of Computer Modern's glyphs say "phi" and "epsilon" for the plain forms.
  if (font == MathFont::kItalic && c == 0x3C6) latex = "\\phi";
  if (font == MathFont::kItalic && c == 0x3B5) latex = "\\epsilon";
  return {bold ? braced("\\boldsymbol", latex) : latex, MathKind::kLetter};
}

MathSymbol latin(char c, MathFont font, bool bold, bool italic) {
  const std::string letter(1, c);
  const bool capital = c >= 'A' && c <= 'Z';
  if (font == MathFont::kSymbols && capital)
    return {braced("\\mathcal", letter), MathKind::kLetter};
  if (font == MathFont::kBlackboard) return {braced("\\mathbb", letter), MathKind::kLetter};
  if (font == MathFont::kFraktur) return {braced("\\mathfrak", letter), MathKind::kLetter};
  if (bold)
    return {braced(italic || font == MathFont::kItalic ? "\\boldsymbol" : "\\mathbf", letter),
            MathKind::kLetter};
  if (font == MathFont::kItalic || italic) return {letter, MathKind::kLetter};
  return {letter, MathKind::kWord};  // upright: part of a name
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.starts_with(part); });
}

}  // namespace

MathFont math_font(std::string_view font_name) {
  std::string name(font_name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (starts_with_any(name, {"cmmi", "lmmathitalic", "eurm", "rtxmi", "txmi", "pxmi", "rpxmi",
                             "ntxmi", "newtxmi", "mtmi", "zplmr7m", "stixmathitalic"}))
    return MathFont::kItalic;
  if (starts_with_any(name, {"cmsy", "cmbsy", "lmmathsymbols", "eusm", "rsfs", "txsy", "pxsy",
                             "ntxsy", "mtsy", "stmary"}))
    return MathFont::kSymbols;
  if (starts_with_any(name, {"cmex", "lmmathextension", "txex", "pxex", "ntxex", "euex"}))
    return MathFont::kExtension;
  if (starts_with_any(name, {"msbm", "bbm", "dsrom"})) return MathFont::kBlackboard;
  if (starts_with_any(name, {"msam"})) return MathFont::kSymbols;
  if (starts_with_any(name, {"eufm", "eufb"})) return MathFont::kFraktur;
  if (starts_with_any(name, {"katex_math", "mjxtex-i", "mathjax_math"})) return MathFont::kItalic;
  if (starts_with_any(name, {"katex_caligraphic", "mathjax_caligraphic"}))
    return MathFont::kSymbols;
  if (starts_with_any(name, {"katex_ams", "mathjax_ams"})) return MathFont::kUnicode;
  if (starts_with_any(name, {"katex_", "mathjax_"})) return MathFont::kText;
  if (name.find("math") != name.npos) return MathFont::kUnicode;
  return MathFont::kNone;
}

MathSymbol math_symbol(char32_t c, MathFont font, bool bold, bool italic) {
  if (delimiter_of_piece(c) != 0) return {"", MathKind::kPiece};
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
    return latin(static_cast<char>(c), font, bold, italic);
  if (c >= '0' && c <= '9') {
    const std::string digit(1, static_cast<char>(c));
    return {bold ? braced("\\mathbf", digit) : digit, MathKind::kDigit};
  }
  if (c == 0xFFFD || script_of(c) == Script::kControl || script_of(c) == Script::kPrivate)
    return {};
  if (MathSymbol made = of_alphabets(c); made.kind != MathKind::kUnknown) return made;
  if (MathSymbol made = greek(c, font, bold); made.kind != MathKind::kUnknown) return made;
  const auto found =
      std::lower_bound(std::begin(kSymbols), std::end(kSymbols), c,
                       [](const Entry& entry, char32_t wanted) { return entry.c < wanted; });
  if (found != std::end(kSymbols) && found->c == c) return {found->latex, found->kind};
  std::string text;
  append_code_point(text, c);
  return {text, is_letter(c) ? MathKind::kWord : MathKind::kOther};
}

std::string math_word(std::string_view word) {
  static constexpr std::string_view kCommands[] = {
      "arccos", "arcsin", "arctan", "arg", "cos",  "cosh", "cot", "csc",  "deg",    "det",
      "dim",    "exp",    "gcd",    "hom", "inf",  "ker",  "lim", "ln",   "log",    "max",
      "min",    "Pr",     "sec",    "sin", "sinh", "sup",  "tan", "tanh", "liminf", "limsup"};
  static constexpr std::string_view kNames[] = {"argmax", "argmin",  "rank", "tr",  "diag", "sgn",
                                                "sign",   "softmax", "Var",  "Cov", "mod",  "Tr"};
  if (std::find(std::begin(kCommands), std::end(kCommands), word) != std::end(kCommands))
    return "\\" + std::string(word);
  if (std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames))
    return braced("\\mathrm", std::string(word));
  return {};
}

char32_t delimiter_of_piece(char32_t c) {
  // Adobe's private codes, and those of Unicode.
  if (c == 0xF8F4) return '{';  // the straight part of either brace
  if ((c >= 0xF8EB && c <= 0xF8ED) || (c >= 0x239B && c <= 0x239D)) return '(';
  if ((c >= 0xF8EE && c <= 0xF8F0) || (c >= 0x23A1 && c <= 0x23A3)) return '[';
  if ((c >= 0xF8F1 && c <= 0xF8F3) || (c >= 0x23A7 && c <= 0x23AA)) return '{';
  if ((c >= 0xF8F6 && c <= 0xF8F8) || (c >= 0x239E && c <= 0x23A0)) return ')';
  if ((c >= 0xF8F9 && c <= 0xF8FB) || (c >= 0x23A4 && c <= 0x23A6)) return ']';
  if ((c >= 0xF8FC && c <= 0xF8FE) || (c >= 0x23AB && c <= 0x23AD)) return '}';
  if (c == 0x23D0 || c == 0xF8E6) return '|';
  return 0;
}

float extension_height(char32_t c, float width) {
  struct Size {
    float width, height;
  };
  // Computer Modern's four sizes; other fonts follow it.
  static constexpr Size kParentheses[] = {{0.46f, 1.2f}, {0.60f, 1.8f}, {0.74f, 2.4f}, {0.8f, 3}};
  static constexpr Size kBrackets[] = {{0.42f, 1.2f}, {0.48f, 1.8f}, {0.53f, 2.4f}, {0.6f, 3}};
  static constexpr Size kBraces[] = {{0.59f, 1.2f}, {0.67f, 1.8f}, {0.75f, 2.4f}, {0.9f, 3}};
  const auto by_width = [&](const Size(&sizes)[4]) {
    for (const Size& size : sizes)
      if (width < size.width + 0.02f) return size.height;
    return 3.0f;
  };
  switch (c) {
    case '(':
    case ')':
      return by_width(kParentheses);
    case '{':
    case '}':
      return by_width(kBraces);
    case 0x2211:  // text and display style
    case 0x220F:
    case 0x2210:
      return width > 1.2f ? 1.4f : 1.0f;
    case 0x222B:
    case 0x222E:
      return width > 0.52f ? 2.22f : 1.11f;
    default:
      return by_width(kBrackets);
  }
}

std::string negated(std::string_view latex) {
  if (latex == "=") return "\\neq";
  if (latex == "\\in") return "\\notin";
  return {};
}

}  // namespace pdf2md::document
