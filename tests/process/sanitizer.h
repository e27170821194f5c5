// What a build with a sanitizer cannot be expected to do.
#pragma once

namespace pdf2md::tests {

// ThreadSanitizer's shadow counts as memory of the program, several bytes for each of its own; and
// where memory is short, it ends the program itself.
#ifdef __SANITIZE_THREAD__
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace pdf2md::tests
