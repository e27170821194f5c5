#include "document/html_inline.h"

#include <algorithm>

#include "document/characters.h"
#include "document/markdown_inline.h"

namespace pdf2md::document {
namespace {

struct Tag {
  uint16_t style;
  const char* name;
};
constexpr Tag kTags[] = {{kSubscript, "sub"}, {kSuperscript, "sup"}, {kMonospaced, "code"},
                         {kItalic, "em"},     {kBold, "strong"},     {kStruck, "s"}};

std::string styled(const Run& run) {
  std::string text = html_escaped(run.text);
  if (trimmed(run.text).empty()) return text;
  if (run.style & kMath) return "<span class=\"math\">\\(" + text + "\\)</span>";
  for (const Tag& tag : kTags) {
    if ((run.style & tag.style) == 0) continue;
    text = std::string("<") + tag.name + ">" + text + "</" + tag.name + ">";
  }
  return text;
}

}  // namespace

bool is_safe_link(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == uri.npos) return false;
  std::string scheme(uri.substr(0, colon));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* known : {"http", "https", "mailto", "ftp", "tel"})
    if (scheme == known) return true;
  return false;
}

std::string html_text(const Runs& runs) {
  std::string out;
  for (size_t i = 0; i < runs.size();) {
    const Run& run = runs[i];
    if (run.line_break) {
      out += "<br>";
      ++i;
    } else if (run.note != 0) {
      const std::string number = std::to_string(run.note);
      out += "<sup><a href=\"#note-" + number + "\">" + number + "</a></sup>";
      ++i;
    } else if (run.uri.empty() || !is_safe_link(run.uri)) {
      out += styled(run);
      ++i;
    } else {
      out += "<a href=\"" + html_escaped(run.uri) + "\">";
      const std::string& uri = run.uri;
      for (; i < runs.size() && runs[i].uri == uri && !runs[i].line_break && runs[i].note == 0; ++i)
        out += styled(runs[i]);
      out += "</a>";
    }
  }
  return out;
}

}  // namespace pdf2md::document
