#include "daemon/worker/model_executor.h"

#include <atomic>
#include <catch2/catch.hpp>

using namespace pdf2md;
using models::ImageView;

namespace {

// Recognises an image as its width; says how many images each call had.
class FakeModels : public models::ModelSet {
 public:
  std::vector<size_t> calls;
  bool fail = false;

  Status warm_up() override { return Ok{}; }
  Status canary() override { return Ok{}; }
  models::LoadTimes load_times() const override { return {}; }
  Result<std::vector<std::vector<models::TextBox>>> detect_text(
      std::span<const ImageView> pages) override {
    return std::vector<std::vector<models::TextBox>>(pages.size());
  }
  Result<std::vector<models::RecognisedText>> recognise(std::span<const ImageView> lines) override {
    calls.push_back(lines.size());
    if (fail) return Error{ErrorCode::kInternal, "no", ""};
    std::vector<models::RecognisedText> all;
    for (const ImageView& line : lines) all.push_back({std::to_string(line.width), 1, {}});
    return all;
  }
  Result<std::vector<bool>> is_upside_down(std::span<const ImageView> lines) override {
    return std::vector<bool>(lines.size());
  }
  Result<std::vector<Orientation>> page_orientation(std::span<const ImageView> pages) override {
    return std::vector<Orientation>(pages.size());
  }
  Result<std::vector<std::vector<models::LayoutBox>>> layout(
      std::span<const ImageView> pages) override {
    return std::vector<std::vector<models::LayoutBox>>(pages.size());
  }
  Result<std::vector<models::TableStructure>> table_structure(
      std::span<const ImageView> t) override {
    return std::vector<models::TableStructure>(t.size());
  }
};

std::vector<ImageView> lines_of_width(int first, int count) {
  std::vector<ImageView> lines;
  for (int i = 0; i < count; ++i) lines.push_back(ImageView{nullptr, first + i, 1, 0, 1});
  return lines;
}

}  // namespace

TEST_CASE("each caller gets the answers to its own images, in order") {
  worker::ModelExecutor executor(std::make_unique<FakeModels>(), false,
                                 [](const Error&) { std::abort(); });
  std::vector<std::thread> callers;
  std::atomic<int> right = 0;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 50; ++round) {
        std::vector<ImageView> lines = lines_of_width(1 + 100 * caller, 1 + (caller + round) % 5);
        Result<std::vector<models::RecognisedText>> read = executor.recognise(lines);
        bool equal = read.ok() && read->size() == lines.size();
        for (size_t i = 0; equal && i < lines.size(); ++i) {
          equal = (*read)[i].text == std::to_string(lines[i].width);
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
  std::vector<ImageView> lines = lines_of_width(1, 40);
  worker::ModelExecutor executor(std::move(models), true, [](const Error&) { std::abort(); });
  Result<std::vector<models::RecognisedText>> read = executor.recognise(lines);
  REQUIRE(read.ok());
  REQUIRE(read->size() == 40);
  CHECK((*read)[39].text == "40");
  CHECK(fake->calls.size() == 3);
}

TEST_CASE("an error that is not fatal reaches the caller") {
  std::unique_ptr<FakeModels> models = std::make_unique<FakeModels>();
  models->fail = true;
  worker::ModelExecutor executor(std::move(models), true, [](const Error&) { std::abort(); });
  std::vector<ImageView> lines = lines_of_width(1, 40);
  Result<std::vector<models::RecognisedText>> read = executor.recognise(lines);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().message == "no");
}

TEST_CASE("the canary is answered") {
  worker::ModelExecutor executor(std::make_unique<FakeModels>(), true,
                                 [](const Error&) { std::abort(); });
  std::promise<void> answered;
  executor.canary([&](uint32_t) { answered.set_value(); });
  answered.get_future().get();
}
