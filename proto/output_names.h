// The outputs that a job can be asked for, besides its images.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pdf2md::proto {

struct OutputKind {
  const char* name;    // in JobOptions::outputs
  const char* ending;  // of its file, behind the document's name
  bool pictures;       // shows pictures of the pages
};

std::span<const OutputKind> output_kinds();
const OutputKind* find_output(std::string_view name);       // null: there is none
bool shows_pages(const std::vector<std::string>& outputs);  // does one of them show pictures?
std::string output_list();                                  // "md, json, ..."

}  // namespace pdf2md::proto
