#include "document/json_output.h"

#include <cmath>

#include "document/inline_text.h"
#include "document/page_flow.h"
#include "proto/json_text.h"

namespace pdf2md::document {
namespace {

class JsonText {
 public:
  std::string text;

  void key(const char* name) {
    comma();
    text += '"';
    text += name;
    text += "\":";
    fresh_ = true;
  }
  void string(const char* name, std::string_view value) {
    key(name);
    append_json_string(text, value);
    fresh_ = false;
  }
  void raw(const char* name, const std::string& value) {
    key(name);
    text += value;
    fresh_ = false;
  }
  void number(const char* name, uint64_t value) { raw(name, std::to_string(value)); }
  void boolean(const char* name, bool value) { raw(name, value ? "true" : "false"); }
  void box(const char* name, const Box& b) {
    raw(name, "[" + fixed(b.x0, 2) + "," + fixed(b.y0, 2) + "," + fixed(b.x1, 2) + "," +
                  fixed(b.y1, 2) + "]");
  }
  void open(char bracket) {
    comma();
    text += bracket;
    fresh_ = true;
  }
  void close(char bracket) {
    text += bracket;
    fresh_ = false;
  }
  void item(std::string_view value) {
    comma();
    append_json_string(text, value);
  }

 private:
  void comma() {
    if (!fresh_) text += ',';
    fresh_ = false;
  }
  bool fresh_ = true;
};

struct PageProblem {
  uint32_t page = 0;
  PageStatus status = PageStatus::kOk;
  std::string text;
};

void write_document(JsonText& json, const DocumentInfo& info, size_t converted) {
  json.key("document");
  json.open('{');
  json.string("type", info.type);
  json.string("version", info.version);
  json.number("pages", info.pages);
  json.number("pages_converted", converted);
  json.string("title", info.title);
  json.string("author", info.author);
  json.string("subject", info.subject);
  json.string("producer", info.producer);
  json.string("creator", info.creator);
  json.string("created", info.created);
  json.string("language", info.language);
  json.boolean("tagged", info.tagged);
  json.string("encryption", info.encryption);
  json.string("damage", info.damage);
  json.key("bookmarks");
  json.open('[');
  for (const Bookmark& bookmark : info.bookmarks) {
    json.open('{');
    json.string("title", bookmark.title);
    json.number("level", bookmark.level);
    json.number("page", bookmark.page);
    json.close('}');
  }
  json.close(']');
  json.close('}');
}

// Pages that are not whole, with the reason.
void write_problems(JsonText& json, const std::vector<PageProblem>& problems) {
  json.key("problems");
  json.open('[');
  for (const PageProblem& problem : problems) {
    json.open('{');
    json.number("page", problem.page);
    json.string("status", name(problem.status));
    json.string("problem", problem.text);
    json.close('}');
  }
  json.close(']');
}

// The script that Tesseract read a block in; empty: the recogniser or the text layer did.
std::string script_of(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    if (!line.script.empty()) return line.script;
  }
  return "";
}

class PageWriter {
 public:
  PageWriter(JsonText& json, const PageRecord& record, const Statistics& statistics,
             const std::string& asset_prefix)
      : json_(json), record_(record), asset_prefix_(asset_prefix) {
    context_.join = statistics.join_evidence();
  }

  void write() {
    json_.open('{');
    json_.number("page", record_.page);
    json_.string("label", record_.label);
    json_.raw("width_pt", fixed(record_.width_pt, 2));
    json_.raw("height_pt", fixed(record_.height_pt, 2));
    json_.string("status", name(record_.status));
    json_.string("text_layer", name(record_.text_layer));
    json_.key("reasons");
    json_.open('[');
    for (const std::string& reason : record_.reasons) json_.item(reason);
    json_.close(']');
    json_.string("problem", record_.problem);
    json_.key("blocks");
    json_.open('[');
    for (const Block& block : record_.blocks) write_block(block);
    json_.close(']');
    json_.close('}');
  }

 private:
  std::string running_text(const std::vector<Line>& lines) const {
    return plain_text(runs_of(lines, context_));
  }

  void write_block(const Block& block) {
    json_.open('{');
    json_.string("type", name(block.type));
    json_.box("box", block.box);
    json_.string("source", block.source == Source::kOcr ? "ocr" : "text");
    if (const std::string script = script_of(block.lines); !script.empty())
      json_.string("script", script);
    json_.raw("confidence", fixed(block.confidence, 3));
    if (block.type == BlockType::kHeading) json_.number("level", block.level);
    if (block.type == BlockType::kListItem) {
      json_.number("level", block.level);
      json_.string("marker", block.marker);
    }
    if (block.type == BlockType::kCode) {
      std::string code;
      for (const Line& line : block.lines) code += (code.empty() ? "" : "\n") + line.text();
      json_.string("text", code);
    } else {
      json_.string("text", running_text(block.lines));
    }
    if (block.table) write_table(*block.table);
    if (!block.asset.empty()) json_.string("asset", asset_prefix_ + block.asset);
    json_.close('}');
  }

  void write_table(const Table& table) {
    json_.key("table");
    json_.open('{');
    json_.number("rows", table.rows);
    json_.number("columns", table.columns);
    json_.key("cells");
    json_.open('[');
    for (const Cell& cell : table.cells) {
      json_.open('{');
      json_.number("row", cell.row);
      json_.number("column", cell.column);
      json_.number("row_span", cell.row_span);
      json_.number("column_span", cell.column_span);
      json_.boolean("header", cell.header);
      json_.box("box", cell.box);
      json_.string("text", running_text(cell.lines));
      json_.close('}');
    }
    json_.close(']');
    json_.close('}');
  }

  JsonText& json_;
  const PageRecord& record_;
  const std::string& asset_prefix_;
  InlineContext context_;
};

}  // namespace

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) value = 0;
  int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  value = std::min(std::max(value, -1e12), 1e12);
  const int64_t scaled = std::llround(value * static_cast<double>(scale));
  const uint64_t size = static_cast<uint64_t>(scaled < 0 ? -scaled : scaled);
  std::string fraction = std::to_string(size % static_cast<uint64_t>(scale));
  fraction.insert(
      0, static_cast<size_t>(digits) - std::min(fraction.size(), static_cast<size_t>(digits)), '0');
  return (scaled < 0 ? "-" : "") + std::to_string(size / static_cast<uint64_t>(scale)) +
         (digits > 0 ? "." + fraction : "");
}

Status write_json(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                  const Statistics& statistics, const std::string& asset_prefix,
                  const PageLoader& load, const ByteSink& sink) {
  JsonText json;
  json.open('{');
  write_document(json, info, pages.size());
  json.key("pages");
  json.open('[');
  LevelStack levels;
  std::vector<PageProblem> problems;
  for (uint32_t page : pages) {
    Status written = sink(json.text + "\n");
    if (!written) return written;
    json.text.clear();
    Result<PageRecord> record = load(page);
    if (!record) return record.error();
    settle_page(*record, statistics);
    if (!record->flow.empty()) {
      Result<PageFlow> flow = load_flow(record->flow);
      if (!flow) return flow.error();
      record->blocks = blocks_of(*flow);
    }
    for (Block& block : record->blocks)
      if (block.type == BlockType::kHeading) block.level = levels.next(block.level);
    PageWriter(json, *record, statistics, asset_prefix).write();
    if (record->status == PageStatus::kFailed || record->status == PageStatus::kDegraded)
      problems.push_back({record->page, record->status, record->problem});
  }
  json.close(']');
  write_problems(json, problems);
  json.close('}');
  return sink(json.text + "\n");
}

}  // namespace pdf2md::document
