#include "proto/job_folder.h"

#include <cstdio>

#include "proto/output_names.h"

namespace pdf2md::proto {

std::string document_path(const std::string& folder) {
  return folder + "/document";
}
std::string info_path(const std::string& folder) {
  return folder + "/info";
}

std::string page_record_path(const std::string& folder, uint32_t page) {
  char name[16];
  std::snprintf(name, sizeof name, "%06u", page);
  return folder + "/pages/" + name;
}

std::string page_picture_path(const std::string& folder, uint32_t page) {
  return page_record_path(folder, page) + ".png";
}

std::string asset_path(const std::string& folder, const std::string& name) {
  return folder + "/assets/" + name;
}

std::string output_path(const std::string& folder, const std::string& output) {
  if (const OutputKind* kind = find_output(output))
    return folder + "/output/document" + kind->ending;
  const std::string prefix = "assets/";
  if (output.compare(0, prefix.size(), prefix) != 0) return "";
  std::string name = output.substr(prefix.size());
  if (name.empty() || name[0] == '.') return "";
  for (char c : name) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (!plain) return "";
  }
  return asset_path(folder, name);
}

}  // namespace pdf2md::proto
