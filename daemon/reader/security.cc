#include "daemon/reader/security.h"

#include <string>

#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

constexpr const char* kHint = "remove the protection with the program that made it";

std::string name_of(const Object& value) {
  return value.isName() ? value.getName() : "";
}

// The method by which streams and strings are encrypted; poppler wants one for both.
std::string crypt_method(const Object& encrypt) {
  std::string streams = name_of(encrypt.dictLookup("StmF"));
  const std::string strings = name_of(encrypt.dictLookup("StrF"));
  if (streams.empty() || streams != strings) return "";
  if (streams == "Identity") return streams;
  Object filters = encrypt.dictLookup("CF");
  if (!filters.isDict()) return "";
  Object filter = filters.dictLookup(streams.c_str());
  return filter.isDict() ? name_of(filter.dictLookup("CFM")) : "";
}

bool is_supported(int version, int revision, const Object& encrypt) {
  if (version == 1 || version == 2) return revision == 2 || revision == 3;
  if (version != 4 && version != 5) return false;
  if (revision < 4 || revision > 6) return false;
  const std::string method = crypt_method(encrypt);
  if (method == "AESV3") return revision > 4;
  return method == "V2" || method == "AESV2" || method == "Identity";
}

}  // namespace

std::optional<Error> unsupported_security(const Object& encrypt) {
  if (!encrypt.isDict()) return std::nullopt;
  Object filter = encrypt.dictLookup("Filter");
  if (!filter.isName("Standard")) {
    const std::string handler = filter.isName() ? valid_utf8(filter.getName()) : "unnamed";
    return Error{ErrorCode::kUnsupportedSecurity,
                 "encrypted with the security handler \"" + shortened(handler, 60) +
                     "\", which is not supported",
                 kHint};
  }
  Object version = encrypt.dictLookup("V");
  Object revision = encrypt.dictLookup("R");
  if (version.isInt() && revision.isInt() &&
      is_supported(version.getInt(), revision.getInt(), encrypt)) {
    return std::nullopt;
  }
  auto number = [](const Object& value) {
    return value.isInt() ? std::to_string(value.getInt()) : std::string("?");
  };
  return Error{ErrorCode::kUnsupportedSecurity,
               "encrypted in a way that is not supported (standard security handler, version " +
                   number(version) + ", revision " + number(revision) + ")",
               kHint};
}

}  // namespace pdf2md::reader
