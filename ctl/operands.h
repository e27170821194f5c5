// What stands on the command line besides options: files, jobs, numbers.
#pragma once

#include "ctl/args.h"

namespace pdf2md::ctl {

// A wrong command line. The hint names the help page of the command.
Error usage(const Options& options, const std::string& message);

// Puts the operands where they belong, and checks them and the outputs against the command.
// Errors: kBadOptions.
Status check_operands(Options& options);
Status check_outputs(const Options& options);

}  // namespace pdf2md::ctl
