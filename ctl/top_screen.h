// The whole terminal, by ncurses. Whatever ends the program, the terminal is as it was: signals that
// would kill it restore it first (SIGKILL cannot be caught).
#pragma once

#include <string>
#include <vector>

#include "ctl/top_model.h"

namespace pdf2md::ctl {

class TopScreen {
 public:
  // Errors: kBadOptions where standard output or input is no terminal, or its type is not known.
  static Result<TopScreen> open(bool colours);
  TopScreen(TopScreen&& other) noexcept;
  TopScreen& operator=(TopScreen&&) = delete;
  ~TopScreen();

  size_t width() const;
  size_t height() const;
  bool unicode() const { return unicode_; }

  void draw(const std::vector<TopLine>& lines);

  struct Input {
    bool any = false;  // false: nothing was typed
    bool resized = false;
    TopKey key = TopKey::kOther;
    char letter = 0;
  };
  Input read();  // does not wait

 private:
  TopScreen(bool unicode, bool colours) : open_(true), unicode_(unicode), colours_(colours) {}
  bool open_ = false;
  bool unicode_ = false;
  bool colours_ = false;
};

}  // namespace pdf2md::ctl
