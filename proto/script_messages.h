// Worker ↔ script reader, on descriptor 3 of the script reader. One request at a time.
//
//   script reader  READER_HELLO (reader_messages.h)   first thing, locked down
//   worker         OPEN_SCRIPTS → SCRIPTS_OPENED      once, before the others
//   worker         TELL_SCRIPT + sealed memfd → SCRIPT_TOLD
//   worker         READ_LINES + sealed memfd  → LINES_READ
//
// Each may be answered by ERROR (messages.h) instead; the script reader stays usable. It leaves on
// EOF. The memfd holds the pixels of the lines one after the other, a byte each, 0 black, row by
// row from the top; a request whose sizes do not add up to the memfd's is refused.
#pragma once

#include "proto/messages.h"

namespace pdf2md::proto {

enum ScriptMessage : uint16_t {
  kOpenScripts = 220,
  kScriptsOpened = 221,
  kTellScript = 222,
  kScriptTold = 223,
  kReadLines = 224,
  kLinesRead = 225,
};

constexpr uint32_t kMaxLinesOfRequest = 32;
constexpr uint32_t kMaxLinePixels = 32'000'000;
constexpr uint32_t kMaxLineText = 16'384;  // bytes

struct OpenScripts {
  static constexpr uint16_t kType = kOpenScripts;
  uint64_t memory_bytes = 2ull << 30;  // RLIMIT_AS
  uint32_t request_timeout_ms = 120'000;
  template <class A>
  void fields(A& a) {
    a("memory_bytes", memory_bytes);
    a("request_timeout_ms", request_timeout_ms);
  }
};

struct ScriptsOpened {
  static constexpr uint16_t kType = kScriptsOpened;
  std::vector<std::string> scripts;  // that it has data for, by the names of foreign_scripts.h
  bool can_tell = false;             // TELL_SCRIPT has its data as well
  template <class A>
  void fields(A& a) {
    a("scripts", scripts);
    a("can_tell", can_tell);
  }
};

struct LineSize {
  uint32_t width = 0, height = 0;  // pixels
  template <class A>
  void fields(A& a) {
    a("width", width);
    a("height", height);
  }
};

// In which script are these lines of one page written?
struct TellScript {
  static constexpr uint16_t kType = kTellScript;
  std::vector<LineSize> lines;
  template <class A>
  void fields(A& a) {
    a("lines", lines);
  }
};

struct ScriptTold {
  static constexpr uint16_t kType = kScriptTold;
  std::string script;  // as Tesseract calls it: "Cyrillic", "Latin"; empty: too little to tell
  template <class A>
  void fields(A& a) {
    a("script", script);
  }
};

struct ReadLines {
  static constexpr uint16_t kType = kReadLines;
  std::string script;
  std::vector<LineSize> lines;  // at most kMaxLinesOfRequest
  template <class A>
  void fields(A& a) {
    a("script", script);
    a("lines", lines);
  }
};

struct LineRead {
  std::string text;         // logical order
  uint32_t confidence = 0;  // mean over the words, 0…100
  template <class A>
  void fields(A& a) {
    a("text", text);
    a("confidence", confidence);
  }
};

struct LinesRead {
  static constexpr uint16_t kType = kLinesRead;
  std::vector<LineRead> lines;  // one for each that was asked for, in order
  template <class A>
  void fields(A& a) {
    a("lines", lines);
  }
};

}  // namespace pdf2md::proto
