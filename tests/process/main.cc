// The process tests. Started the way a reader is, this program plays a reader that misbehaves
// (fake_reader.h), so that no second program has to be built and found.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "tests/process/fake_reader.h"

int main(int argc, char** argv) {
  const char* behaviour = std::getenv("PDF2MD_FAKE_READER");
  if (behaviour != nullptr && argc == 3 && std::strcmp(argv[1], "--parent") == 0) {
    return pdf2md::test::play_reader(behaviour);
  }
  return Catch::Session().run(argc, argv);
}
