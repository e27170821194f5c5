#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "models/model_set.h"

int main(int argc, char** argv) {
  // libtorch_cuda has to be loaded before the first question about CUDA, whatever the tests ask for
  // later.
  const pdf2md::Result<pdf2md::models::DeviceInfo> device = pdf2md::models::open_device("auto");
  if (device)
    std::printf("device: %s (%s) %s\n", device->id.c_str(), device->name.c_str(),
                device->note.c_str());
  return Catch::Session().run(argc, argv);
}
