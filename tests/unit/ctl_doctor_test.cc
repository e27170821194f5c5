#include <catch2/catch.hpp>

#include "ctl/findings.h"
#include "ctl/machine_facts.h"
#include "ctl/tar_archive.h"

namespace pdf2md::ctl {
namespace {

MachineFacts sound() {
  MachineFacts facts;
  facts.seccomp = true;
  facts.landlock_abi = 3;
  facts.fonts = 100;
  facts.poppler_data = true;
  facts.memory_available_bytes = 8ull << 30;
  facts.model_folder = "/models";
  return facts;
}

Level worst(const std::vector<Finding>& all) {
  Level level = Level::kGood;
  for (const Finding& one : all) level = std::max(level, one.level);
  return level;
}

std::string advice(const std::vector<Finding>& all) {
  std::string text;
  for (const Finding& one : all) text += one.advice + "\n";
  return text;
}

TEST_CASE("the version of NVIDIA's driver") {
  CHECK(driver_version("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 23\n"
                       "GCC version: 12.2.0\n") == "570.86.15");
  CHECK(driver_version("") == "");
  CHECK(driver_version("NVRM version: none\nGCC version: 12.2.0\n") == "");
}

TEST_CASE("a machine in order has nothing to be done") {
  CHECK(worst(findings_of(sound())) == Level::kGood);
  CHECK(advice(findings_of(sound())).find_first_not_of('\n') == std::string::npos);
}

TEST_CASE("what is wrong with a machine comes with what to do") {
  MachineFacts facts = sound();
  SECTION("an old driver") {
    facts.driver = "570.86";
    CHECK(advice(findings_of(facts)).find("580") != std::string::npos);
  }
  SECTION("a driver without the libraries") {
    facts.driver = "580.65.06";
    CHECK(advice(findings_of(facts)).find("pdf2md-setup --cuda") != std::string::npos);
  }
  SECTION("no weights") {
    facts.model_folder = "";
  }
  SECTION("half of the weights") {
    facts.missing_weights = {"layout.onnx"};
  }
  SECTION("no fonts") {
    facts.fonts = 0;
  }
  SECTION("no sandbox") {
    facts.seccomp = false;
  }
  CHECK(worst(findings_of(facts)) == Level::kBad);
}

TEST_CASE("doubts are no faults") {
  MachineFacts facts = sound();
  SECTION("no Landlock") {
    facts.landlock_abi = 0;
  }
  SECTION("no data for CJK") {
    facts.poppler_data = false;
  }
  SECTION("little memory") {
    facts.memory_available_bytes = 1 << 30;
  }
  SECTION("a stale socket") {
    facts.stale_sockets = {"/run/pdf2md/pdf2md.sock"};
  }
  CHECK(worst(findings_of(facts)) == Level::kDoubtful);
}

TEST_CASE("what the daemon says of itself") {
  proto::HealthReport health;
  health.status = "ok";
  health.ready = true;
  CHECK(worst(findings_of(health)) == Level::kGood);
  health.device_note = "no NVIDIA driver";
  CHECK(worst(findings_of(health)) == Level::kDoubtful);
  health.ready = false;
  CHECK(worst(findings_of(health)) == Level::kBad);
  proto::SpoolReport spool;
  spool.min_free_bytes = 1000;
  spool.free_bytes = 2000;
  CHECK(worst(findings_of(spool)) == Level::kGood);
  spool.free_bytes = 1500;
  CHECK(worst(findings_of(spool)) == Level::kDoubtful);
  spool.free_bytes = 500;
  CHECK(worst(findings_of(spool)) == Level::kBad);
  CHECK(finding_of_builds("a", "a").level == Level::kGood);
  CHECK(finding_of_builds("a", "b").level == Level::kDoubtful);
}

TEST_CASE("a tar archive has a header of one block for each file") {
  TarArchive archive(1'000'000);
  archive.add("folder/a.txt", "words");
  archive.add("folder/empty", "");
  const std::string bytes = archive.take();
  CHECK(bytes.size() == 5 * 512);  // header, content, header, two blocks of zeros
  CHECK(bytes.substr(0, 12) == "folder/a.txt");
  CHECK(bytes.substr(257, 5) == "ustar");
  CHECK(bytes.substr(124, 11) == "00000000005");
  CHECK(bytes.substr(512, 5) == "words");
  unsigned sum = 0;
  for (size_t i = 0; i < 512; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[i]);
  CHECK(std::stoul(bytes.substr(148, 6), nullptr, 8) == sum);
}

}  // namespace
}  // namespace pdf2md::ctl
