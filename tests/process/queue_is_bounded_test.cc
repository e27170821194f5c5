#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("a full queue is said, with a hint when to try again; later there is room") {
  Daemon daemon({.arguments = {"--set", "queue.max_jobs=2", "--set", "queue.retry_after_s=0.7"}});
  Client client(daemon);
  uint64_t first = client.submit("slow=20", 20);
  client.submit("second", 1);
  client.start_submit({}, "pages=1", false);
  proto::Busy busy = client.expect<proto::Busy>();
  CHECK(busy.retry_after_ms == 700);
  CHECK(busy.reason.find("2 jobs") != std::string::npos);
  client.send(proto::Cancel{first});
  client.expect<proto::Done>();
  CHECK(client.submit("third", 1) > 0);
}

TEST_CASE("BUSY comes before the document is sent") {
  Daemon daemon({.arguments = {"--set", "queue.max_jobs=1"}});
  Client client(daemon);
  client.submit("slow=20", 100);
  Client other(daemon);
  other.send(proto::Submit{{}, 5, false});
  other.expect<proto::Busy>();
}

TEST_CASE("bytes are bounded, with and without a size in SUBMIT") {
  Daemon daemon({.arguments = {"--set", "queue.max_mib=1", "--set", "limits.max_document_mib=1"}});
  Client first(daemon);
  first.send(proto::Submit{{}, 900 << 10, false});
  first.send(proto::Data{proto::Bytes{"x"}});
  CHECK(eventually([&] { return daemon.job_folders().size() == 1; }));
  Client announced(daemon);
  announced.send(proto::Submit{{}, 200 << 10, false});
  announced.expect<proto::Busy>();
  Client unannounced(daemon);
  unannounced.send(proto::Submit{});
  unannounced.send(proto::Data{proto::Bytes{std::string(200 << 10, 'x')}});
  unannounced.expect<proto::Busy>();
  Client too_large(daemon);
  too_large.send(proto::Submit{{}, 2 << 20, false});
  too_large.expect_error(ErrorCode::kDocumentTooLarge);
}

TEST_CASE("a small document is not stuck behind a book") {
  Daemon daemon;
  Client client(daemon);
  uint64_t book = client.submit("slow=10", 500);
  client.wait_for(book, [](const proto::Event& event) { return event.pages_done >= 40; });
  uint64_t small = client.submit("small", 2);
  CHECK(client.wait_until_over(small).state == proto::JobState::kDone);
  CHECK(client.status(book).state == proto::JobState::kRunning);
}

}  // namespace pdf2md::tests
