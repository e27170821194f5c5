// The process tests. Started the way a reader or a script reader is, this program plays one that
// misbehaves (fake_reader.h, fake_script_reader.h), so that no second program has to be built and
// found.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "tests/process/fake_reader.h"
#include "tests/process/fake_script_reader.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--parent") == 0) {
    if (const char* behaviour = std::getenv("PDF2MD_FAKE_READER"))
      return pdf2md::test::play_reader(behaviour);
    if (const char* behaviour = std::getenv("PDF2MD_FAKE_SCRIPT_READER"))
      return pdf2md::test::play_script_reader(behaviour);
  }
  return Catch::Session().run(argc, argv);
}
