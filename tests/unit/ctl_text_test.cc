#include <catch2/catch.hpp>

#include "ctl/colour.h"
#include "ctl/json.h"
#include "ctl/text.h"

using namespace pdf2md;
using namespace pdf2md::ctl;

TEST_CASE("UTF-8 sequences are recognised by RFC 3629") {
  CHECK(utf8_sequence("a") == 1);
  CHECK(utf8_sequence("ä") == 2);
  CHECK(utf8_sequence("中") == 3);
  CHECK(utf8_sequence("😀") == 4);
  for (const char* bad : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xE4\xB8", "\xFF", ""}) {
    CHECK(utf8_sequence(bad) == 0);
  }
}

TEST_CASE("nothing printable drives a terminal") {
  CHECK(printable("a\x1b[31mb") == "a\uFFFD[31mb");
  CHECK(printable("\u009b1m") == "\uFFFD1m");
  CHECK(printable("\u202Egnp") == "\uFFFDgnp");
  CHECK(printable("line\nend\t") == "line end ");
  CHECK(printable("\xFF\xE4") == "\uFFFD\uFFFD");
  CHECK(well_formed("a\n\xFF") == "a\n\uFFFD");
}

TEST_CASE("text is cut to columns, not bytes") {
  CHECK(display_width("中文ab") == 6);
  CHECK(cut_to_width("中文ab", 6) == "中文ab");
  CHECK(cut_to_width("中文ab", 5) == "中文…");
  CHECK(cut_to_width("中文ab", 4) == "中…");
  CHECK(cut_to_width("abc", 0).empty());
}

TEST_CASE("numbers for people") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(20 << 20) == "20 MiB");
  CHECK(format_duration_ms(400) == "0.4 s");
  CHECK(format_duration_ms(59'700) == "1 min 0 s");
  CHECK(format_duration_ms(7'500'000) == "2 h 5 min");
  CHECK(format_pages({3, 4, 5, 9, 11, 12}) == "3-5, 9, 11, 12");
  CHECK(count_of(1, "page") == "1 page");
  CHECK(count_of(0, "page") == "0 pages");
}

TEST_CASE("tables are aligned") {
  CHECK(format_table({{"N", "NAME"}, {"12", "中"}, {"3", "x"}}, {true}) ==
        " N  NAME\n12  中\n 3  x\n");
}

TEST_CASE("JSON strings are escaped and well-formed") {
  CHECK(json_string("a\"b\\c\n\x01\x7F/ä") == "\"a\\\"b\\\\c\\n\\u0001\\u007f/ä\"");
  CHECK(json_string("\xFF") == "\"\\ufffd\"");
}

TEST_CASE("JSON values are separated") {
  JsonWriter json;
  json.begin_object().field("a", 1u).key("b").begin_array();
  json.value("x").value(true).begin_object().end_object().null().end_array();
  json.field("c", 0.5).field("d", int64_t{-3}).end_object();
  CHECK(json.text() == R"({"a":1,"b":["x",true,{},null],"c":0.5,"d":-3})");
}

TEST_CASE("rows have the colour of their job, headings none") {
  CHECK(paint_rows("JOB\n1\n2\n3\n", {Colour::kRed, Colour::kNone}) ==
        "JOB\n\x1b[31m1\x1b[0m\n2\n3\n");
  proto::JobInfo job;
  job.state = proto::JobState::kDone;
  CHECK(colour_of(job) == Colour::kNone);
  job.pages_failed = {3};
  CHECK(colour_of(job) == Colour::kYellow);
  job.state = proto::JobState::kFailed;
  CHECK(colour_of(job) == Colour::kRed);
}
