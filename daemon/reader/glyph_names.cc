#include "daemon/reader/glyph_names.h"

#include <algorithm>
#include <iterator>

namespace pdf2md::reader {
namespace {

struct Named {
  std::string_view name;
  char32_t character;
};

// Sorted by name. Of the names that come in several sizes ("parenleftbig", "parenleftBigg") only
// what is before the size.
constexpr Named kSized[] = {
    {"angbracketleft", 0x27E8}, {"angbracketright", 0x27E9}, {"backslash", '\\'},
    {"braceleft", '{'},         {"braceright", '}'},         {"bracketleft", '['},
    {"bracketright", ']'},      {"ceilingleft", 0x2308},     {"ceilingright", 0x2309},
    {"floorleft", 0x230A},      {"floorright", 0x230B},      {"parenleft", '('},
    {"parenright", ')'},        {"radical", 0x221A},         {"slash", '/'},
};

// Sorted by name. Of the operators that come in two styles ("summationdisplay") only what is before
// the style.
constexpr Named kStyled[] = {
    {"circledot", 0x2A00},    {"circlemultiply", 0x2A02}, {"circleplus", 0x2A01},
    {"contintegral", 0x222E}, {"coproduct", 0x2210},      {"integral", 0x222B},
    {"intersection", 0x22C2}, {"logicaland", 0x22C0},     {"logicalor", 0x22C1},
    {"product", 0x220F},      {"summation", 0x2211},      {"union", 0x22C3},
    {"unionmulti", 0x2A04},   {"unionsq", 0x2A06},
};

constexpr Named kOthers[] = {
    {"angbracketleft", 0x27E8},
    {"angbracketright", 0x27E9},
    {"approxequal", 0x2248},
    {"asteriskmath", 0x2217},
    {"bardbl", 0x2016},
    {"bracehtipdownleft", 0xFE38},
    {"ceilingleft", 0x2308},
    {"ceilingright", 0x2309},
    {"circledot", 0x2299},
    {"circleminus", 0x2296},
    {"circlemultiply", 0x2297},
    {"circleplus", 0x2295},
    {"diamondmath", 0x22C4},
    {"dotlessj", 0x237},
    {"epsilon1", 0x1D700},
    {"equivasymptotic", 0x224D},
    {"floorleft", 0x230A},
    {"floorright", 0x230B},
    {"follows", 0x227B},
    {"followsequal", 0x227D},
    {"greatermuch", 0x226B},
    {"hatwide", 0x302},
    {"hatwider", 0x302},
    {"hatwidest", 0x302},
    {"intersectionsq", 0x2293},
    {"latticetop", 0x22A4},
    {"lessmuch", 0x226A},
    {"lscript", 0x2113},
    {"mapsto", 0x21A6},
    {"minusplus", 0x2213},
    {"negationslash", 0x338},
    {"openbullet", 0x2218},
    {"owner", 0x220B},
    {"precedes", 0x227A},
    {"precedesequal", 0x227C},
    {"prime", 0x2032},
    {"rho1", 0x3F1},
    {"similarequal", 0x2243},
    {"star", 0x22C6},
    {"subsetsqequal", 0x2291},
    {"supersetsqequal", 0x2292},
    {"tildewide", 0x303},
    {"tildewider", 0x303},
    {"tildewidest", 0x303},
    {"turnstileleft", 0x22A2},
    {"turnstileright", 0x22A3},
    {"unionmulti", 0x228E},
    {"unionsq", 0x2294},
    {"vector", 0x20D7},
    {"vextenddouble", 0x2016},
    {"vextendsingle", '|'},
};

template <size_t n>
char32_t find(const Named (&table)[n], std::string_view name) {
  const Named* found = std::lower_bound(
      std::begin(table), std::end(table), name,
      [](const Named& entry, std::string_view wanted) { return entry.name < wanted; });
  return found != std::end(table) && found->name == name ? found->character : 0;
}

}  // namespace

char32_t character_of_glyph(std::string_view name) {
  if (const char32_t c = find(kOthers, name); c != 0) return c;
  for (const std::string_view size : {"big", "Big", "bigg", "Bigg"})
    if (name.ends_with(size))
      if (const char32_t c = find(kSized, name.substr(0, name.size() - size.size())); c != 0)
        return c;
  for (const std::string_view style : {"text", "display"})
    if (name.ends_with(style))
      if (const char32_t c = find(kStyled, name.substr(0, name.size() - style.size())); c != 0)
        return c;
  return 0;
}

}  // namespace pdf2md::reader
