// Lines that the recogniser does not know, read by Tesseract: between recognition and lines.
//
// A page that the recogniser reads well costs nothing. Where it leaves doubt
// (document/foreign_scripts.h), a script reader is started, is asked for the script of the doubtful
// lines, and reads a sample; where that proves the script, it reads them all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/worker/script_client.h"
#include "document/foreign_scripts.h"
#include "models/model_set.h"

namespace pdf2md::worker {

struct ScriptSettings {
  std::string program;          // pdf2md-script-reader; empty: nothing is read by it
  std::string wanted = "auto";  // "auto": all that there is data for; "none"; or names, with commas
  proto::DocumentLimits limits;
};

// Is this script among those that are wanted?
bool is_wanted_script(const std::string& wanted, std::string_view name);
// Names in `wanted` that are no script that we know.
std::vector<std::string> unknown_scripts(const std::string& wanted);

// Starts a script reader, and logs what it can read here, or why it cannot and what to do.
void announce_scripts(const ScriptSettings& settings);

class ScriptOcr {
 public:
  explicit ScriptOcr(ScriptSettings settings);

  // As ReaderClient's.
  void watch(const std::atomic<bool>* abandoned) { client_.process().watch(abandoned); }
  void interrupt() { client_.process().interrupt(); }

  bool started() { return client_.process().running(); }
  // Before each page. A script reader serves one document, so that nothing of it reaches the next.
  void begin_page(uint64_t job, uint32_t page, int64_t deadline_ms);

  // The quads of a page's lines, and what the recogniser read of each; what Tesseract reads better
  // is replaced. Errors: kCancelled only. Whatever else goes wrong is told in the finding, and the
  // recogniser's readings stay.
  Result<document::ScriptFinding> read(const models::ImageView& page,
                                       std::span<const models::Quad> quads,
                                       std::vector<models::RecognisedText>& texts);

 private:
  struct Page;
  Result<document::ScriptFinding> read_page(Page& page);
  Result<std::vector<const document::ForeignScript*>> candidates(const Page& page,
                                                                 document::ScriptFinding& finding);
  Result<const document::ForeignScript*> prove(const Page& page, document::ScriptFinding& finding);
  Result<std::vector<document::LineReading>> lines_by(const document::ForeignScript& script,
                                                      const Page& page,
                                                      const std::vector<size_t>& which);
  Status start();
  bool can_read(const document::ForeignScript& script) const;
  int time_left_ms() const;

  const ScriptSettings settings_;
  ScriptClient client_;
  proto::ScriptsOpened opened_;
  uint64_t job_ = 0;
  uint32_t page_ = 0;
  int64_t deadline_ms_ = 0;
};

}  // namespace pdf2md::worker
