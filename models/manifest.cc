#include "models/manifest.h"

#include <openssl/evp.h>

#include <toml++/toml.h>

#include "proto/fd.h"

namespace pdf2md::models {

namespace {

constexpr size_t kMaxManifestBytes = 1 << 20;
constexpr size_t kMaxModelBytes = size_t{2} << 30;

// Collects the first problem of one [[model]] table.
class Table {
 public:
  Table(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  std::string text(const char* key) {
    if (const std::optional<std::string> value = table_[key].value<std::string>()) return *value;
    fail(std::string(key) + " must be a string");
    return {};
  }
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> values;
    if (!table_.contains(key)) return values;
    const toml::array* array = table_[key].as_array();
    if (array == nullptr) fail(std::string(key) + " must be a list of strings");
    for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const std::optional<std::string> value = (*array)[i].value<std::string>();
      if (!value) fail(std::string(key) + " must be a list of strings");
      values.push_back(value.value_or(""));
    }
    return values;
  }
  std::array<float, 3> three(const char* key) {
    std::array<float, 3> values{};
    const toml::array* array = table_[key].as_array();
    if (array == nullptr || array->size() != 3) {
      fail(std::string(key) + " must be a list of three numbers");
      return values;
    }
    for (size_t i = 0; i < 3; ++i) values[i] = (*array)[i].value<float>().value_or(0);
    return values;
  }
  void settings(ModelEntry& entry) {
    const toml::table* settings = table_["settings"].as_table();
    if (settings == nullptr) return;
    for (const auto& [key, value] : *settings) {
      const std::string name(key.str());
      if (const toml::array* array = value.as_array()) {
        for (const toml::node& element : *array) {
          const std::optional<int64_t> number = element.value<int64_t>();
          if (!number) fail("settings." + name + " must be a list of whole numbers");
          entry.lists[name].push_back(number.value_or(0));
        }
      } else if (const std::optional<double> number = value.value<double>()) {
        entry.numbers[name] = *number;
      } else {
        fail("settings." + name + " must be a number or a list of whole numbers");
      }
    }
  }

  void fail(const std::string& why) {
    if (problem_.empty()) problem_ = where_ + ": " + why;
  }
  const std::string& problem() const { return problem_; }

 private:
  const toml::table& table_;
  std::string where_;
  std::string problem_;
};

Error bad_manifest(const std::string& path, const std::string& why) {
  return Error{
      ErrorCode::kBadModel, path + ": " + why,
      "restore the manifest with `make deps`, or correct it (models/manifest.toml shows the form)"};
}

}  // namespace

Result<double> ModelEntry::number(const std::string& key) const {
  const auto found = numbers.find(key);
  if (found != numbers.end()) return found->second;
  return Error{ErrorCode::kBadModel,
               "manifest.toml: the model for " + role + " has no settings." + key,
               "add it; models/manifest.toml shows the form"};
}

Result<std::vector<int64_t>> ModelEntry::list(const std::string& key) const {
  const auto found = lists.find(key);
  if (found != lists.end() && !found->second.empty()) return found->second;
  return Error{ErrorCode::kBadModel,
               "manifest.toml: the model for " + role + " has no list settings." + key,
               "add it; models/manifest.toml shows the form"};
}

Result<const ModelEntry*> Manifest::find(const std::string& role) const {
  for (const ModelEntry& entry : models) {
    if (entry.role == role) return &entry;
  }
  return Error{ErrorCode::kBadModel, directory + "/manifest.toml: no model has the role " + role,
               "restore the manifest with `make deps`, or name a model for the role"};
}

Result<Manifest> read_manifest(const std::string& directory) {
  const std::string path = directory + "/manifest.toml";
  Result<std::string> text = read_file(path, kMaxManifestBytes);
  if (!text) {
    return Error{ErrorCode::kBadModel, path + ": " + text.error().message,
                 "fetch the models with `make deps`, or name the directory that holds them"};
  }
  Manifest manifest;
  manifest.directory = directory;
  toml::table root;
  try {
    root = toml::parse(*text, path);
  } catch (const toml::parse_error& error) {
    return bad_manifest(path, "line " + std::to_string(error.source().begin.line) + ": " +
                                  std::string(error.description()));
  }
  const toml::array* models = root["model"].as_array();
  if (models == nullptr) return bad_manifest(path, "it lists no [[model]]");
  for (const toml::node& node : *models) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return bad_manifest(path, "[[model]] must be a table");
    Table in(*table, "the [[model]] on line " + std::to_string(table->source().begin.line));
    ModelEntry entry;
    entry.role = in.text("role");
    entry.file = in.text("file");
    entry.sha256 = in.text("sha256");
    entry.licence = in.text("licence");
    entry.attribution = in.text("attribution");
    entry.package = in.text("package");
    entry.version = in.text("version");
    entry.mean = in.three("mean");
    entry.std = in.three("std");
    const std::string channels = in.text("channels");
    entry.bgr = channels == "bgr";
    if (channels != "bgr" && channels != "rgb") in.fail("channels must be \"bgr\" or \"rgb\"");
    entry.outputs = in.texts("outputs");
    entry.classes = in.texts("classes");
    in.settings(entry);
    for (const float deviation : entry.std) {
      if (!(deviation > 0)) in.fail("std must be above zero");
    }
    if (entry.file.find('/') != std::string::npos) in.fail("file must be a name without folders");
    if (entry.sha256.size() != 64) in.fail("sha256 must have 64 hexadecimal digits");
    if (!in.problem().empty()) return bad_manifest(path, in.problem());
    manifest.models.push_back(std::move(entry));
  }
  return manifest;
}

std::string sha256_of(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) return {};
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

Result<std::string> read_model_file(const Manifest& manifest, const ModelEntry& entry) {
  const std::string path = manifest.directory + "/" + entry.file;
  Result<std::string> bytes = read_file(path, kMaxModelBytes);
  if (!bytes) {
    return Error{ErrorCode::kBadModel, path + " (" + entry.role + "): " + bytes.error().message,
                 "fetch the models with `make deps`"};
  }
  const std::string found = sha256_of(*bytes);
  if (found != entry.sha256) {
    return Error{
        ErrorCode::kBadModel,
        path + " (" + entry.role + "): its sha256 is " + found + ", the manifest says " +
            entry.sha256,
        "delete the file and run `make deps`; if you replaced the model on purpose, change the "
        "manifest too"};
  }
  return bytes;
}

}  // namespace pdf2md::models
