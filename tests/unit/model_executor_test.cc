#include "daemon/worker/model_executor.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>

using namespace pdf2md;
using models::TextLine;

namespace {

// Recognises an image as its width; says how many images each call had.
class FakeModels : public models::ModelSet {
 public:
  std::vector<size_t> calls;
  bool fail = false;
  std::optional<ErrorCode> fail_later;  // when the result is waited for
  int out_of_memory = 0;                // so many calls fail
  std::vector<size_t> good_calls;       // images of each call that went through
  int released = 0;
  int shapes_left = 0;  // to warm up in idle moments
  std::atomic<int> warmed = 0;
  std::function<void()> before_call;
  std::atomic<int> canaries = 0;

  Status release_memory() override {
    ++released;
    return Ok{};
  }
  Result<models::DeviceMemory> memory() override { return models::DeviceMemory{}; }
  Result<uint64_t> take_allocation_peak() override { return uint64_t{1000}; }
  Status warm_up() override { return Ok{}; }
  Result<bool> warm_up_more() override {
    if (shapes_left == 0) return false;
    --shapes_left;
    ++warmed;
    return true;
  }
  Status canary() override {
    ++canaries;
    return Ok{};
  }
  models::LoadTimes load_times() const override { return {}; }
  Result<models::Picture> on_device(const models::Picture& picture) override { return picture; }
  Result<std::vector<TextLine>> cut_lines(const models::Picture&,
                                          std::span<const models::Quad> lines) override {
    if (out_of_memory > 0) {
      --out_of_memory;
      return Error{ErrorCode::kOutOfMemory, "full", ""};
    }
    return std::vector<TextLine>(lines.size());
  }
  Result<models::PendingList<std::vector<models::TextBox>>> detect_text(
      std::span<const models::Picture> pages) override {
    return nothing<std::vector<models::TextBox>>(pages.size());
  }
  Result<models::PendingList<models::RecognisedText>> recognise(
      std::span<const TextLine> lines) override {
    if (before_call) before_call();
    const std::lock_guard<std::mutex> lock(mutex_);
    calls.push_back(lines.size());
    if (fail) return Error{ErrorCode::kInternal, "no", ""};
    if (out_of_memory > 0) {
      --out_of_memory;
      return Error{ErrorCode::kOutOfMemory, "full", ""};
    }
    good_calls.push_back(lines.size());
    models::PendingList<models::RecognisedText> all;
    for (const TextLine& line : lines) {
      all.push_back([this, width = line.strip.view.width]() -> Result<models::RecognisedText> {
        if (fail_later) return Error{*fail_later, "late", ""};
        return models::RecognisedText{std::to_string(width), 1, {}, {}};
      });
    }
    return all;
  }
  Result<models::PendingList<bool>> is_upside_down(std::span<const TextLine> lines) override {
    return nothing<bool>(lines.size());
  }
  Result<models::PendingList<Orientation>> page_orientation(
      std::span<const models::Picture> pages) override {
    return nothing<Orientation>(pages.size());
  }
  Result<models::PendingList<std::vector<models::LayoutBox>>> layout(
      std::span<const models::Picture> pages) override {
    return nothing<std::vector<models::LayoutBox>>(pages.size());
  }
  Result<models::PendingList<models::TableStructure>> table_structure(
      std::span<const models::Picture> tables) override {
    return nothing<models::TableStructure>(tables.size());
  }

 private:
  std::mutex mutex_;
  template <class R>
  static models::PendingList<R> nothing(size_t count) {
    return models::PendingList<R>(count, [] { return Result<R>(R()); });
  }
};

std::vector<TextLine> lines_of_width(int first, int count) {
  std::vector<TextLine> lines(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) lines[static_cast<size_t>(i)].strip.view.width = first + i;
  return lines;
}

}  // namespace

TEST_CASE("each caller gets the answers to its own images, in order") {
  const int threads = GENERATE(1, 3);
  worker::ModelExecutor executor(std::make_unique<FakeModels>(), false, threads,
                                 [](const Error&) { std::abort(); });
  std::vector<std::thread> callers;
  std::atomic<int> right = 0;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 50; ++round) {
        std::vector<TextLine> lines = lines_of_width(1 + 100 * caller, 1 + (caller + round) % 5);
        worker::PageUse use;
        Result<std::vector<models::RecognisedText>> read = executor.recognise(lines, use);
        bool equal = read.ok() && read->size() == lines.size();
        for (size_t i = 0; equal && i < lines.size(); ++i) {
          equal = (*read)[i].text == std::to_string(lines[i].strip.view.width);
        }
        if (equal) ++right;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(right == 8 * 50);
}

TEST_CASE("with small calls a long request is cut, and its answers are joined in order") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  FakeModels* fake = models.get();
  std::vector<TextLine> lines = lines_of_width(1, 40);
  worker::ModelExecutor executor(std::move(models), true, 1, [](const Error&) { std::abort(); });
  worker::PageUse use;
  Result<std::vector<models::RecognisedText>> read = executor.recognise(lines, use);
  REQUIRE(read.ok());
  REQUIRE(read->size() == 40);
  CHECK((*read)[39].text == "40");
  CHECK(fake->calls.size() == 3);
}

TEST_CASE("an error that is not fatal reaches the caller") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  models->fail = true;
  worker::ModelExecutor executor(std::move(models), true, 1, [](const Error&) { std::abort(); });
  std::vector<TextLine> lines = lines_of_width(1, 40);
  worker::PageUse use;
  Result<std::vector<models::RecognisedText>> read = executor.recognise(lines, use);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().message == "no");
}

TEST_CASE(
    "a device that fails while a result is waited for is fatal, another fault is the page's") {
  for (ErrorCode code : {ErrorCode::kDeviceFault, ErrorCode::kInternal}) {
    std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
    models->fail_later = code;
    std::vector<ErrorCode> fatal;
    worker::ModelExecutor executor(std::move(models), true, 1,
                                   [&](const Error& error) { fatal.push_back(error.code); });
    std::vector<TextLine> lines = lines_of_width(1, 4);
    worker::PageUse use;
    Result<std::vector<models::RecognisedText>> read = executor.recognise(lines, use);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message == "late");
    CHECK(fatal ==
          (code == ErrorCode::kInternal ? std::vector<ErrorCode>() : std::vector<ErrorCode>{code}));
  }
}

TEST_CASE("what page threads do on the device is tried again when memory runs out") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  FakeModels* fake = models.get();
  fake->out_of_memory = 2;
  worker::ModelExecutor executor(std::move(models), true, 1, [](const Error&) { std::abort(); });
  const models::Quad quads[3] = {};
  Result<std::vector<TextLine>> lines = executor.cut_lines(models::Picture(), quads);
  REQUIRE(lines.ok());
  CHECK(lines->size() == 3);
  CHECK(fake->released == 2);
}

TEST_CASE("the canary is answered once every model thread has run it") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  FakeModels* fake = models.get();
  worker::ModelExecutor executor(std::move(models), true, 3, [](const Error&) { std::abort(); });
  std::promise<int> answered;
  executor.canary([&](const worker::ModelExecutor::Proof&) { answered.set_value(fake->canaries); });
  CHECK(answered.get_future().get() == 3);
}

TEST_CASE("out of memory is answered by smaller calls, and the results stay the same") {
  for (int failures : {0, 1, 2, 3, 4, 6, 9}) {
    INFO(failures);
    std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
    FakeModels* fake = models.get();
    fake->out_of_memory = failures;
    std::vector<TextLine> lines = lines_of_width(1, 40);
    worker::ModelExecutor executor(std::move(models), true, 1, [](const Error&) { std::abort(); });
    worker::PageUse use;
    Result<std::vector<models::RecognisedText>> read = executor.recognise(lines, use);
    REQUIRE(read.ok());
    REQUIRE(read->size() == 40);
    for (int i = 0; i < 40; ++i)
      CHECK((*read)[static_cast<size_t>(i)].text == std::to_string(i + 1));
    CHECK(fake->released == failures);
    CHECK(fake->good_calls.front() == 16u >> std::min(failures / 2, worker::kMemoryRungs - 1));
    CHECK(use.vram_peak_bytes.value() == 1000);
  }
}

TEST_CASE("where the smallest batch finds no memory the worker is to leave") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  models->out_of_memory = 1000;
  std::promise<ErrorCode> fatal;
  std::vector<TextLine> lines = lines_of_width(1, 4);
  worker::ModelExecutor executor(std::move(models), true, 1,
                                 [&](const Error& error) { fatal.set_value(error.code); });
  worker::PageUse use;
  CHECK_FALSE(executor.recognise(lines, use).ok());
  CHECK(fatal.get_future().get() == ErrorCode::kOutOfMemory);
}

TEST_CASE("requests of an abandoned page are dropped before they start, others are answered") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  FakeModels* fake = models.get();
  std::promise<void> started, go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  std::atomic<int> calls = 0;
  fake->before_call = [&] {
    if (++calls == 1) {
      started.set_value();
      may_go_on.wait();
    }
  };
  worker::ModelExecutor executor(std::move(models), true, 1, [](const Error&) { std::abort(); });
  std::vector<TextLine> first = lines_of_width(1, 1), second = lines_of_width(1, 40),
                        third = lines_of_width(7, 1);
  std::atomic<bool> abandoned = false;
  worker::PageUse busy, dropped{&abandoned}, kept;
  bool in_flight_ok = false, kept_ok = false;
  std::thread in_flight([&] { in_flight_ok = executor.recognise(first, busy).ok(); });
  started.get_future().wait();
  std::promise<ErrorCode> answer;
  std::thread waiting([&] {
    Result<std::vector<models::RecognisedText>> read = executor.recognise(second, dropped);
    answer.set_value(read ? ErrorCode::kOk : read.error().code);
  });
  std::thread other([&] { kept_ok = executor.recognise(third, kept).ok(); });
  abandoned = true;
  // The model thread still stands in the first call: the answer comes from dropping alone. (Where
  // the page had not asked yet it is refused at once; that is as good.)
  executor.drop_abandoned();
  CHECK(answer.get_future().get() == ErrorCode::kCancelled);
  go_on.set_value();
  for (std::thread* thread : {&in_flight, &waiting, &other}) thread->join();
  CHECK(in_flight_ok);
  CHECK(kept_ok);
  CHECK(calls == 2);
}

TEST_CASE("what is not warm yet is warmed while nothing waits, and work goes on") {
  auto models = std::make_unique<FakeModels>();
  FakeModels* fake = models.get();
  fake->shapes_left = 3;
  worker::ModelExecutor executor(std::move(models), false, 1, [](const Error&) { std::abort(); });
  while (fake->warmed < 3) std::this_thread::yield();
  worker::PageUse use;
  std::vector<TextLine> lines = lines_of_width(7, 2);
  auto read = executor.recognise(lines, use);
  REQUIRE(read);
  CHECK(read->at(1).text == "8");
  CHECK(fake->warmed == 3);
}
