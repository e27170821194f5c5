// Hostile documents, limits, rendering; and what the client makes of a reader that breaks its word.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "proto/exit_code.h"
#include "tests/process/reader_fixture.h"
#include "tests/process/sanitizer.h"

namespace pdf2md::test {
namespace {

using document::PageContent;
using worker::MappedRaster;
using worker::ReaderClient;

std::string repeated(const std::string& part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

TEST_CASE("pixels: grey and colour, whole page and part, as shown") {
  // A red box at the lower left of the sheet; page 2 is the same sheet turned clockwise.
  std::string content = "1 0 0 rg 0 0 72 72 re f";
  OpenReader reader(PdfBuilder()
                        .page(PdfPage{content, "0 0 144 288", ""})
                        .page(PdfPage{content, "0 0 144 288", "/Rotate 90"})
                        .build());
  Result<MappedRaster> colour = reader.client.render(1, 72, false, {}, kTimeoutMs);
  REQUIRE(colour);
  CHECK(colour->width() == 144);
  CHECK(colour->height() == 288);
  CHECK(colour->channels() == 3);
  const uint8_t* low = colour->pixels() + size_t{280} * colour->stride() + size_t{10} * 3;
  CHECK((low[0] == 255 && low[1] == 0 && low[2] == 0));
  const uint8_t* high = colour->pixels() + size_t{10} * colour->stride() + size_t{10} * 3;
  CHECK((high[0] == 255 && high[1] == 255 && high[2] == 255));

  Result<MappedRaster> turned = reader.client.render(2, 36, true, {}, kTimeoutMs);
  REQUIRE(turned);
  CHECK(turned->width() == 144);
  CHECK(turned->height() == 72);
  CHECK(turned->channels() == 1);
  CHECK(turned->pixels()[5 * turned->stride() + 5] < 200);  // upper left
  CHECK(turned->pixels()[60 * turned->stride() + 5] == 255);

  Result<MappedRaster> part = reader.client.render(1, 144, true, {36, 200, 108, 236}, kTimeoutMs);
  REQUIRE(part);
  CHECK(part->width() == 144);
  CHECK(part->height() == 72);
  CHECK(part->pixels()[0] == 255);                          // y 200: above the box
  CHECK(part->pixels()[70 * part->stride() + 10] < 200);    // y 235, x 41: in it
  CHECK(part->pixels()[70 * part->stride() + 100] == 255);  // x 86: beside it
}

TEST_CASE("pages and rasters beyond the limits are refused before they are made") {
  OpenReader reader(PdfBuilder().page(PdfPage{"", "0 0 20000 100", ""}).page("").build());
  Result<PageContent> wide = reader.client.read_page(1, kTimeoutMs);
  REQUIRE_FALSE(wide);
  CHECK(wide.error().code == ErrorCode::kPageTooLarge);
  Result<MappedRaster> fine = reader.client.render(2, 1200, true, {}, kTimeoutMs);
  REQUIRE_FALSE(fine);
  CHECK(fine.error().code == ErrorCode::kPageTooLarge);
  CHECK(reader.client.render(2, 72, true, {}, kTimeoutMs));
  Result<PageContent> none = reader.client.read_page(3, kTimeoutMs);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kPageFailed);
}

TEST_CASE("page counts: too many, and claimed but not there") {
  proto::DocumentLimits limits;
  limits.max_pages = 2;
  std::string three = PdfBuilder().page("").page("").page("").build();
  CHECK(OpenReader(three, {}, limits).code() == ErrorCode::kTooManyPages);
  std::string claims = three;
  claims.replace(claims.find("/Count 3 "), 9, "/Count 9 ");
  OpenReader reader(claims);
  REQUIRE(reader.info);
  CHECK(reader.info->pages == 3);
  CHECK(reader.info->damage.find("3 of 9 pages") != std::string::npos);
}

TEST_CASE("lengths that lie do not hurt") {
  std::string pdf = PdfBuilder().page("BT /F1 10 Tf 100 700 Td (text) Tj ET").page("").build();
  SECTION("a stream longer than the file") {
    size_t at = pdf.find("/Length ");
    pdf.replace(at, 10, "/Length 99");  // same size, so the table stays correct
    OpenReader reader(pdf);
    REQUIRE(reader.info);
    CHECK(reader.client.read_page(1, kTimeoutMs));
  }
  SECTION("an image of 2^31 pixels in a few bytes") {
    OpenReader reader(
        PdfBuilder()
            .page("q 100 0 0 100 0 0 cm BI /W 65535 /H 32768 /CS /RGB /BPC 8 ID xx EI Q")
            .page("BT /F1 10 Tf 100 700 Td (next) Tj ET")
            .build());
    CHECK(reader.client.read_page(1, kTimeoutMs));
    CHECK(all_text(reader.page(2)) == "next");
  }
  SECTION("wild numbers") {
    OpenReader reader(
        PdfBuilder()
            .page("1e38 0 0 1e38 0 0 cm BT /F1 1e30 Tf 1e30 700 Td (a) Tj ET 0 0 1e38 1e38 re f "
                  "-99999999999999999999 w 0 0 m 1e38 5 l S")
            .build());
    CHECK(reader.client.read_page(1, kTimeoutMs));
    CHECK(reader.client.running());
  }
}

TEST_CASE("more objects than the limit give the beginning of the page") {
  proto::DocumentLimits limits;
  limits.max_page_objects = 1000;
  OpenReader reader(PdfBuilder()
                        .page("BT /F1 1 Tf 100 700 Td " + repeated("(abcdefghij) Tj ", 5000) + "ET")
                        .page("")
                        .build(),
                    {}, limits);
  PageContent page = reader.page(1);
  CHECK(page.truncated);
  CHECK(page.glyphs.size() >= 1000);
  CHECK(page.glyphs.size() < 1100);
  CHECK_FALSE(reader.page(2).truncated);
}

TEST_CASE("running out of memory is said, and the next reader works") {
  proto::DocumentLimits limits;
  limits.reader_memory_bytes = 64 << 20;
  limits.max_pixels = 1'000'000'000;
  SECTION("while rendering: refused") {
    OpenReader reader(PdfBuilder().page(PdfPage{"0 0 10 10 re f", "0 0 10000 10000", ""}).build(),
                      {}, limits);
    REQUIRE(reader.info);
    Result<MappedRaster> raster = reader.client.render(1, 144, false, {}, kTimeoutMs);
    REQUIRE_FALSE(raster);
    CHECK(raster.error().code == ErrorCode::kOutOfMemory);
  }
  SECTION("in the middle of a page: the reader leaves") {
    std::string pdf = PdfBuilder().page("0 0 m " + repeated("1 1 l ", 4000000) + "S").build();
    OpenReader reader(pdf, {}, limits);
    REQUIRE(reader.info);
    Result<PageContent> page = reader.client.read_page(1, kTimeoutMs);
    REQUIRE_FALSE(page);
    if (!tests::kThreadSanitizer) CHECK(page.error().code == ErrorCode::kOutOfMemory);
    CHECK_FALSE(reader.client.running());
    REQUIRE(reader.client.start());
    Fd file(file_with(pdf));
    CHECK(reader.client.open(file.get(), {}, limits, kTimeoutMs));
  }
}

TEST_CASE("a page that takes too long: the reader stops by itself, or is killed") {
  // Deep enough a pile of transparent strokes to render for minutes.
  std::string slow = "2 w " + repeated("0 0 m 600 700 100 700 600 0 c 0 700 m 600 0 l S ", 400000);
  proto::DocumentLimits limits;
  limits.page_timeout_ms = 50;
  OpenReader patient(PdfBuilder().page(slow).build(), {}, limits);
  Result<MappedRaster> raster = patient.client.render(1, 300, true, {}, kTimeoutMs);
  REQUIRE_FALSE(raster);
  CHECK(raster.error().code == ErrorCode::kPageTimedOut);
  CHECK(patient.client.running());

  OpenReader killed(PdfBuilder().page(slow).build());
  raster = killed.client.render(1, 300, true, {}, 100);
  REQUIRE_FALSE(raster);
  CHECK(raster.error().code == ErrorCode::kPageTimedOut);
  CHECK(raster.error().message.find("timed out after 0.1 s") != std::string::npos);
  CHECK_FALSE(killed.client.running());
}

TEST_CASE("a reader that is killed is reported with its signal") {
  OpenReader reader(PdfBuilder().page("").build());
  pid_t pid = reader.client.pid();
  reader.signal(SIGSEGV);
  Result<PageContent> page = reader.client.read_page(1, kTimeoutMs);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == ErrorCode::kWorkerDied);
  CHECK(page.error().message == "reader killed by signal 11 (segmentation fault)");
  CHECK_FALSE(reader.client.running());
  CHECK(::kill(pid, 0) != 0);  // reaped
}

TEST_CASE("a reader inherits its socket and nothing else") {
  Fd other(::dup(1));  // not close-on-exec
  OpenReader reader(PdfBuilder().page("").build());
  REQUIRE(reader.client.close_document(kTimeoutMs));
  std::string folder = "/proc/" + std::to_string(reader.client.pid()) + "/fd";
  DIR* open = ::opendir(folder.c_str());
  REQUIRE(open != nullptr);
  int highest = 0;
  while (const struct dirent* entry = ::readdir(open))
    highest = std::max(highest, std::atoi(entry->d_name));
  ::closedir(open);
  CHECK(highest == 3);
}

// Exit code of a pdf2md-reader started with this parent and this descriptor 3, after `end` was
// closed.
int exit_code(const std::string& parent, int descriptor, Fd end) {
  std::string program = reader_program();
  const char* arguments[] = {program.c_str(), "--parent", parent.c_str(), nullptr};
  pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), 2);
    if (descriptor >= 0)
      ::dup2(descriptor, 3);
    else
      ::close(3);
    ::close_range(4, ~0U, 0);
    ::execv(program.c_str(), const_cast<char* const*>(arguments));
    ::_exit(127);
  }
  end.reset();
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a reader leaves with its parent, and does not run alone") {
  std::string self = std::to_string(::getpid());
  Result<std::pair<Fd, Fd>> ends = proto::socket_pair();
  REQUIRE(ends);
  CHECK(exit_code(self, ends->second.get(), std::move(ends->first)) == 0);  // EOF
  ends = proto::socket_pair();
  REQUIRE(ends);
  CHECK(exit_code("1", ends->second.get(), Fd()) == 0);  // somebody else's child
  CHECK(exit_code(self, -1, Fd()) == static_cast<int>(WorkerExit::kBadUsage));
}

TEST_CASE("requests at the wrong time are errors, and the reader goes on") {
  ReaderClient client(reader_program());
  REQUIRE(client.start());
  Result<PageContent> page = client.read_page(1, kTimeoutMs);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == ErrorCode::kUnexpected);
  CHECK(client.running());
}

TEST_CASE("clients in several threads do not disturb each other") {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  std::string pdf = PdfBuilder().page("BT /F1 10 Tf 100 700 Td (text) Tj ET").build();
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        ReaderClient client(reader_program());
        Fd file(file_with(pdf));
        if (!client.start() || !client.open(file.get(), {}, {}, kTimeoutMs)) continue;
        Result<PageContent> page = client.read_page(1, kTimeoutMs);
        good += page && all_text(*page) == "text";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 20);
}

// --- a reader that lies

std::string this_program() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : std::string();
}

class LyingReader {
 public:
  explicit LyingReader(const char* behaviour) : client(this_program()) {
    ::setenv("PDF2MD_FAKE_READER", behaviour, 1);
    Status started = client.start();
    ::unsetenv("PDF2MD_FAKE_READER");
    REQUIRE(started);
    Fd file(file_with("x"));
    REQUIRE(client.open(file.get(), {}, {}, kTimeoutMs));
  }
  ReaderClient client;
};

TEST_CASE("what a reader sends is checked before it is believed") {
  {
    LyingReader honest("good");
    CHECK(honest.client.read_page(1, kTimeoutMs));
    CHECK(honest.client.render(1, 72, true, {}, kTimeoutMs));
    CHECK(honest.client.running());
  }
  for (const char* behaviour : {"unsealed", "partly-sealed", "short", "no-descriptor", "garbage",
                                "other-message", "other-page", "bad-content", "wild-font"}) {
    INFO(behaviour);
    LyingReader reader(behaviour);
    Result<PageContent> page = reader.client.read_page(1, kTimeoutMs);
    REQUIRE_FALSE(page);
    CHECK(page.error().code == ErrorCode::kBadMessage);
    CHECK_FALSE(reader.client.running());
  }
  LyingReader reader("raster-lies");
  Result<MappedRaster> raster = reader.client.render(1, 72, true, {}, kTimeoutMs);
  REQUIRE_FALSE(raster);
  CHECK(raster.error().code == ErrorCode::kBadMessage);
  CHECK_FALSE(reader.client.running());
}

TEST_CASE("how a reader ended is said") {
  struct End {
    const char* behaviour;
    ErrorCode code;
    const char* words;
  };
  for (const End& end : {End{"segfault", ErrorCode::kWorkerDied, "signal 11 (segmentation fault)"},
                         End{"oom", ErrorCode::kOutOfMemory, "out of memory"},
                         End{"exit-3", ErrorCode::kWorkerDied, "exited with code 3"}}) {
    INFO(end.behaviour);
    LyingReader reader(end.behaviour);
    Result<PageContent> page = reader.client.read_page(1, kTimeoutMs);
    REQUIRE_FALSE(page);
    CHECK(page.error().code == end.code);
    CHECK(page.error().message.find(end.words) != std::string::npos);
    CHECK_FALSE(reader.client.running());
  }
  LyingReader reader("silent");
  Result<PageContent> page = reader.client.read_page(1, 100);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == ErrorCode::kPageTimedOut);
  CHECK_FALSE(reader.client.running());
}

}  // namespace
}  // namespace pdf2md::test
