#include <signal.h>

#include "tests/process/daemon.h"

namespace pdf2md::tests {

TEST_CASE("all mistakes of a file are listed with their lines, before anything is started") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/pdf2mdd.toml";
  REQUIRE(write_file_durably(path,
                             "workers = 2\nwokers = 3\n\n[limits]\nmax_pages = \"many\"\nocr_dpi = "
                             "1\n\n[lmits]\nx = 1\n")
              .ok());
  Output output = run_daemon({"--config", path});
  CHECK(output.exit_code == 2);
  CHECK(output.text.find(path + ":2: \"wokers\" is not a known key (did you mean workers?)") !=
        std::string::npos);
  CHECK(output.text.find(path + ":5: \"limits.max_pages\" is not a number") != std::string::npos);
  CHECK(output.text.find(path + ":6: \"limits.ocr_dpi\" is not a known key") != std::string::npos);
  CHECK(output.text.find(path + ":8: [lmits] is not a section (did you mean limits?)") !=
        std::string::npos);
}

TEST_CASE("flags over environment over file over defaults") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/pdf2mdd.toml";
  REQUIRE(write_file_durably(path, "workers = 2\nreaders = 2\nthreads = 2\n").ok());
  Output output = run_daemon({"--config", path, "--print-config", "--workers", "4"},
                             {"PDF2MD_WORKERS=3", "PDF2MD_READERS=3"});
  CHECK(output.exit_code == 0);
  CHECK(output.text.find("\nworkers = 4\n") != std::string::npos);
  CHECK(output.text.find("\nreaders = 3\n") != std::string::npos);
  CHECK(output.text.find("\nthreads = 2\n") != std::string::npos);
}

TEST_CASE("what is printed is accepted again") {
  TemporaryFolder folder;
  std::string path = folder.path() + "/pdf2mdd.toml";
  Output printed = run_daemon(
      {"--print-config", "--set", "socket.mode=0600", "--set", "supervision.term_s=0.25"});
  REQUIRE(write_file_durably(path, printed.text).ok());
  CHECK(run_daemon({"--config", path, "--print-config"}).text == printed.text);
  CHECK(run_daemon({"--config", path, "--check-config"}).exit_code == 0);
}

TEST_CASE("mistakes in the environment and in flags are named as such") {
  Output output = run_daemon({"--check-config", "--readers", "lots", "--set", "queue.max_jobs=0"},
                             {"PDF2MD_THREADS=-1"});
  CHECK(output.exit_code == 2);
  CHECK(output.text.find("PDF2MD_THREADS: -1 is out of range (0 to 1024)") != std::string::npos);
  CHECK(output.text.find("--readers: \"lots\" is not a number") != std::string::npos);
  CHECK(output.text.find("--set queue.max_jobs: 0 is out of range") != std::string::npos);
  CHECK(run_daemon({"--sokcet", "x"}).text.find("did you mean --socket?") != std::string::npos);
}

}  // namespace pdf2md::tests
