#include "ctl/progress.h"

#include <catch2/catch.hpp>

using namespace pdf2md::ctl;

TEST_CASE("a bar shows the share that is done") {
  CHECK(progress_bar(0, 12) == "[          ]");
  CHECK(progress_bar(0.5, 12) == "[====>     ]");
  CHECK(progress_bar(1, 12) == "[==========]");
  CHECK(progress_bar(7, 12) == "[==========]");
  CHECK(progress_bar(0.5, 2).empty());
}

TEST_CASE("the line of progress of one document") {
  Progress progress;
  CHECK(progress_line(progress, 80).empty());
  progress.active[0] = {"paper.pdf", 0, 0, "workers are loading their models"};
  CHECK(progress_line(progress, 80) == "paper.pdf: workers are loading their models");
  progress.active[0] = {"paper.pdf", 12, 40, ""};
  progress.seconds = 4;
  CHECK(progress_line(progress, 80) ==
        "paper.pdf: [====>             ] 12/40 pages, 3.0 pages/s, 9.3 s left");
  CHECK(progress_line(progress, 49) == "paper.pdf: 12/40 pages, 3.0 pages/s, 9.3 s left");
  progress.done_before = 4;
  CHECK(progress_line(progress, 49) == "paper.pdf: 12/40 pages, 2.0 pages/s, 14 s left");
  CHECK(progress_line(progress, 20) == "paper…: 12/40 pages…");
  progress.active[0] = {"a name that is longer than a third of the line", 12, 40, ""};
  CHECK(progress_line(progress, 60).starts_with("a name that is long…: [==>"));
}

TEST_CASE("the line of progress of bytes") {
  Progress progress;
  progress.unit = ProgressUnit::kBytes;
  progress.active[0] = {"paper.pdf", 10 << 20, 40 << 20, "sending"};
  progress.seconds = 5;
  CHECK(progress_line(progress, 49) == "paper.pdf: 10 MiB of 40 MiB, 2.0 MiB/s, 15 s lef…");
}

TEST_CASE("the line of progress of many documents") {
  Progress progress;
  progress.documents = 10;
  CHECK(progress_line(progress, 40) == "0/10 documents, 0 pages");
  progress.finished = 3;
  progress.done_finished = 100;
  progress.seconds = 4;
  progress.active[4] = {"a.pdf", 12, 24, ""};
  progress.active[5] = {"b.pdf", 0, 0, ""};
  CHECK(progress_line(progress, 80) ==
        "[=====>            ] 3/10 documents, 112 pages, 28.0 pages/s, 7.4 s left");
}
