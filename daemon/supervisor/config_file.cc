// The TOML file. toml++ is included here alone.
#include <stdexcept>

// toml++ asserts on some malformed files; here that is one more parse error.
#define TOML_ASSERT(expression) \
  (static_cast<bool>(expression) ? void() : throw std::logic_error("not a TOML file"))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored \
    "-Wterminate"  // in its noexcept accessors, which hold no such assert to meet
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#include <algorithm>

#include "daemon/supervisor/config.h"

namespace pdf2md::supervisor {
namespace {

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

class FileReader {
 public:
  FileReader(const std::string& path, Config& config, ConfigProblems& problems)
      : path_(path), config_(config), problems_(problems) {}

  void read(const toml::table& file) {
    for (const auto& [name, node] : file) {
      const toml::table* section = node.as_table();
      if (section == nullptr) {
        assign("", name.str(), name.source().begin.line, node);
      } else if (!is_section(name.str())) {
        report(name.source().begin.line, "[" + std::string(name.str()) + "] is not a section" +
                                             suggest(name.str(), sections()));
      } else {
        for (const auto& [key, value] : *section)
          assign(name.str(), key.str(), key.source().begin.line, value);
      }
    }
  }

  void report(uint32_t line, const std::string& what) {
    problems_.push_back({path_ + ":" + std::to_string(line), what});
  }

 private:
  static std::vector<std::string> sections() {
    std::vector<std::string> names;
    for (const Key& key : all_keys()) {
      std::string name(key.section);
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    }
    return names;
  }
  static bool is_section(std::string_view name) {
    std::vector<std::string> names = sections();
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  static std::string suggest(std::string_view name, const std::vector<std::string>& known) {
    std::string nearest = nearest_name(name, known);
    return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
  }

  void assign(std::string_view section, std::string_view name, uint32_t line,
              const toml::node& node) {
    std::string full =
        section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
    const Key* key = find_key(full);
    if (key == nullptr) {
      std::vector<std::string> known;
      for (const Key& one : all_keys()) known.push_back(one.full_name());
      report(line, in_quotes(full) + " is not a known key" + suggest(full, known));
      return;
    }
    ConfigValue value;
    if (const toml::value<int64_t>* number = node.as_integer())
      value = number->get();
    else if (const toml::value<double>* real = node.as_floating_point())
      value = real->get();
    else if (const toml::value<bool>* truth = node.as_boolean())
      value = truth->get();
    else if (const toml::value<std::string>* text = node.as_string())
      value = text->get();
    else
      return report(line, in_quotes(full) + " is neither a number nor a string");
    std::string problem = key->assign(config_, value);
    if (!problem.empty()) report(line, in_quotes(full) + " " + problem);
  }

  const std::string& path_;
  Config& config_;
  ConfigProblems& problems_;
};

}  // namespace

void apply_file(const std::string& path, std::string_view text, Config& config,
                ConfigProblems& problems) {
  FileReader reader(path, config, problems);
  // TOML allows no control characters; toml++ stumbles over some.
  uint32_t line = 1;
  for (char c : text) {
    if (c == '\n') ++line;
    bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (control && c != '\n' && c != '\r' && c != '\t') {
      return reader.report(line, "holds a control character");
    }
  }
  try {
    reader.read(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    reader.report(error.source().begin.line, std::string(error.description()));
  } catch (const std::logic_error& error) {
    reader.report(1, error.what());
  }
  // The table is ordered by name; people read files by line.
  std::stable_sort(problems.begin(), problems.end(),
                   [](const ConfigProblem& a, const ConfigProblem& b) {
                     auto line = [](const ConfigProblem& p) {
                       return std::atoi(p.where.c_str() + p.where.rfind(':') + 1);
                     };
                     return line(a) < line(b);
                   });
}

}  // namespace pdf2md::supervisor
