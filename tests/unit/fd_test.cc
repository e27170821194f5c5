#include "proto/fd.h"

#include <catch2/catch.hpp>
#include <cerrno>

namespace pdf2md {
namespace {

Error of(int number) {
  errno = number;
  return io_error("/spool/jobs/7/document");
}

TEST_CASE("io_error: a full disk and a full quota are told from what will not pass") {
  CHECK(of(ENOSPC).code == ErrorCode::kNoSpace);
  CHECK(of(ENOSPC).message == "/spool/jobs/7/document: No space left on device");
  CHECK_FALSE(of(ENOSPC).hint.empty());
  CHECK(of(EDQUOT).code == ErrorCode::kNoSpace);
  CHECK(of(EDQUOT).hint.find("quota") != std::string::npos);
  CHECK(of(EROFS).code == ErrorCode::kIo);
  CHECK_FALSE(of(EROFS).hint.empty());
  CHECK(of(EACCES).code == ErrorCode::kIo);
}

}  // namespace
}  // namespace pdf2md
