#include "daemon/supervisor/reload.h"

#include <catch2/catch.hpp>

namespace pdf2md::supervisor {
namespace {

TEST_CASE("reload: what differs is named with both values and its effect") {
  Config running, wanted;
  wanted.queue.max_jobs = 5;
  wanted.limits.page_timeout_ms = 1500;
  wanted.state_dir = "/elsewhere";
  std::vector<ConfigChange> changes = changes_between(running, wanted);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key->full_name() == "state_dir");
  CHECK(changes[0].effect == ReloadEffect::kRestart);
  CHECK(changes[1].key->full_name() == "limits.page_timeout_s");
  CHECK(changes[1].before == "120");
  CHECK(changes[1].after == "1.5");
  CHECK(changes[1].effect == ReloadEffect::kWorkers);
  CHECK(changes[2].effect == ReloadEffect::kNow);
}

TEST_CASE("reload: what needs a restart stays as it is until then") {
  Config running, wanted;
  running.state_dir = "/here";
  wanted.state_dir = "/elsewhere";
  wanted.recycle.warm = false;
  wanted.recycle.jitter = 0.5;
  wanted.device = "cuda:0,1";
  Config merged = merge(running, wanted, changes_between(running, wanted));
  CHECK(merged.state_dir == "/here");
  CHECK_FALSE(merged.recycle.warm);
  CHECK(merged.recycle.jitter == 0.5);
  CHECK(merged.device == "cuda:0,1");
  REQUIRE(changes_between(merged, wanted).size() == 1);  // told again the next time
}

TEST_CASE("reload: every setting of workers reaches them, what was opened at the start stays") {
  auto effect = [](const std::string& name) {
    for (const Key& key : all_keys()) {
      if (key.full_name() == name) return effect_of(key);
    }
    FAIL("no key " << name);
    return ReloadEffect::kRestart;
  };
  for (const char* key :
       {"device", "threads", "readers", "model_dir", "worker_program", "reader_program", "ocr_dpi",
        "debug_launch_blocking", "limits.max_pages", "limits.max_pixels", "limits.page_timeout_s",
        "limits.reader_memory_mib"}) {
    INFO(key);
    CHECK(effect(key) == ReloadEffect::kWorkers);
  }
  for (const char* key : {"state_dir", "socket.path", "socket.mode", "socket.admin_group"}) {
    INFO(key);
    CHECK(effect(key) == ReloadEffect::kRestart);
  }
}

TEST_CASE("reload: equal configurations have no differences") {
  Config defaults;
  CHECK(changes_between(defaults, defaults).empty());
}

}  // namespace
}  // namespace pdf2md::supervisor
