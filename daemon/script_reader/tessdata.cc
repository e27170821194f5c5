#include "daemon/script_reader/tessdata.h"

#include <unistd.h>

#include <cstdlib>

namespace pdf2md::script_reader {
namespace {

constexpr const char* kDebianFolder = "/usr/share/tesseract-ocr/5/tessdata";
// Words in Latin letters stand on pages of any script, and its own data does not know them.
constexpr const char* kEnglish = "eng";

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::string data_folder(const std::string& program) {
  std::string beside = folder_of(folder_of(program)) + "/share/tessdata";
  if (::access(beside.c_str(), R_OK) == 0) return beside;
  const char* named = std::getenv("TESSDATA_PREFIX");
  return named != nullptr && *named != 0 ? named : kDebianFolder;
}

bool has_data(const std::string& folder, const std::string& name) {
  return ::access((folder + "/" + name + ".traineddata").c_str(), R_OK) == 0;
}

std::string data_for(const std::string& folder, const document::ForeignScript& script) {
  std::string data = script.data;
  if (!has_data(folder, data)) data = script.other_data;
  if (!has_data(folder, data)) return "";
  if (has_data(folder, kEnglish)) data += std::string("+") + kEnglish;
  return data;
}

std::vector<std::string> scripts_with_data(const std::string& folder) {
  std::vector<std::string> names;
  for (const document::ForeignScript& script : document::foreign_scripts()) {
    if (!data_for(folder, script).empty()) names.emplace_back(script.name);
  }
  return names;
}

}  // namespace pdf2md::script_reader
