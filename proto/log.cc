#include "proto/log.h"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "proto/journal.h"
#include "proto/json_text.h"

namespace pdf2md {
namespace {

struct Setup {
  LogFormat format = LogFormat::kText;
  std::string who = "pdf2md";
  bool native = false;  // kJournal, and there is a journal to speak to
};
Setup setup;  // written once, before other threads start
std::atomic<LogLevel> least_level = LogLevel::kInfo;

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

// syslog(3) priorities, as sd-daemon(3) wants them.
int priority(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return 7;
    case LogLevel::kInfo:
      return 6;
    case LogLevel::kWarning:
      return 4;
    case LogLevel::kError:
      return 3;
  }
  return 6;
}

std::string utc_now() {
  struct timeval now {};
  ::gettimeofday(&now, nullptr);
  struct tm parts {};
  ::gmtime_r(&now.tv_sec, &parts);
  char text[40];
  size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ",
                static_cast<int>(now.tv_usec / 1000));
  return text;
}

// One line per message, whatever a document's name holds.
void append_on_one_line(std::string& out, std::string_view text) {
  for (char c : text) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c);
}

void append_field(std::string& out, const LogField& field) {
  out.push_back(' ');
  out += field.first;
  out.push_back('=');
  bool plain = !field.second.empty() && field.second.find_first_of(" \"=\\") == std::string::npos;
  if (plain)
    append_on_one_line(out, field.second);
  else
    append_json_string(out, field.second);
}

}  // namespace

LogFormat log_format(std::string_view name) {
  if (name == "journal") return LogFormat::kJournal;
  if (name == "json") return LogFormat::kJson;
  return LogFormat::kText;
}

void log_setup(LogFormat format, const std::string& who, LogLevel least) {
  bool native = format == LogFormat::kJournal && stderr_is_journal(std::getenv("JOURNAL_STREAM"));
  setup = Setup{format, who, native};
  log_set_level(least);
}

LogLevel log_level(std::string_view name) {
  if (name == "error") return LogLevel::kError;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "debug") return LogLevel::kDebug;
  return LogLevel::kInfo;
}

void log_set_level(LogLevel least) {
  least_level = least;
}

std::string log_text(LogFormat format, const std::string& who, LogLevel level,
                     std::string_view message, std::initializer_list<LogField> fields,
                     std::string_view time) {
  std::string line;
  if (format == LogFormat::kJson) {
    line = "{\"time\":";
    append_json_string(line, time);
    line += ",\"level\":";
    append_json_string(line, level_name(level));
    line += ",\"who\":";
    append_json_string(line, who);
    line += ",\"message\":";
    append_json_string(line, message);
    for (const LogField& field : fields) {
      line += ',';
      append_json_string(line, field.first);
      line += ':';
      append_json_string(line, field.second);
    }
    line += '}';
    return line;
  }
  if (format == LogFormat::kJournal) {
    line = "<" + std::to_string(priority(level)) + ">";
  } else {
    line.append(time).append(" ").append(level_name(level)).append(" ");
  }
  line.append(who).append(": ");
  append_on_one_line(line, message);
  for (const LogField& field : fields) append_field(line, field);
  return line;
}

JournalEntry log_entry(const std::string& who, LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields) {
  std::string line = log_text(LogFormat::kJournal, who, level, message, fields, "");
  JournalEntry entry;
  entry.add("MESSAGE", std::string_view(line).substr(line.find('>') + 1));
  entry.add("PRIORITY", std::to_string(priority(level)));
  entry.add_own("who", who);
  for (const LogField& field : fields) entry.add_own(field.first, field.second);
  return entry;
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < least_level) return;
  if (setup.native) {
    JournalEntry entry = log_entry(setup.who, level, message, fields);
    entry.add("SYSLOG_IDENTIFIER", ::program_invocation_short_name);
    if (send_to_journal(entry)) return;
  }
  std::string line = log_text(setup.format, setup.who, level, message, fields, utc_now()) + "\n";
  ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());  // nowhere to report it to
  (void)ignored;
}

}  // namespace pdf2md
