// Colours of what is printed: only on a terminal, and not where NO_COLOR is set (no-color.org).
#pragma once

#include <string>
#include <vector>

#include "proto/messages.h"

namespace pdf2md::ctl {

// Looks at TERM and NO_COLOR; `fd`: where it is printed.
bool wants_colours(int fd);

enum class Colour { kNone, kRed, kYellow, kGreen, kFaint };
Colour colour_of(const proto::JobInfo& job);

// The text between the codes that a terminal understands; as it is for kNone.
std::string painted(const std::string& text, Colour colour);
// Every line of a table but its heading, in the colour of its row.
std::string paint_rows(const std::string& table, const std::vector<Colour>& colours);

}  // namespace pdf2md::ctl
