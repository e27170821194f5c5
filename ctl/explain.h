// How a page was done, as JSON.
#pragma once

#include <string>

#include "proto/spool_messages.h"

namespace pdf2md::ctl {

std::string json_of(const proto::Explanation& page);  // a line, with its end

}  // namespace pdf2md::ctl
