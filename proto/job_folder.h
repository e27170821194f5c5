// Where the files of a job lie below its spool folder. Supervisor and worker both use these names.
//
//   document            the bytes as submitted
//   info                packed document::DocumentInfo, written by PROBE
//   pages/000012        packed document::PageRecord of page 12
//   pages/000012.png    its picture, where an output shows pages
//   assets/p0012-1.png  figures
//   output/document.md, output/document_review.html, ... (output_names.h)
#pragma once

#include <cstdint>
#include <string>

namespace pdf2md::proto {

std::string document_path(const std::string& folder);
std::string info_path(const std::string& folder);
std::string page_record_path(const std::string& folder, uint32_t page);
std::string page_picture_path(const std::string& folder, uint32_t page);
// `name` is relative to the asset folder and made by us ("p0012-1.png").
std::string asset_path(const std::string& folder, const std::string& name);
// The file behind an output's name ("md", "json", "assets/p0012-1.png"); empty for a name that no
// output can have, so that a client's string never becomes a path.
std::string output_path(const std::string& folder, const std::string& output);

}  // namespace pdf2md::proto
