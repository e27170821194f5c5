// Completions for shells, made from the tables of commands and options: nothing can be missing in
// them. Pure.
#pragma once

#include <string>

namespace pdf2md::ctl {

// "bash", "zsh" or "fish"; empty for any other.
std::string completion_for(const std::string& shell);

}  // namespace pdf2md::ctl
