#include "document/assemble.h"

#include <deque>

#include "document/assemble_page.h"
#include "document/inline_text.h"
#include "document/page_flow.h"

namespace pdf2md::document {
namespace {

constexpr size_t kMostHeld = 24;            // elements that wait for the end of a paragraph
constexpr size_t kMostNoteBytes = 4 << 20;  // of footnotes that wait for the document's end
constexpr uint32_t kMostRows = 5000;        // of a joined table; a longer one goes on as another
constexpr size_t kMostText = 1 << 20;       // bytes of a joined paragraph or listing

bool is_float(ElementType type) {
  return type == ElementType::kFigure || type == ElementType::kTable ||
         type == ElementType::kPageStart;
}

bool may_go_on(const Element& element) {
  return element.type == ElementType::kParagraph || element.type == ElementType::kListItem ||
         element.type == ElementType::kTable || element.type == ElementType::kCode;
}

size_t bytes_of(const Runs& runs) {
  size_t bytes = 0;
  for (const Run& run : runs) bytes += run.text.size() + run.uri.size() + 16;
  return bytes;
}

class Assembler {
 public:
  Assembler(const proto::JobOptions& options, const Statistics& statistics, const ElementSink& sink)
      : options_(options),
        statistics_(statistics),
        sink_(sink),
        next_note_(statistics.end_notes.count() + 1) {}

  Status page(PageRecord record) {
    settle_page(record, statistics_);
    PagePiece start;
    start.element.type = ElementType::kPageStart;
    start.element.page_start = {record.page,      record.label,  record.width_pt,
                                record.height_pt, record.status, record.problem};
    start.page = record.page;
    Status put_start = put(std::move(start));
    if (!put_start) return put_start;
    if (!record.flow.empty()) return flow(record);
    const PageNotes notes(record, statistics_.end_notes, next_note_);
    for (PagePiece& piece : pieces_of_page(record, statistics_, notes, options_.keep_headers)) {
      Status status = piece.element.type == ElementType::kFootnote ? put_note(std::move(piece))
                                                                   : put(std::move(piece));
      if (!status) return status;
    }
    return Ok{};
  }

  Status finish() {
    Status flushed = flush();
    return flushed ? flush_notes() : flushed;
  }

 private:
  // A page of a book is whole: nothing of it goes on from another.
  Status flow(const PageRecord& record) {
    Result<PageFlow> flow = load_flow(record.flow);
    Status status = flow ? flush() : Status(flow.error());
    if (!status) return status;
    number_notes(*flow, next_note_ - 1);
    next_note_ += flow->notes;
    for (Element& element : flow->elements) {
      PagePiece piece;
      piece.element = std::move(element);
      status = piece.element.type == ElementType::kFootnote ? put_note(std::move(piece))
                                                            : emit(std::move(piece.element));
      if (!status) return status;
    }
    return Ok{};
  }

  // What is held: an element that may go on, and floats and page starts behind it.
  Status put(PagePiece piece) {
    if (!held_.empty()) {
      if (goes_on_from(held_.front(), piece))
        return join(held_.front(), std::move(piece), statistics_), Ok{};
      // A table that floats behind a paragraph may go on as well.
      for (size_t i = held_.size(); i-- > 1;) {
        if (held_[i].element.type == ElementType::kPageStart) continue;
        if (goes_on_from(held_[i], piece))
          return join(held_[i], std::move(piece), statistics_), Ok{};
        break;
      }
      if (is_float(piece.element.type) && held_.size() < kMostHeld)
        return held_.push_back(std::move(piece)), Ok{};
      Status flushed = flush();
      if (!flushed) return flushed;
    }
    if (may_go_on(piece.element)) return held_.push_back(std::move(piece)), Ok{};
    return emit(std::move(piece.element));
  }

  bool goes_on_from(const PagePiece& last, const PagePiece& next) const {
    if (last.element.table.rows > kMostRows ||
        bytes_of(last.element.runs) + last.element.code.size() > kMostText)
      return false;
    return goes_on(last, next, statistics_);
  }

  Status put_note(PagePiece piece) {
    if (piece.goes_on && notes_.empty()) {  // nothing before it that it could belong to
      piece.element.type = ElementType::kParagraph;
      return put(std::move(piece));
    }
    if (piece.goes_on) {
      Element& note = notes_.back();
      note.places.insert(note.places.end(), piece.element.places.begin(),
                         piece.element.places.end());
      join_runs(note.runs, std::move(piece.element.runs), statistics_.join_evidence());
      note_bytes_ += bytes_of(note.runs);
    } else {
      note_bytes_ += bytes_of(piece.element.runs);
      notes_.push_back(std::move(piece.element));
    }
    if (note_bytes_ < kMostNoteBytes) return Ok{};
    Status flushed = flush();
    return flushed ? flush_notes() : flushed;
  }

  Status flush() {
    while (!held_.empty()) {
      PagePiece piece = std::move(held_.front());
      held_.pop_front();
      Status status = emit(std::move(piece.element));
      if (!status) return status;
    }
    return Ok{};
  }

  Status flush_notes() {
    for (const Element& note : notes_) {
      Status status = sink_(note);
      if (!status) return status;
    }
    notes_.clear();
    note_bytes_ = 0;
    return Ok{};
  }

  Status emit(Element element) {
    if (element.type == ElementType::kHeading) element.level = levels_.next(element.level);
    return sink_(element);
  }

  const proto::JobOptions& options_;
  const Statistics& statistics_;
  const ElementSink& sink_;
  std::deque<PagePiece> held_;
  std::vector<Element> notes_;
  size_t note_bytes_ = 0;
  uint32_t next_note_;
  LevelStack levels_;
};

}  // namespace

Status assemble_elements(const std::vector<uint32_t>& pages, const proto::JobOptions& options,
                         const Statistics& statistics, const PageLoader& load,
                         const ElementSink& sink) {
  Assembler assembler(options, statistics, sink);
  for (uint32_t page : pages) {
    Result<PageRecord> record = load(page);
    if (!record) return record.error();
    Status status = assembler.page(std::move(*record));
    if (!status) return status;
  }
  return assembler.finish();
}

Status assemble(const DocumentInfo& info, const std::vector<uint32_t>& pages,
                const proto::JobOptions& options, const PageLoader& load, const ElementSink& sink) {
  Result<Statistics> statistics = collect_statistics(info, pages, load);
  if (!statistics) return statistics.error();
  return assemble_elements(pages, options, *statistics, load, sink);
}

}  // namespace pdf2md::document
