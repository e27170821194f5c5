// Which lines Tesseract is asked for, and what becomes of a page where it fails: with a script
// reader that plays a part.
#include "daemon/worker/script_ocr.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "daemon/worker/clock.h"
#include "tests/process/fake_script_reader.h"

namespace pdf2md::test {
namespace {

constexpr int kPageMs = 60'000;

std::string this_program() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return std::string(path, static_cast<size_t>(length));
}

// A page of lines, and what the recogniser read of them.
class Page {
 public:
  Page(size_t known, size_t unknown) {
    blank_.assign(size_t{kWidth} * kHeight, 255);
    picture = {blank_.data(), kWidth, kHeight, kWidth, 1};
    for (size_t i = 0; i < known + unknown; ++i) {
      quads.push_back({{0, kWidth, kWidth, 0}, {0, 0, kHeight, kHeight}});
      models::RecognisedText text;
      text.text = i < known ? "The lamp consumed three hundred litres" : ", - .";
      text.confidence = 0.95f;
      texts.push_back(text);
    }
  }
  size_t read_by_tesseract() const {
    size_t count = 0;
    for (const models::RecognisedText& text : texts) count += text.script == "Greek";
    return count;
  }

  models::ImageView picture;
  std::vector<models::Quad> quads;
  std::vector<models::RecognisedText> texts;

 private:
  static constexpr int kWidth = 400, kHeight = 20;
  std::vector<uint8_t> blank_;
};

class Playing {
 public:
  explicit Playing(const std::string& behaviour, const std::string& wanted = "auto",
                   int page_ms = kPageMs)
      : ocr({this_program(), wanted, {}}) {
    ::setenv("PDF2MD_FAKE_SCRIPT_READER", behaviour.c_str(), 1);
    ocr.begin_page(1, 1, worker::now_ms() + page_ms);
  }
  ~Playing() { ::unsetenv("PDF2MD_FAKE_SCRIPT_READER"); }
  Playing(const Playing&) = delete;
  Playing& operator=(const Playing&) = delete;

  document::ScriptFinding read(Page& page) {
    Result<document::ScriptFinding> finding = ocr.read(page.picture, page.quads, page.texts);
    REQUIRE(finding);
    return *finding;
  }
  worker::ScriptOcr ocr;
};

TEST_CASE("a page that the recogniser reads is none of Tesseract's") {
  Playing playing("crash");
  Page page(20, 2);
  CHECK(playing.read(page).reason.empty());
  CHECK(page.read_by_tesseract() == 0);
  CHECK_FALSE(playing.ocr.started());
}

TEST_CASE("a page in another script is read by Tesseract, and says so") {
  Playing playing("greek");
  Page page(2, 40);
  const document::ScriptFinding finding = playing.read(page);
  CHECK(finding.problem.empty());
  CHECK(finding.reason ==
        "40 of 42 lines read by Tesseract: they are in Greek script, which the recogniser does "
        "not know");
  CHECK(page.read_by_tesseract() == 40);
  CHECK(page.texts[0].script.empty());
  CHECK(page.texts[0].text == "The lamp consumed three hundred litres");
  CHECK(page.texts[41].text == kFakeGreek);
  CHECK(page.texts[41].confidence == 0.93f);
  CHECK(page.texts[41].positions.size() == document::code_points(kFakeGreek).size());
}

TEST_CASE("of a page that is mostly known only the doubtful lines are read") {
  Playing playing("greek");
  Page page(20, 10);
  CHECK_FALSE(playing.read(page).reason.empty());
  CHECK(page.read_by_tesseract() == 10);
}

TEST_CASE("without data to tell scripts apart they are tried") {
  Playing playing("cannot-tell");
  Page page(0, 10);
  CHECK(playing.read(page).reason.find("Greek") != std::string::npos);
  CHECK(page.read_by_tesseract() == 10);
}

TEST_CASE("a script that does not read well is not believed") {
  for (const char* behaviour : {"unsure", "latin"}) {
    INFO(behaviour);
    Playing playing(behaviour);
    Page page(0, 10);
    const document::ScriptFinding finding = playing.read(page);
    CHECK(finding.reason.empty());
    CHECK(finding.problem.empty());
    CHECK(page.texts[0].text == ", - .");
  }
}

TEST_CASE("a script without data makes the page incomplete, and says what to install") {
  Playing playing("no-data");
  Page page(0, 10);
  CHECK(playing.read(page).problem.find("install tesseract-ocr-script-grek") != std::string::npos);
  CHECK(page.read_by_tesseract() == 0);
}

TEST_CASE("only scripts that are wanted are read") {
  for (const char* wanted : {"none", "Cyrillic, Hebrew"}) {
    INFO(wanted);
    Playing playing("greek", wanted);
    Page page(0, 10);
    const document::ScriptFinding finding = playing.read(page);
    CHECK(finding.reason.empty());
    CHECK(finding.problem.empty());
    CHECK(page.read_by_tesseract() == 0);
  }
  Playing playing("greek", "Cyrillic, Greek");
  Page page(0, 10);
  CHECK_FALSE(playing.read(page).reason.empty());
}

TEST_CASE("a script reader that fails leaves the page to the recogniser, and says so") {
  struct Fault {
    const char* behaviour;
    const char* words;
    int page_ms;
  };
  for (const Fault& fault : {Fault{"crash", "signal 11 (segmentation fault)", kPageMs},
                             Fault{"few-lines", "read another number of lines", kPageMs},
                             Fault{"silent", "timed out", 500}}) {
    INFO(fault.behaviour);
    Playing playing(fault.behaviour, "auto", fault.page_ms);
    Page page(0, 10);
    const document::ScriptFinding finding = playing.read(page);
    INFO(finding.problem);
    CHECK(finding.problem.find(fault.words) != std::string::npos);
    CHECK(page.texts[0].text == ", - .");
    CHECK_FALSE(playing.ocr.started());
  }
}

TEST_CASE("a script reader serves one document") {
  Playing playing("greek");
  Page page(0, 10);
  playing.read(page);
  CHECK(playing.ocr.started());
  playing.ocr.begin_page(1, 2, worker::now_ms() + kPageMs);
  CHECK(playing.ocr.started());
  playing.ocr.begin_page(2, 1, worker::now_ms() + kPageMs);
  CHECK_FALSE(playing.ocr.started());
}

TEST_CASE("an abandoned page is not read") {
  Playing playing("greek");
  std::atomic<bool> abandoned = true;
  playing.ocr.watch(&abandoned);
  Page page(0, 10);
  Result<document::ScriptFinding> finding = playing.ocr.read(page.picture, page.quads, page.texts);
  REQUIRE_FALSE(finding);
  CHECK(finding.error().code == ErrorCode::kCancelled);
}

TEST_CASE("names of scripts that are not known are found") {
  CHECK(worker::unknown_scripts("auto").empty());
  CHECK(worker::unknown_scripts("none").empty());
  CHECK(worker::unknown_scripts("Greek, Cyrilic,") == std::vector<std::string>{"Cyrilic"});
}

}  // namespace
}  // namespace pdf2md::test
