#include "ctl/completion.h"

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ctl/commands.h"
#include "ctl/file_output.h"
#include "ctl/option_table.h"

namespace pdf2md::ctl {
namespace {

constexpr const char* kFiles = "@files";
constexpr const char* kUsers = "@users";
constexpr const char* kNothing = "";

// What an option's value may be; options that are not listed take anything.
struct ValueWords {
  const char* option;
  const char* words;
};
constexpr ValueWords kValues[] = {
    {"ocr", "auto always never"},
    {"layout", "auto always never"},
    {"output", "md json txt html chunks review layout md,json"},
    {"images", "files inline none"},
    {"mode", "clean grounded"},
    {"tables", "pipe html"},
    {"page-separator", "number form-feed none"},
    {"blank-pages", "comment text none"},
    {"state", "queued running held done failed cancelled completed not-completed all"},
    {"user", kUsers},
    {"out", kFiles},
    {"files-from", kFiles},
    {"password-file", kFiles},
    {"socket", kFiles},
};

// What a command's operands may be; "@jobs" and the states that they have to be in.
struct OperandWords {
  Command command;
  const char* words;
};
constexpr OperandWords kOperands[] = {
    {Command::kConvert, kFiles},
    {Command::kSubmit, kFiles},
    {Command::kStatus, "@jobs all"},
    {Command::kWatch, "@jobs not-completed"},
    {Command::kWait, "@jobs not-completed"},
    {Command::kResult, "@jobs done"},
    {Command::kBugReport, "@jobs"},
    {Command::kCancel, "@jobs not-completed"},
    {Command::kRetry, "@jobs failed"},
    {Command::kRemove, "@jobs completed"},
    {Command::kHold, "@jobs not-completed"},
    {Command::kRelease, "@jobs held"},
    {Command::kPriority, "@jobs not-completed"},
    {Command::kLogs, "@jobs all"},
    {Command::kExplain, "@jobs all"},
    {Command::kRestartWorker, "all"},
    {Command::kHelp, "@commands"},
    {Command::kCompletion, "bash zsh fish"},
};

const char* values_of(const OptionSpec& option) {
  for (const ValueWords& known : kValues) {
    if (option.name == std::string_view(known.option)) return known.words;
  }
  return kNothing;
}

std::string commands() {
  std::string text;
  for (Command command : all_commands())
    text += (text.empty() ? "" : " ") + std::string(name(command));
  return text;
}

std::string operands_of(Command command) {
  for (const OperandWords& known : kOperands) {
    if (known.command == command)
      return known.words == std::string_view("@commands") ? commands() : known.words;
  }
  return kNothing;
}

// "--pages|-p", or with the other separator " ".
std::string spellings(const OptionSpec& option, const char* separator) {
  std::string text = std::string("--") + option.name;
  if (option.letter != 0) text += std::string(separator) + "-" + option.letter;
  return text;
}

// A branch of a case for each command with the text that `of` has for it; none where that is empty.
std::string branches(const std::function<std::string(Command)>& of) {
  std::string text;
  for (Command command : all_commands()) {
    std::string words = of(command);
    if (!words.empty()) text += std::string("    ") + name(command) + ") " + words + " ;;\n";
  }
  return text;
}

std::string option_words(Command command) {
  std::string text;
  for (const OptionSpec& option : all_options()) {
    if ((option.commands & bit(command)) != 0)
      text += (text.empty() ? "" : " ") + spellings(option, " ");
  }
  return text;
}

// Replaces NAME in a template.
std::string filled(std::string text, const std::string& name, const std::string& with) {
  size_t at = text.find(name);
  return at == std::string::npos ? text : text.replace(at, name.size(), with);
}

// "done", a state of jobs, is a word of the shell's own.
std::string for_shell(const std::string& words) {
  std::istringstream all(words);
  std::string text;
  for (std::string word; all >> word;)
    text += (text.empty() ? "" : " ") + (word == "done" ? "'done'" : word);
  return text;
}

// How a shell function offers what a word list stands for. The functions _pdf2mdctl_* are those of
// the templates.
std::string offer(const std::string& words) {
  if (words == kFiles) return "_pdf2mdctl_files";
  if (words == kUsers) return "_pdf2mdctl_users";
  if (words.starts_with("@jobs ")) return "_pdf2mdctl_jobs " + for_shell(words.substr(6));
  return words.empty() ? ":" : "_pdf2mdctl_words " + for_shell(words);
}

// Of another command, where this one's takes a value.
bool is_flag_elsewhere(char letter) {
  std::span<const OptionSpec> all = all_options();
  return std::any_of(all.begin(), all.end(), [&](const OptionSpec& option) {
    return option.letter == letter && !option.takes_value;
  });
}

std::string value_branches() {
  std::string text;
  std::set<std::string> seen;
  for (const OptionSpec& option : all_options()) {
    // An option that has another letter in another command comes once.
    if (!option.takes_value || !seen.insert(option.name).second) continue;
    OptionSpec unique = option;
    if (is_flag_elsewhere(option.letter)) unique.letter = 0;
    text += "    " + spellings(unique, "|") + ") " + offer(values_of(option)) + "; return ;;\n";
  }
  return text;
}

std::string with_tables(std::string text) {
  text = filled(text, "VALUES", value_branches());
  text = filled(text, "COMMANDS", commands());
  text = filled(text, "OPTIONS",
                branches([](Command c) { return "_pdf2mdctl_words " + option_words(c); }));
  return filled(text, "OPERANDS", branches([](Command c) {
                  std::string words = operands_of(c);
                  return words.empty() ? "" : offer(words);
                }));
}

constexpr const char* kBash =
    R"~(# bash completion of pdf2mdctl, made by "pdf2mdctl completion bash"
_pdf2mdctl_words() { mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur"); }
_pdf2mdctl_files() { compopt -o default; COMPREPLY=(); }
_pdf2mdctl_users() { mapfile -t COMPREPLY < <(compgen -u -- "$cur"); }
_pdf2mdctl_jobs() {
  _pdf2mdctl_words "$(pdf2mdctl "${daemon[@]}" status -q --state "$1" 2>/dev/null | awk 'NR > 1 { print $1 }')"
}
_pdf2mdctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' i
  local daemon=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      --socket) ((++i)) && daemon=(--socket "${COMP_WORDS[i]}") ;;
      -*) ;;
      *) [[ -n $command ]] || command=${COMP_WORDS[i]} ;;
    esac
  done
  case $previous in
VALUES  esac
  if [[ -z $command ]]; then
    _pdf2mdctl_words COMMANDS --socket --json --quiet --verbose --help --version
  elif [[ $cur == -* ]]; then
    case $command in
OPTIONS    esac
  else
    case $command in
OPERANDS    esac
  fi
}
complete -F _pdf2mdctl pdf2mdctl
)~";

constexpr const char* kZsh = R"~(#compdef pdf2mdctl
# zsh completion of pdf2mdctl, made by "pdf2mdctl completion zsh"
_pdf2mdctl_words() { compadd -- "$@" }
_pdf2mdctl_files() { _files }
_pdf2mdctl_users() { _users }
_pdf2mdctl_jobs() {
  local -a jobs
  jobs=(${(f)"$(pdf2mdctl $daemon status -q --state $1 2>/dev/null |
    awk 'NR > 1 { id = $1; sub(/^ *[0-9]+ +/, ""); print id ":" $0 }')"})
  _describe job jobs
}
_pdf2mdctl() {
  local command='' i
  local -a daemon
  for ((i = 2; i < CURRENT; ++i)); do
    case $words[i] in
      --socket) (( ++i )); daemon=(--socket $words[i]) ;;
      -*) ;;
      *) [[ -n $command ]] || command=$words[i] ;;
    esac
  done
  case $words[CURRENT-1] in
VALUES  esac
  if [[ -z $command ]]; then
    _pdf2mdctl_words COMMANDS --socket --json --quiet --verbose --help --version
  elif [[ $words[CURRENT] == -* ]]; then
    case $command in
OPTIONS    esac
  else
    case $command in
OPERANDS    esac
  fi
}
_pdf2mdctl "$@"
)~";

std::string fish_values(const std::string& words) {
  if (words == kFiles) return " -r -F";
  if (words == kUsers) return " -x -a '(__fish_complete_users)'";
  if (words.starts_with("@jobs ")) return " -a '(__pdf2mdctl_jobs " + words.substr(6) + ")'";
  return words.empty() ? " -x" : " -x -a '" + words + "'";
}

constexpr const char* kFish =
    R"~(# fish completion of pdf2mdctl, made by "pdf2mdctl completion fish"
function __pdf2mdctl_jobs
  pdf2mdctl status -q --state $argv[1] 2>/dev/null |
    awk 'NR > 1 { id = $1; sub(/^ *[0-9]+ +/, ""); print id "\t" $0 }'
end
complete -c pdf2mdctl -f
complete -c pdf2mdctl -n __fish_use_subcommand -a 'COMMANDS'
)~";

std::string fish() {
  std::string text = filled(kFish, "COMMANDS", commands());
  for (Command command : all_commands()) {
    std::string start =
        std::string("complete -c pdf2mdctl -n '__fish_seen_subcommand_from ") + name(command) + "'";
    std::string operands = operands_of(command);
    if (operands == kFiles)
      text += start + " -F\n";
    else if (operands.starts_with("@jobs "))
      text += start + fish_values(operands) + "\n";
    else if (!operands.empty())
      text += start + " -a '" + operands + "'\n";
    for (const OptionSpec& option : all_options()) {
      if ((option.commands & bit(command)) == 0) continue;
      text += start + " -l " + option.name;
      if (option.letter != 0) text += std::string(" -s ") + option.letter;
      if (option.takes_value) text += fish_values(values_of(option));
      text += "\n";
    }
  }
  return text;
}

}  // namespace

std::string completion_for(const std::string& shell) {
  if (shell == "bash") return with_tables(kBash);
  if (shell == "zsh") return with_tables(kZsh);
  return shell == "fish" ? fish() : "";
}

CtlExit run_completion(const Options& options) {
  return write_standard_output(completion_for(options.operands[0])) ? CtlExit::kOk
                                                                    : CtlExit::kFailed;
}

}  // namespace pdf2md::ctl
