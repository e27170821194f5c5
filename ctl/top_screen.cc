#include "ctl/top_screen.h"

#include <curses.h>
#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>

#include "ctl/terminal_guard.h"

// Macros of curses that are words of C++.
#undef clear
#undef move

namespace pdf2md::ctl {
namespace {

Error unusable(const std::string& what) {
  return Error{ErrorCode::kBadOptions, what,
               "\"pdf2mdctl status\" and \"pdf2mdctl workers\" print the same as text"};
}

enum Pair : short { kGoodPair = 1, kWarningPair, kBadPair, kBarPair };

attr_t attributes_of(TopStyle style, bool colours) {
  switch (style) {
    case TopStyle::kPlain:
      return A_NORMAL;
    case TopStyle::kBold:
      return A_BOLD;
    case TopStyle::kDim:
      return A_DIM;
    case TopStyle::kGood:
      return colours ? COLOR_PAIR(kGoodPair) : A_NORMAL;
    case TopStyle::kWarning:
      return colours ? COLOR_PAIR(kWarningPair) : A_BOLD;
    case TopStyle::kBad:
      return (colours ? COLOR_PAIR(kBadPair) : A_NORMAL) | A_BOLD;
    case TopStyle::kBar:
      return colours ? COLOR_PAIR(kBarPair) : A_NORMAL;
  }
  return A_NORMAL;
}

TopKey key_of(int code) {
  switch (code) {
    case KEY_UP:
      return TopKey::kUp;
    case KEY_DOWN:
      return TopKey::kDown;
    case KEY_PPAGE:
      return TopKey::kPageUp;
    case KEY_NPAGE:
      return TopKey::kPageDown;
    case KEY_HOME:
      return TopKey::kHome;
    case KEY_END:
      return TopKey::kEnd;
    case 27:
      return TopKey::kEscape;
    default:
      return TopKey::kOther;
  }
}

}  // namespace

Result<TopScreen> TopScreen::open(bool colours) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return unusable("top needs a terminal");
  const char* type = std::getenv("TERM");
  const std::string named = "TERM=" + std::string(type == nullptr ? "" : type);
  switch (guard_terminal()) {
    case TerminalKind::kUnknown:
      return unusable("the terminal's type is not known: " + named);
    case TerminalKind::kWithoutCursor:
      return unusable("a terminal of this type cannot move its cursor: " + named);
    case TerminalKind::kUsable:
      break;
  }
  std::setlocale(LC_CTYPE, "");
  const bool unicode = std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
  if (::newterm(nullptr, stdout, stdin) == nullptr) return unusable("the terminal cannot be used");
  restore_terminal_on_death(true);
  ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(25);
  ::curs_set(0);
  if (colours && ::has_colors()) {
    ::start_color();
    ::use_default_colors();
    ::init_pair(kGoodPair, COLOR_GREEN, -1);
    ::init_pair(kWarningPair, COLOR_YELLOW, -1);
    ::init_pair(kBadPair, COLOR_RED, -1);
    ::init_pair(kBarPair, COLOR_CYAN, -1);
  }
  return TopScreen(unicode, colours && ::has_colors());
}

TopScreen::TopScreen(TopScreen&& other) noexcept
    : open_(other.open_), unicode_(other.unicode_), colours_(other.colours_) {
  other.open_ = false;
}

TopScreen::~TopScreen() {
  if (!open_) return;
  ::endwin();
  restore_terminal_on_death(false);
}

size_t TopScreen::width() const {
  return static_cast<size_t>(COLS);
}

size_t TopScreen::height() const {
  return static_cast<size_t>(LINES);
}

void TopScreen::draw(const std::vector<TopLine>& lines) {
  ::werase(stdscr);
  for (size_t row = 0; row < lines.size(); ++row) {
    ::wmove(stdscr, static_cast<int>(row), 0);
    for (const TopPiece& piece : lines[row].pieces) {
      ::wattrset(stdscr, static_cast<int>(attributes_of(piece.style, colours_)));
      ::waddnstr(stdscr, piece.text.data(), static_cast<int>(piece.text.size()));
    }
    if (lines[row].selected) mvwchgat(stdscr, static_cast<int>(row), 0, -1, A_REVERSE, 0, nullptr);
  }
  ::wattrset(stdscr, A_NORMAL);
  ::wrefresh(stdscr);
}

TopScreen::Input TopScreen::read() {
  Input input;
  const int code = ::wgetch(stdscr);
  if (code == ERR) return input;
  input.any = true;
  input.resized = code == KEY_RESIZE;
  input.key = key_of(code);
  if (input.key == TopKey::kOther && code > 0 && code < 128) input.letter = static_cast<char>(code);
  return input;
}

}  // namespace pdf2md::ctl
