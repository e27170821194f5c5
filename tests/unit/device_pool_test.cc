#include "daemon/supervisor/device_pool.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

DevicePool three() {
  return DevicePool({"cuda:0", "cuda:1", "cuda:2"}, 2, 1000);
}

TEST_CASE("device pool: slots are dealt round") {
  DevicePool pool = three();
  CHECK(pool.device_for(0, 0) == "cuda:0");
  CHECK(pool.device_for(5, 0) == "cuda:2");
}

TEST_CASE(
    "device pool: faults in a row put a device out; its slots go to the others, theirs stay") {
  DevicePool pool = three();
  CHECK_FALSE(pool.failed("cuda:1", 0));
  CHECK(pool.failed("cuda:1", 10));
  CHECK(pool.out_of_service(10) == std::vector<std::string>{"cuda:1"});
  CHECK(pool.device_for(0, 10) == "cuda:0");
  CHECK(pool.device_for(2, 10) == "cuda:2");
  CHECK(pool.device_for(1, 10) != "cuda:1");
  CHECK(pool.device_for(4, 10) != "cuda:1");
}

TEST_CASE("device pool: work in between makes them not in a row") {
  DevicePool pool = three();
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(pool.failed("cuda:1", i));
    pool.worked("cuda:1");
  }
}

TEST_CASE("device pool: after its pause a device is tried again, and one fault is enough then") {
  DevicePool pool = three();
  pool.failed("cuda:1", 0);
  pool.failed("cuda:1", 0);
  CHECK(pool.device_for(1, 999) != "cuda:1");
  CHECK(pool.device_for(1, 1000) == "cuda:1");
  CHECK(pool.failed("cuda:1", 1000));
  CHECK(pool.device_for(1, 1001) != "cuda:1");
  pool.worked("cuda:1");
  CHECK(pool.device_for(1, 1002) == "cuda:1");
  CHECK_FALSE(pool.failed("cuda:1", 1003));
}

TEST_CASE("device pool: the last device is never put out") {
  DevicePool one({"cuda:0"}, 1, 1000);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(one.failed("cuda:0", i));
  CHECK(one.device_for(3, 5) == "cuda:0");
  DevicePool two({"cuda:0", "cuda:1"}, 1, 1000);
  CHECK(two.failed("cuda:0", 0));
  CHECK_FALSE(two.failed("cuda:1", 0));
  CHECK(two.device_for(0, 1) == "cuda:1");
  CHECK(two.device_for(1, 1) == "cuda:1");
}

}  // namespace
}  // namespace pdf2md::supervisor
