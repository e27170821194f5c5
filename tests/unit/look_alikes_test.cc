#include "document/look_alikes.h"

#include <catch2/catch.hpp>

namespace pdf2md::document {
namespace {

std::string russian(std::string_view text) {
  return in_own_letters(Script::kCyrillic, text);
}
std::string greek(std::string_view text) {
  return in_own_letters(Script::kGreek, text);
}

TEST_CASE("Latin letters within a word of another alphabet are that alphabet's") {
  CHECK(russian("Kоторый пpоект") == "Который проект");
  CHECK(greek("Oρισμένα έργα") == "Ορισμένα έργα");
}

TEST_CASE("a short word of letters that look alike belongs to the line") {
  CHECK(russian("пользователей a Stack Overflow") == "пользователей а Stack Overflow");
  CHECK(russian("это He так") == "это Не так");
  CHECK(greek("H εξεύρεση") == "Η εξεύρεση");
  CHECK(greek("έργα av το npm") == "έργα αν το npm");
}

TEST_CASE("words in Latin letters stay") {
  CHECK(russian("наш PC и OpenCollective") == "наш PC и OpenCollective");
  CHECK(russian("Travis CO a top ten") == "Travis CO a top ten");
  CHECK(greek("το bundler, how to win") == "το bundler, how to win");
  CHECK(in_own_letters(Script::kHebrew, "שלום ac") == "שלום ac");
}

TEST_CASE("the micro sign in Greek is a letter") {
  CHECK(greek("\u00B5ε \u00B5ία") == "με μία");
  CHECK(russian("5 \u00B5м") == "5 \u00B5м");
}

}  // namespace
}  // namespace pdf2md::document
