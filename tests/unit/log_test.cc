#include "proto/log.h"

#include <catch2/catch.hpp>

#include "proto/json_text.h"

using pdf2md::log_text;
using pdf2md::LogFormat;
using pdf2md::LogLevel;

TEST_CASE("a text log line carries time, level, program and fields") {
  CHECK(log_text(LogFormat::kText, "pdf2mdd", LogLevel::kWarning, "worker died",
                 {{"slot", "0"}, {"why", "signal 9 (killed)"}}, "2026-01-02T03:04:05.006Z") ==
        "2026-01-02T03:04:05.006Z warning pdf2mdd: worker died slot=0 why=\"signal 9 (killed)\"");
}

TEST_CASE("a journal log line starts with its priority") {
  CHECK(log_text(LogFormat::kJournal, "pdf2mdd", LogLevel::kError, "m", {}, "") == "<3>pdf2mdd: m");
  CHECK(log_text(LogFormat::kJournal, "pdf2mdd", LogLevel::kInfo, "m", {}, "") == "<6>pdf2mdd: m");
}

TEST_CASE("a journal entry keeps the fields apart, line ends and all") {
  std::string entry = pdf2md::log_entry("worker[3]", LogLevel::kWarning, "page is late",
                                        {{"job", "7"}, {"page_ms", "90"}, {"why", "a\nb"}})
                          .datagram();
  CHECK(entry ==
        "MESSAGE=worker[3]: page is late job=7 page_ms=90 why=a b\n"
        "PRIORITY=4\nPDF2MD_WHO=worker[3]\nPDF2MD_JOB=7\nPDF2MD_PAGE_MS=90\n"
        "PDF2MD_WHY\n" +
            std::string("\3\0\0\0\0\0\0\0", 8) + "a\nb\n");
}

TEST_CASE("a JSON log line is one object with string fields") {
  CHECK(log_text(LogFormat::kJson, "w", LogLevel::kInfo, "a \"b\"", {{"k", "v\n"}}, "T") ==
        R"({"time":"T","level":"info","who":"w","message":"a \"b\"","k":"v\n"})");
}

TEST_CASE("a document's name cannot break a log line in two") {
  std::string line = log_text(LogFormat::kText, "w", LogLevel::kInfo, "x\ny",
                              {{"name", "a\nerror root: forged"}}, "T");
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("JSON strings replace what is not UTF-8") {
  std::string out;
  pdf2md::append_json_string(out, "a\xFFz \xC3\xA9 \xED\xA0\x80 \x01");
  CHECK(out == "\"a\xEF\xBF\xBDz \xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \\u0001\"");
}
