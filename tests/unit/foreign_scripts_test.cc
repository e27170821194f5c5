#include "document/foreign_scripts.h"

#include <catch2/catch.hpp>
#include <set>

namespace pdf2md::document {
namespace {

const ForeignScript& cyrillic() {
  return *foreign_script("Cyrillic");
}

LineReading latin(float confidence = 0.97f) {
  return {"The lamp consumed three hundred litres of oil", confidence, 22};
}
// What the recogniser makes of a line of Russian: it leaves out what it does not know.
LineReading unknown(float confidence = 0.9f) {
  return {",     - .", confidence, 24};
}

TEST_CASE("every script has a name of its own and says how it is installed") {
  std::set<std::string> names;
  for (const ForeignScript& script : foreign_scripts()) {
    CHECK(names.insert(script.name).second);
    CHECK(std::string(script.package).find("tesseract-ocr-") == 0);
    CHECK(foreign_script(script.name) == &script);
  }
  CHECK(foreign_script("Latin") == nullptr);
}

TEST_CASE("a line is badly read where it is unsure, or has too few letters for its length") {
  CHECK_FALSE(is_badly_read(latin()));
  CHECK(is_badly_read(latin(0.6f)));
  CHECK(is_badly_read(unknown()));
  CHECK(is_badly_read({"", 0, 10}));
  CHECK_FALSE(is_badly_read({"灯塔建于北方的海角，夜里的灯光", 0.95f, 15}));
  // A number in a wide cell, a bullet: too short to mean anything.
  CHECK_FALSE(is_badly_read({"-", 0.95f, 1.5f}));
}

TEST_CASE("a page that is read well is left alone") {
  std::vector<LineReading> lines(20, latin());
  CHECK(find_doubtful_lines(lines).lines.empty());
  CHECK(find_doubtful_lines({}).lines.empty());
  // Smudges and a signature do not make a page of another script.
  lines[3] = lines[9] = unknown();
  CHECK(find_doubtful_lines(lines).lines.empty());
}

TEST_CASE("a page that is not is sampled at its longest lines, in order") {
  std::vector<LineReading> lines(20, unknown());
  lines[0] = latin();
  lines[4].length = lines[17].length = 40;
  const DoubtfulLines found = find_doubtful_lines(lines);
  CHECK(found.lines.size() == 19);
  CHECK(found.most);
  CHECK(found.gaps);
  CHECK(found.sample == std::vector<size_t>{1, 2, 3, 4, 5, 17});
}

TEST_CASE("a passage in another script is found on a page that is mostly known") {
  std::vector<LineReading> lines(20, latin());
  for (size_t i = 10; i < 17; ++i) lines[i] = unknown();
  const DoubtfulLines found = find_doubtful_lines(lines);
  CHECK(found.lines.size() == 7);
  CHECK_FALSE(found.most);
}

TEST_CASE("poor print is told from letters that are not known") {
  const DoubtfulLines found = find_doubtful_lines(std::vector<LineReading>(10, latin(0.7f)));
  CHECK(found.most);
  CHECK_FALSE(found.gaps);
}

TEST_CASE("few words are no evidence") {
  CHECK(find_doubtful_lines(std::vector<LineReading>{{"", 0, 8}}).lines.empty());
  CHECK(find_doubtful_lines(std::vector<LineReading>{{"", 0, 14}}).lines.size() == 1);
}

TEST_CASE("a script is proved by a sample that reads well, and is written in it") {
  const LineReading good{"Сосредоточьтесь на путешествии, GitHub", 0.93f, 20};
  CHECK(proves_script(cyrillic(), std::vector{good, good}));
  LineReading unsure = good;
  unsure.confidence = 0.5f;
  CHECK_FALSE(proves_script(cyrillic(), std::vector{unsure, unsure}));
  CHECK(proves_script(cyrillic(), std::vector{good, good, good, unsure}));
  CHECK_FALSE(proves_script(cyrillic(), std::vector{latin()}));
  CHECK_FALSE(proves_script(cyrillic(), std::vector<LineReading>{{"Да", 0.99f, 2}}));
  CHECK_FALSE(proves_script(cyrillic(), {}));
  CHECK(proves_script(*foreign_script("Devanagari"),
                      std::vector<LineReading>{{"सभी मनुष्यों को गौरव और अधिकारों", 0.9f, 16}}));
}

TEST_CASE("of two readings of a line the surer one is taken") {
  const LineReading russian{"Москва, 12 мая", 0.92f, 8};
  CHECK(is_better_reading(cyrillic(), unknown(), russian));
  CHECK(is_better_reading(cyrillic(), {"MOCKBA 12", 0.85f, 5}, {"МОСКВА 12", 0.93f, 5}));
  // A line in Latin letters on a Russian page stays the recogniser's.
  CHECK_FALSE(is_better_reading(cyrillic(), latin(), {"Тне 1атр сопзитед", 0.55f, 22}));
  CHECK_FALSE(is_better_reading(cyrillic(), latin(0.9f), {"The lamp consumed", 0.95f, 22}));
  CHECK_FALSE(is_better_reading(cyrillic(), unknown(0.6f), {"шщ", 0.2f, 24}));
  CHECK_FALSE(is_better_reading(cyrillic(), {"", 0, 9}, {"", 0.95f, 9}));
}

TEST_CASE("what is read becomes one clean line") {
  CHECK(cleaned_reading("  два\n слова\n\n") == "два слова");
  CHECK(cleaned_reading("\u200Fשלום\u200E עולם\u202C") == "שלום עולם");
  CHECK(cleaned_reading(std::string("a\0b\x1B", 4)) == "a b");
  CHECK(cleaned_reading("\xD0") == "\uFFFD");
  CHECK(cleaned_reading(" \n").empty());
}

}  // namespace
}  // namespace pdf2md::document
