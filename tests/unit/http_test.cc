#include <catch2/catch.hpp>

#include "ctl/json_read.h"
#include "daemon/http/listen_address.h"
#include "daemon/http/replies.h"

namespace pdf2md::http {
namespace {

TEST_CASE("addresses to listen on are numbers") {
  for (const char* good : {"127.0.0.1:8067", "[::1]:8067", "127.8.9.1:1"}) {
    INFO(good);
    Result<ListenAddress> address = parse_listen_address(good);
    REQUIRE(address);
    CHECK(is_loopback(*address));
    CHECK(text_of(*address) == good);
  }
  for (const char* remote : {"0.0.0.0:80", "[::]:80", "192.168.1.2:80"}) {
    INFO(remote);
    Result<ListenAddress> address = parse_listen_address(remote);
    REQUIRE(address);
    CHECK_FALSE(is_loopback(*address));
  }
  for (const char* bad : {"", "8067", "localhost:80", "127.0.0.1:", "127.0.0.1:99999", "::1:80",
                          "127.0.0.1:80x", "127.0.0.1:-1"}) {
    INFO(bad);
    CHECK_FALSE(parse_listen_address(bad));
  }
}

TEST_CASE("names by which a browser calls this machine") {
  for (const char* own : {"localhost", "localhost:8067", "127.0.0.1:8067", "[::1]:8067", "[::1]"}) {
    INFO(own);
    CHECK(names_this_machine(own));
  }
  for (const char* other : {"", "example.org", "localhost.example.org:80", "127.0.0.1.example.org",
                            "192.168.1.2", "[::2]:80"}) {
    INFO(other);
    CHECK_FALSE(names_this_machine(other));
  }
}

TEST_CASE("an answer has its fields whatever happened") {
  proto::JobInfo job;
  job.pages_total = 3;
  CHECK(converted("# \"A\"\n", job).json ==
        R"({"success":true,"markdown":"# \"A\"\n","pages_processed":3,"error":null})");
  job.pages_failed = {2};
  CHECK(converted("", job).json.find("page 2 failed") != std::string::npos);
  const Reply reply = failed({ErrorCode::kNeedsPassword, "needs a password", "give it"});
  CHECK(reply.status == 422);
  CHECK(reply.json ==
        "{\"success\":false,\"markdown\":\"\",\"pages_processed\":0,"
        "\"error\":\"needs a password (give it)\"}");
}

TEST_CASE("what is worth another try says so") {
  for (ErrorCode code : {ErrorCode::kBusy, ErrorCode::kNoDaemon, ErrorCode::kNoWorkers,
                         ErrorCode::kNoSpace, ErrorCode::kDisconnected}) {
    const Reply reply = failed({code, "", ""});
    CHECK(reply.status == 503);
    CHECK(reply.retry_after_s > 0);
  }
  CHECK(failed({ErrorCode::kDocumentTooLarge, "", ""}).status == 413);
  CHECK(failed({ErrorCode::kBadOptions, "", ""}).status == 400);
  proto::HealthReport report;
  report.status = "ok";
  CHECK(health(report).status == 503);
  report.ready = true;
  CHECK(health(report).status == 200);
}

}  // namespace
}  // namespace pdf2md::http
