// Where Tesseract's data lies, and which of it there is.
#pragma once

#include <string>
#include <vector>

#include "document/foreign_scripts.h"

namespace pdf2md::script_reader {

// Beside the program in a bundle (share/tessdata), else where TESSDATA_PREFIX says, else where
// Debian's packages put it. `program`: the path of this program.
std::string data_folder(const std::string& program);

// NAME.traineddata is there.
bool has_data(const std::string& folder, const std::string& name);

// What reads a script, as Tesseract is told it: "Cyrillic+eng". Empty: there is none.
std::string data_for(const std::string& folder, const document::ForeignScript& script);

// Names of the scripts that there is data for.
std::vector<std::string> scripts_with_data(const std::string& folder);

// Data of Tesseract's script detection.
constexpr const char* kDetectionData = "osd";

}  // namespace pdf2md::script_reader
