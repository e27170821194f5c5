#include "daemon/worker/small_capitals.h"

#include <catch2/catch.hpp>

using namespace pdf2md;
using namespace pdf2md::worker;

namespace {

// 'H' in `heights` stands for 20 pixels, 's' for 15, anything else for a letter's middle, 14.
std::vector<float> of(const std::string& heights) {
  std::vector<float> out;
  for (char c : heights) out.push_back(c == 'H' ? 20 : c == 's' ? 15 : 14);
  return out;
}

}  // namespace

TEST_CASE("capitals that are lower than the others are small ones") {
  CHECK(without_small_capitals("HISTORY OF LIVES", of("Hssssss ss Hssss")) == "History of Lives");
  CHECK(without_small_capitals("by Mr. JOHN SCOTT", of("Hx Hx. Hsss Hssss")) ==
        "by Mr. John Scott");
}

TEST_CASE("few capitals of full height are enough") {
  CHECK(without_small_capitals("THE LIVES AND ACTIONS OF THE MOST FAMOUS",
                               of("sss Hssss sss Hssssss ss sss Hsss Hsssss")) ==
        "the Lives and Actions of the Most Famous");
}

TEST_CASE("capitals of one height stay") {
  CHECK(without_small_capitals("HISTORY OF LIVES", of("HHHHHHH HH HHHHH")) == "HISTORY OF LIVES");
  CHECK(without_small_capitals("the NATO and", of("HHx HHHH xxH")) == "the NATO and");
  CHECK(without_small_capitals("a blot in NATO", of("x HHHH xx HHsH")) == "a blot in NATO");
}

TEST_CASE("a word in small capitals of which some were read as small letters") {
  CHECK(without_small_capitals("the LioN and", of("HHx HsxsxxxH")) == "the Lion and");
  CHECK(without_small_capitals("a PhD of LaTeX", of("x HHH xx HxHxH")) == "a PhD of LaTeX");
  CHECK(without_small_capitals("a NonNull one", of("x HxxHxHH xxx")) == "a NonNull one");
  CHECK(without_small_capitals("after RuBENs", of("xHHxx Hxsssx")) == "after Rubens");
}

TEST_CASE("the height of a letter is that of its ink") {
  models::Image image;
  image.width = 40;
  image.height = 20;
  image.channels = 1;
  image.pixels.assign(40 * 20, 250);
  for (int y = 2; y < 18; ++y) image.pixels[static_cast<size_t>(y * 40 + 10)] = 10;
  for (int y = 8; y < 18; ++y) image.pixels[static_cast<size_t>(y * 40 + 30)] = 10;
  const std::vector<float> heights = ink_heights(image.view(), {0.25f, 0.75f});
  REQUIRE(heights.size() == 2);
  CHECK(heights[0] == 16);
  CHECK(heights[1] == 10);
}
