// One pdf2md-script-reader process: Tesseract for lines in scripts that the recogniser does not
// know.
//
// Not thread-safe but for interrupt(): each page thread owns one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/worker/child_process.h"
#include "models/image.h"
#include "proto/script_messages.h"
#include "proto/worker_messages.h"

namespace pdf2md::worker {

class ScriptClient {
 public:
  // Lines as crop_quad() gives them: upright, grey or RGB.
  using Lines = std::span<const models::Image>;

  // program: absolute path of pdf2md-script-reader.
  ScriptClient(std::string program, const proto::DocumentLimits& limits);

  // Starts it, and asks what it can read. Errors: those of ChildProcess.
  Result<proto::ScriptsOpened> start(int timeout_ms);
  ChildProcess& process() { return child_; }

  // Errors of both: those of ChildProcess::ask(); kBadModel where Tesseract's data is damaged.
  // Which script these lines are in, as Tesseract calls it; empty: too little to tell. At most
  // kMaxLinesOfRequest lines.
  Result<std::string> tell_script(Lines lines, int timeout_ms);
  // One reading a line, as the program sent it. deadline_ms: of the clock of clock.h.
  Result<std::vector<proto::LineRead>> read(const std::string& script, Lines lines,
                                            int64_t deadline_ms);

 private:
  ChildProcess child_;
  const proto::DocumentLimits limits_;
};

}  // namespace pdf2md::worker
