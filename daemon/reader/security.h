// Which kinds of encryption poppler can undo.
#pragma once

#include <Object.h>

#include <optional>

#include "proto/result.h"

namespace pdf2md::reader {

// `encrypt` is the trailer's /Encrypt (PDF 2.0, 7.6.2). An error, kUnsupportedSecurity, where
// poppler lacks the handler, or the version, revision or crypt filter of the standard one.
std::optional<Error> unsupported_security(const Object& encrypt);

}  // namespace pdf2md::reader
