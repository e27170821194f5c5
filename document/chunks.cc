#include "document/chunks.h"

#include <algorithm>

#include "document/characters.h"
#include "document/inline_text.h"
#include "document/json_output.h"
#include "proto/json_text.h"

namespace pdf2md::document {
namespace {

constexpr uint32_t kSmallestLimit = 16;
constexpr size_t kLongestHeading = 200;  // bytes, in the path

enum class Kind { kSpace, kLatin, kDigit, kOther, kSign };

Kind kind_of(char32_t c) {
  if (is_space(c) || c == U'\n') return Kind::kSpace;
  if (is_cjk(c)) return Kind::kSign;
  if (is_digit(c)) return Kind::kDigit;
  if (script_of(c) == Script::kLatin) return Kind::kLatin;
  return is_letter(c) || is_combining(c) ? Kind::kOther : Kind::kSign;
}

uint32_t characters_a_token(Kind kind) {
  return kind == Kind::kLatin ? 4 : kind == Kind::kDigit ? 3 : kind == Kind::kOther ? 2 : 1;
}

// The estimate, fed character by character.
class TokenCounter {
 public:
  uint32_t tokens() const { return tokens_; }
  void add(char32_t c) {
    const Kind kind = kind_of(c);
    if (kind != kind_ || run_ == characters_a_token(kind)) {
      run_ = 0;
      kind_ = kind;
    }
    if (kind != Kind::kSpace && run_ == 0) ++tokens_;
    ++run_;
  }

 private:
  uint32_t tokens_ = 0;
  uint32_t run_ = 0;
  Kind kind_ = Kind::kSpace;
};

bool ends_sentence(char32_t c) {
  return std::u32string_view(U".!?…。！？؟।").find(c) != std::u32string_view::npos;
}

// Header and rule of a table of pipes; empty for other text.
std::string head_of(const Element& element, const std::string& markdown) {
  if (element.type != ElementType::kTable) return "";
  size_t start = markdown.starts_with("| ") ? 0 : markdown.find("\n| ");
  if (start == markdown.npos) return "";
  if (start != 0) ++start;
  const size_t first = markdown.find('\n', start);
  if (first == markdown.npos || !markdown.substr(first + 1).starts_with("| ---")) return "";
  const size_t second = markdown.find('\n', first + 1);
  return second == markdown.npos ? "" : markdown.substr(start, second + 1 - start);
}

void write_strings(std::string& out, const std::vector<std::string>& items) {
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, items[i]);
  }
  out += ']';
}

MarkdownOptions plain_pages(MarkdownOptions options) {
  options.page_separator.clear();
  options.blank_pages = "none";
  options.inline_images = nullptr;  // a picture is no text to search in
  return options;
}

}  // namespace

uint32_t estimated_tokens(std::string_view utf8) {
  TokenCounter counter;
  for (char32_t c : code_points(utf8)) counter.add(c);
  return counter.tokens();
}

std::vector<std::string> cut_to_tokens(std::string_view text, uint32_t limit,
                                       const std::string& head) {
  const std::u32string all = code_points(text);
  const uint32_t head_tokens = estimated_tokens(head);
  // A head as long as the limit would leave no room for what it heads.
  const bool heads = !head.empty() && head_tokens * 2 < limit;
  std::vector<std::string> pieces;
  size_t start = 0;
  while (start < all.size()) {
    const uint32_t room = heads && !pieces.empty() ? limit - head_tokens : limit;
    TokenCounter counter;
    size_t line = 0, sentence = 0, word = 0, at = start;
    for (; at < all.size(); ++at) {
      counter.add(all[at]);
      if (counter.tokens() > room) break;
      if (all[at] == U'\n') line = at + 1;
      const bool space = is_space(all[at]);
      if (space) word = at + 1;
      if (at > start &&
          ((space && ends_sentence(all[at - 1])) || (is_cjk(all[at]) && ends_sentence(all[at]))))
        sentence = at + 1;
    }
    size_t end = at;
    if (at < all.size()) end = line > 0 ? line : sentence > 0 ? sentence : word > 0 ? word : at;
    std::string piece = heads && !pieces.empty() ? head : "";
    for (size_t i = start; i < end; ++i) append_code_point(piece, all[i]);
    while (!piece.empty() && (piece.back() == '\n' || piece.back() == ' ')) piece.pop_back();
    if (!piece.empty()) pieces.push_back(std::move(piece));
    start = std::max(end, start + 1);
  }
  return pieces;
}

ChunkWriter::ChunkWriter(MarkdownOptions options, uint32_t limit_tokens, ByteSink sink)
    : markdown_(plain_pages(std::move(options))),
      limit_tokens_(std::max(limit_tokens, kSmallestLimit)),
      sink_(std::move(sink)) {}

Status ChunkWriter::begin_section(const Element& heading) {
  if (!only_headings_) {
    Status flushed = flush();
    if (!flushed) return flushed;
  }
  while (!headings_.empty() && headings_.back().level >= heading.level) headings_.pop_back();
  const std::string text = plain_text(heading.runs);
  std::string title;
  for (char32_t c : code_points(trimmed(text))) {
    if (title.size() >= kLongestHeading) break;
    append_code_point(title, c);
  }
  headings_.push_back({heading.level, title});
  return Ok{};
}

Status ChunkWriter::append(const std::string& text, const std::vector<Place>& places, bool tight) {
  const uint32_t tokens = estimated_tokens(text);
  if (!text_.empty() && tokens_ + tokens > limit_tokens_) {
    Status flushed = flush();
    if (!flushed) return flushed;
  }
  if (!text_.empty()) text_ += tight ? "\n" : "\n\n";
  text_ += text;
  tokens_ += tokens;
  for (const Place& place : places) {
    const bool known = std::any_of(places_.begin(), places_.end(), [&](const Place& one) {
      return one.page == place.page && one.block == place.block;
    });
    if (!known) places_.push_back(place);
  }
  return Ok{};
}

Status ChunkWriter::add(const Element& element) {
  Result<std::string> text = markdown_.of(element);
  if (!text) return text.error();
  if (element.type == ElementType::kPageStart || element.type == ElementType::kFurniture ||
      text->empty())
    return Ok{};
  const bool tight = element.type == ElementType::kListItem && after_item_;
  after_item_ = element.type == ElementType::kListItem;
  if (element.type == ElementType::kHeading) {
    Status begun = begin_section(element);
    if (!begun) return begun;
  } else if (element.type == ElementType::kFootnote && !in_notes_) {
    Status flushed = flush();
    if (!flushed) return flushed;
    headings_.clear();
    in_notes_ = true;
  }
  for (const std::string& piece : cut_to_tokens(*text, limit_tokens_, head_of(element, *text))) {
    Status appended = append(piece, element.places, tight);
    if (!appended) return appended;
    if (element.type != ElementType::kHeading) only_headings_ = false;
  }
  return Ok{};
}

Status ChunkWriter::flush() {
  if (text_.empty()) return Ok{};
  std::string out = "{\"id\":" + std::to_string(next_id_++) + ",\"headings\":";
  std::vector<std::string> path;
  for (const Heading& heading : headings_) path.push_back(heading.text);
  write_strings(out, path);
  std::vector<uint32_t> pages;
  for (const Place& place : places_) pages.push_back(place.page);
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  out += ",\"pages\":[";
  for (size_t i = 0; i < pages.size(); ++i) out += (i > 0 ? "," : "") + std::to_string(pages[i]);
  out += "],\"tokens\":" + std::to_string(tokens_) + ",\"blocks\":[";
  for (size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    out += i > 0 ? ",{" : "{";
    out += "\"page\":" + std::to_string(place.page) + ",\"type\":\"" + name(place.type) +
           "\",\"box\":[" + fixed(place.box.x0, 2) + "," + fixed(place.box.y0, 2) + "," +
           fixed(place.box.x1, 2) + "," + fixed(place.box.y1, 2) + "],\"source\":\"" +
           (place.source == Source::kOcr ? "ocr" : "text") +
           "\",\"confidence\":" + fixed(place.confidence, 3) + "}";
  }
  out += "],\"text\":";
  append_json_string(out, text_);
  text_.clear();
  tokens_ = 0;
  places_.clear();
  only_headings_ = true;
  return sink_(out + "}\n");
}

Status ChunkWriter::finish() {
  return flush();
}

}  // namespace pdf2md::document
