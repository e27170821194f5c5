// Log lines on stderr, in the form that the one who reads them wants:
//   text     2026-03-01T12:00:00.123Z warning worker[0]: what happened key=value
//   journal  <4>worker[0]: what happened key=value   (sd-daemon(3) priorities);
//            where stderr leads to the journal, an entry of its own instead, with PRIORITY,
//            PDF2MD_WHO and PDF2MD_KEY
//   json     {"time":"...","level":"warning","who":"worker[0]","message":"...","key":"value"}
//
// A line is one write(2), so lines of several processes do not mix. Never pass a password.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "proto/journal.h"

namespace pdf2md {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJournal, kJson };

using LogField = std::pair<std::string_view, std::string>;

// "text", "journal" or "json"; anything else is text.
LogFormat log_format(std::string_view name);
// "error", "warning", "info" or "debug"; anything else is info.
LogLevel log_level(std::string_view name);

// Once, before other threads start. `who`: "pdf2mdd", "worker[0]".
void log_setup(LogFormat format, const std::string& who, LogLevel least = LogLevel::kInfo);

// Of log lines from now on.
void log_set_level(LogLevel least);

// The line that log() writes, without the line end; for tests.
std::string log_text(LogFormat format, const std::string& who, LogLevel level,
                     std::string_view message, std::initializer_list<LogField> fields,
                     std::string_view time);

// What the journal gets; for tests.
JournalEntry log_entry(const std::string& who, LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields);

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace pdf2md
