// Pictures within a text (RFC 2397).
#pragma once

#include <string>
#include <string_view>

namespace pdf2md::document {

std::string base64(std::string_view bytes);  // RFC 4648, padded
std::string png_data_uri(std::string_view png);

}  // namespace pdf2md::document
