// A reader that breaks its side of the conversation, for testing its client.
#pragma once

#include <string>

namespace pdf2md::test {

// Speaks on descriptor 3 until it closes. behaviour:
//   good            answers READ_PAGE with an empty page
//   unsealed        sends a memfd without seals
//   partly-sealed   sends one that can still be written
//   short           announces more bytes than it sends
//   no-descriptor   sends none
//   garbage         sends bytes that are no frame
//   other-message   answers with a message that was not asked for
//   other-page      answers for another page
//   bad-content     sends bytes that are no page content
//   wild-font       sends glyphs whose font does not exist
//   raster-lies     announces a raster larger than what it sends
//   silent          never answers
//   mute            leaves without a word
//   segfault, oom, exit-3   ends that way
int play_reader(const std::string& behaviour);

}  // namespace pdf2md::test
