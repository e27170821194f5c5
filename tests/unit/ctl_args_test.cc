#include <catch2/catch.hpp>

#include "ctl/args.h"

using namespace pdf2md::ctl;

namespace {

Options parsed(const std::vector<std::string>& arguments, const std::string& socket = "") {
  pdf2md::Result<Options> options = parse_arguments(arguments, socket);
  INFO((options ? std::string() : to_string(options.error())));
  REQUIRE(options.ok());
  return *options;
}

std::string refused(const std::vector<std::string>& arguments) {
  pdf2md::Result<Options> options = parse_arguments(arguments, "");
  REQUIRE_FALSE(options.ok());
  CHECK(options.error().code == pdf2md::ErrorCode::kBadOptions);
  return options.error().message;
}

}  // namespace

TEST_CASE("options and operands may be mixed") {
  Options o = parsed({"convert", "a.pdf", "--pages", "3-7,12", "-o", "out/", "b.pdf", "--strict"});
  CHECK(o.command == Command::kConvert);
  CHECK(o.operands == std::vector<std::string>{"a.pdf", "b.pdf"});
  CHECK(o.job_options.pages == "3-7,12");
  CHECK(o.output_path == "out/");
  CHECK(o.job_options.strict);
}

TEST_CASE("values may be joined to their option") {
  Options o = parsed({"convert", "--max-pages=4", "-oout.md", "-qj8", "a.pdf"});
  CHECK(o.job_options.max_pages == 4);
  CHECK(o.output_path == "out.md");
  CHECK(o.jobs == 8);
  CHECK(o.quiet);
  CHECK(parsed({"convert", "--page-separator=", "a.pdf"}).job_options.page_separator.empty());
}

TEST_CASE("two dashes end the options, one dash is standard input") {
  CHECK(parsed({"convert", "--", "--strict", "-h"}).operands ==
        std::vector<std::string>{"--strict", "-h"});
  CHECK(parsed({"convert", "-"}).operands == std::vector<std::string>{"-"});
  CHECK(parsed({"convert"}).operands == std::vector<std::string>{"-"});
}

TEST_CASE("common options may stand before the command") {
  Options o = parsed({"--socket", "/x", "--json", "status", "7"}, "/y");
  CHECK(o.command == Command::kStatus);
  CHECK(o.socket == "/x");
  CHECK(o.json);
  CHECK(o.job == 7u);
  CHECK(parsed({"status"}, "/y").socket == "/y");
}

TEST_CASE("help can be asked for anywhere") {
  CHECK(parsed({"--help"}).command == Command::kHelp);
  Options o = parsed({"convert", "a.pdf", "--nonsense", "--help"});
  CHECK(o.command == Command::kHelp);
  CHECK(o.operands == std::vector<std::string>{"convert"});
}

TEST_CASE("wrong usage is named") {
  CHECK(refused({}) == "which command?");
  CHECK(refused({"--socket"}) == "which command?");
  CHECK(refused({"print"}) == "there is no command \"print\"");
  CHECK(refused({"convert", "--colour"}) == "unknown option --colour");
  CHECK(refused({"convert", "-qz"}) == "unknown option -z");
  CHECK(refused({"convert", "-qx"}) == "-x is no option of convert");
  CHECK(refused({"status", "--pages", "3"}) == "--pages is no option of status");
  CHECK(refused({"convert", "--pages"}) == "--pages needs a value");
  CHECK(refused({"convert", "--strict=yes"}) == "--strict takes no value");
  CHECK(refused({"watch"}).starts_with("which job?"));
  CHECK(refused({"watch", "0"}) == "\"0\" is not the number of a job");
  CHECK(refused({"watch", "1", "2"}) == "one job at a time");
  CHECK(refused({"submit", "a", "b", "--name", "x"}) == "--name is for one document");
  CHECK(refused({"convert", "-", "-"}) == "standard input (-) can be read once only");
  CHECK(refused({"convert", "--name", "x", "a", "b"}) == "--name is for one document");
  CHECK(refused({"convert", "--password-file", "-", "-"}).starts_with("the document and"));
  CHECK(refused({"convert", "--output", "md,doc"}).starts_with("--output doc"));
  CHECK(
      refused({"convert", "--output", "images"}).starts_with("--output images: images come with"));
  CHECK(refused({"convert", "--output", "assets/a.png"}).starts_with("--output assets/a.png"));
  CHECK(refused({"convert", "--ocr", "maybe"}) == "--ocr maybe: not one of auto, always, never");
  CHECK(refused({"convert", "-j", "0"}).starts_with("-j 0"));
  CHECK(refused({"convert", "--max-pages", "4294967296"}).starts_with("--max-pages"));
}

TEST_CASE("page ranges are checked before anything is sent") {
  for (const char* good : {"1", "3-7,12", "5-", "-3", "1,1,1"}) {
    CHECK(parsed({"convert", "--pages", good, "a"}).job_options.pages == good);
  }
  for (const char* bad : {"", "0", "7-3", "-", "a", "1,", "1-2-3", "99999999999"}) {
    INFO(bad);
    CHECK(refused({"convert", std::string("--pages=") + bad, "a"}).starts_with("--pages"));
  }
}

TEST_CASE("outputs are listed once each") {
  CHECK(parsed({"convert", "--output", "json,md,json"}).outputs ==
        std::vector<std::string>{"json", "md"});
  CHECK(parsed({"result", "3", "--output", "assets/p0001-1.png"}).outputs.size() == 1);
}

TEST_CASE("durations") {
  CHECK(parse_duration_ms("90") == 90'000u);
  CHECK(parse_duration_ms("0.2") == 200u);
  CHECK(parse_duration_ms("250ms") == 250u);
  CHECK(parse_duration_ms("10m") == 600'000u);
  CHECK(parse_duration_ms("1h30m") == 5'400'000u);
  CHECK(parse_duration_ms("1.5h") == 5'400'000u);
  for (const char* bad :
       {"", "0", "-5", "m", "10x", "5 m", "1e9", "nan", "inf", "60d", "1h30", "9999h"}) {
    INFO(bad);
    // A bare number may end a compound: it is seconds.
    if (std::string(bad) == "1h30")
      CHECK(parse_duration_ms(bad) == 3'630'000u);
    else
      CHECK_FALSE(parse_duration_ms(bad).has_value());
  }
}

TEST_CASE("escapes of the page separator") {
  CHECK(unescape("a\\nb\\f\\t\\\\") == "a\nb\f\t\\");
  CHECK_FALSE(unescape("\\x").has_value());
  CHECK_FALSE(unescape("end\\").has_value());
}

TEST_CASE("hold and release take jobs, priority one job and a number") {
  Options o = parsed({"hold", "7", "9"});
  CHECK(o.command == Command::kHold);
  CHECK(o.several_jobs == std::vector<uint64_t>{7, 9});
  CHECK(parsed({"release", "3"}).several_jobs == std::vector<uint64_t>{3});
  o = parsed({"priority", "7", "80"});
  CHECK(o.job == 7u);
  CHECK(o.priority == 80);
  CHECK(refused({"hold"}).find("which jobs") != std::string::npos);
  CHECK(refused({"hold", "x"}).find("not the number of a job") != std::string::npos);
  CHECK(refused({"priority", "7"}).find("new priority") != std::string::npos);
  CHECK(refused({"priority", "7", "101"}).find("1 to 100") != std::string::npos);
  CHECK(refused({"priority", "7", "0"}).find("1 to 100") != std::string::npos);
}

TEST_CASE("a document is submitted with a priority, and held") {
  Options o = parsed({"submit", "-p", "80", "--hold", "a.pdf"});
  CHECK(o.priority == 80);
  CHECK(o.hold);
  CHECK(parsed({"convert", "--priority=1", "a.pdf"}).priority == 1);
  CHECK(parsed({"submit", "a.pdf"}).priority == 50);
  CHECK(parsed({"submit", "--workers", "2", "a.pdf"}).workers == 2);
  CHECK(refused({"submit", "--workers", "0", "a.pdf"}).find("1 or more") != std::string::npos);
  CHECK(refused({"convert", "--hold", "a.pdf"}).find("no option of convert") != std::string::npos);
}

TEST_CASE("a batch says where from and where to") {
  Options o = parsed({"convert", "-r", "in", "-o", "out", "--shard", "2/5", "--retries", "0"});
  CHECK(o.batch);
  CHECK(o.shard.number == 2);
  CHECK(o.retries == 0u);
  CHECK_FALSE(o.jobs);
  CHECK(parsed({"convert", "--files-from", "-", "-o", "out"}).operands.empty());
  CHECK_FALSE(parsed({"convert", "--retries", "2", "a.pdf"}).batch);
  CHECK(refused({"convert", "-r", "in"}) == "where to? give a folder with -o");
  CHECK(refused({"convert", "-r", "-o", "out"}) == "which documents or folders?");
  CHECK(refused({"convert", "-r", "-", "-o", "out"}).starts_with("a document from standard input"));
  CHECK(refused({"convert", "--shard", "3/2", "-o", "out"}).starts_with("--shard 3/2: not a part"));
}

TEST_CASE("jobs are named, or chosen") {
  CHECK(parsed({"cancel", "3", "4"}).several_jobs == std::vector<uint64_t>{3, 4});
  CHECK(parsed({"cancel", "-a", "-u", "me"}).user == "me");
  CHECK(parsed({"rm", "-W", "failed"}).states != 0);
  CHECK(refused({"cancel"}).starts_with("which jobs?"));
  CHECK(refused({"cancel", "3", "--all"}).starts_with("either the numbers of jobs"));
  CHECK(refused({"wait"}).starts_with("which jobs?"));
  CHECK(parsed({"explain", "7", "3"}).page == 3);
  CHECK(refused({"explain", "7"}) == "give a job and the number of a page");
  CHECK(refused({"completion", "csh"}) == "for which shell? bash, zsh or fish");
}

TEST_CASE("one letter may mean different things to different commands") {
  CHECK(parsed({"convert", "-rf", "in", "-o", "out"}).force);
  CHECK(parsed({"logs", "-f"}).follow);
  CHECK(parsed({"status", "-w"}).refresh);
}

TEST_CASE("how outputs are made") {
  const Options options =
      parsed({"convert", "--output", "html,images,review", "--mode", "grounded", "--tables", "html",
              "--images", "inline", "--chunk-tokens", "200", "--page-separator", "number"});
  CHECK(options.outputs == std::vector<std::string>{"html", "review"});
  CHECK(options.job_options.mode == "grounded");
  CHECK(options.job_options.tables == "html");
  CHECK(options.job_options.images);
  CHECK(options.job_options.image_data == "inline");
  CHECK(options.job_options.chunk_tokens == 200);
  CHECK(options.job_options.page_separator == "----- Page {page} -----");
  CHECK(parsed({"convert", "--page-separator", "form-feed"}).job_options.page_separator == "\f");
  CHECK_FALSE(parsed({"convert", "--images", "none"}).job_options.images);
  CHECK(refused({"convert", "--mode", "x"}) == "--mode x: not one of clean, grounded");
  CHECK(refused({"convert", "--tables", "x"}) == "--tables x: not one of pipe, html");
  CHECK(refused({"convert", "--images", "x"}) == "--images x: not one of files, inline, none");
  CHECK(refused({"convert", "--chunk-tokens", "3"}).starts_with("--chunk-tokens 3: not a number"));
}

TEST_CASE("submit has lp's -q and waits where asked to") {
  const Options options = parsed({"submit", "-q", "80", "--wait", "a", "b"});
  CHECK(options.priority == 80);
  CHECK_FALSE(options.quiet);
  CHECK(options.wait_for_end);
  CHECK(options.operands == std::vector<std::string>{"a", "b"});
  CHECK(parsed({"submit", "--quiet", "a"}).quiet);
  CHECK(parsed({"convert", "-q", "a"}).quiet);
}
