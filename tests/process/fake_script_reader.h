// A script reader that reads what a test wants, or breaks its side of the conversation.
#pragma once

#include <string>

namespace pdf2md::test {

// Speaks on descriptor 3 until it closes. behaviour:
//   greek        has data for Greek and Hebrew, tells that all is Greek, and reads Greek, surely
//   unsure       likewise, and is not sure of what it reads
//   cannot-tell  has no data to tell scripts apart; reads Hebrew unsurely, Greek surely
//   no-data      has data for Hebrew only, and tells that all is Greek
//   latin        tells that all is Latin, and is not sure of what it reads
//   few-lines    reads fewer lines than were asked for
//   crash        dies of READ_LINES
//   silent       never answers READ_LINES
int play_script_reader(const std::string& behaviour);

constexpr const char* kFakeGreek = "Ο φάρος στο βόρειο ακρωτήρι";

}  // namespace pdf2md::test
