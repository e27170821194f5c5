// The real pdf2md-script-reader: confined, and not to be confused by what it is sent.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "daemon/worker/clock.h"
#include "daemon/worker/script_client.h"
#include "proto/memfd.h"
#include "tests/process/process_status.h"

namespace pdf2md::test {
namespace {

constexpr int kTimeoutMs = 60'000;

std::string script_reader_program() {
  const char* folder = std::getenv("PDF2MD_BIN");
  return std::string(folder == nullptr ? "build/bin" : folder) + "/pdf2md-script-reader";
}

// Started; `opened` says what it can read.
class OpenScriptReader {
 public:
  OpenScriptReader() : client(script_reader_program(), {}) {
    Result<proto::ScriptsOpened> answer = client.start(kTimeoutMs);
    if (!answer) FAIL(to_string(answer.error()));
    opened = *answer;
  }
  ErrorCode answer_to(const std::string& frame, uint16_t expected, const std::string& pixels) {
    Result<Fd> file = proto::sealed_memfd(pixels);
    REQUIRE(file);
    Result<proto::Message> answer = client.process().ask(frame, expected, kTimeoutMs, file->get());
    return answer ? ErrorCode::kOk : answer.error().code;
  }
  bool has(const char* script) const {
    return std::find(opened.scripts.begin(), opened.scripts.end(), script) != opened.scripts.end();
  }
  worker::ScriptClient client;
  proto::ScriptsOpened opened;
};

const models::Image kBlankLine{std::vector<uint8_t>(size_t{300} * 30, 250), 300, 30, 1};

TEST_CASE("a script reader is confined, and says what it can read") {
  OpenScriptReader reader;
  const pid_t pid = reader.client.process().pid();
  CHECK(reader.client.process().sandbox().find("seccomp") == 0);
  CHECK(status_of(pid, "NoNewPrivs") == "1");
  CHECK(status_of(pid, "Seccomp") == "2");
  CHECK(status_of(pid, "Threads") == "1");
  CHECK(reader.opened.can_tell);
  for (const char* script :
       {"Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Korean", "Thai"})
    CHECK(reader.has(script));
  CHECK_FALSE(reader.has("Latin"));
}

TEST_CASE("a line without text has none, and no thread is started for it") {
  OpenScriptReader reader;
  for (const std::string& script : reader.opened.scripts) {
    INFO(script);
    const std::vector<models::Image> lines(3, kBlankLine);
    Result<std::vector<proto::LineRead>> read =
        reader.client.read(script, lines, worker::now_ms() + kTimeoutMs);
    if (!read) FAIL(to_string(read.error()));
    REQUIRE(read->size() == 3);
    CHECK(read->front().text.find_first_not_of(" \n") == std::string::npos);
  }
  CHECK(status_of(reader.client.process().pid(), "Threads") == "1");
  Result<std::string> told = reader.client.tell_script({&kBlankLine, 1}, kTimeoutMs);
  REQUIRE(told);
  CHECK(told->empty());
}

TEST_CASE("a request whose pixels are not what it says is refused, and costs nothing") {
  OpenScriptReader reader;
  const std::string pixels(size_t{100} * 20, '\xF0');
  const auto ask = [&](const std::vector<proto::LineSize>& sizes) {
    return reader.answer_to(proto::encode_frame(proto::ReadLines{"Greek", sizes}),
                            proto::kLinesRead, pixels);
  };
  CHECK(ask({{100, 20}}) == ErrorCode::kOk);
  CHECK(ask({{100, 10}, {100, 10}}) == ErrorCode::kOk);
  CHECK(ask({{100, 21}}) == ErrorCode::kBadMessage);
  CHECK(ask({{100, 19}}) == ErrorCode::kBadMessage);
  CHECK(ask({}) == ErrorCode::kBadMessage);
  CHECK(ask({{100, 20}, {0, 20}}) == ErrorCode::kBadMessage);
  CHECK(ask({{0xFFFFFFFF, 0xFFFFFFFF}}) == ErrorCode::kBadMessage);
  CHECK(ask(std::vector<proto::LineSize>(proto::kMaxLinesOfRequest + 1, {1, 1})) ==
        ErrorCode::kBadMessage);
  CHECK(reader.answer_to(proto::encode_frame(proto::ReadLines{"Klingon", {{100, 20}}}),
                         proto::kLinesRead, pixels) == ErrorCode::kBadOptions);
  CHECK(reader.answer_to(proto::encode_frame(proto::ReadLines{"../../etc/passwd", {{100, 20}}}),
                         proto::kLinesRead, pixels) == ErrorCode::kBadOptions);
  CHECK(ask({{100, 20}}) == ErrorCode::kOk);
}

TEST_CASE("pixels that could still change are refused") {
  OpenScriptReader reader;
  Fd open(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(write_all(open.get(), std::string(size_t{100} * 20, '\xF0')));
  Result<proto::Message> answer =
      reader.client.process().ask(proto::encode_frame(proto::ReadLines{"Greek", {{100, 20}}}),
                                  proto::kLinesRead, kTimeoutMs, open.get());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::kBadMessage);
  CHECK(reader.client.process().running());
}

TEST_CASE("a script reader that was killed is told from one that reads") {
  OpenScriptReader reader;
  REQUIRE(reader.client.process().pid() > 0);
  ::kill(reader.client.process().pid(), SIGKILL);
  Result<std::vector<proto::LineRead>> read =
      reader.client.read("Greek", {&kBlankLine, 1}, worker::now_ms() + kTimeoutMs);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == "script reader killed by signal 9 (killed)");
  REQUIRE(reader.client.start(kTimeoutMs));
  CHECK(reader.client.read("Greek", {&kBlankLine, 1}, worker::now_ms() + kTimeoutMs).ok());
}

}  // namespace
}  // namespace pdf2md::test
