#include "daemon/reader/book_archive.h"

#include <zip.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace pdf2md::reader {
namespace {

constexpr zip_int64_t kMostEntries = 50'000;
constexpr size_t kPieceBytes = 1 << 16;

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    out += escaped ? static_cast<char>(value) : text[i];
    if (escaped) i += 2;
  }
  return out;
}

}  // namespace

BookArchive::BookArchive(zip* archive) : archive_(archive, zip_discard) {}

Result<BookArchive> BookArchive::open(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    Error failed{ErrorCode::kDamaged,
                 std::string("the book's archive cannot be read: ") + zip_error_strerror(&error),
                 ""};
    if (source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return failed;
  }
  zip_error_fini(&error);
  BookArchive book(archive);
  if (zip_get_num_entries(archive, 0) > kMostEntries) {
    return Error{ErrorCode::kTooManyObjects,
                 "the book has more than " + std::to_string(kMostEntries) + " files", ""};
  }
  return book;
}

bool BookArchive::has(const std::string& name) const {
  return zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW) >= 0;
}

Result<std::string> BookArchive::read(const std::string& name, size_t most_bytes) const {
  const zip_int64_t index = zip_name_locate(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
      index < 0 ? nullptr : zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0),
      zip_fclose);
  if (file == nullptr)
    return Error{ErrorCode::kPageFailed, "a file of the book is missing, or cannot be read", ""};
  std::string out;
  for (;;) {
    const size_t have = out.size();
    out.resize(have + kPieceBytes);
    const zip_int64_t count = zip_fread(file.get(), out.data() + have, kPieceBytes);
    if (count < 0) return Error{ErrorCode::kPageFailed, "a file of the book is damaged", ""};
    out.resize(have + static_cast<size_t>(count));
    if (count == 0) return out;
    if (out.size() > most_bytes) {
      return Error{ErrorCode::kDocumentTooLarge,
                   "a file of the book is larger than " + std::to_string(most_bytes >> 20) + " MiB",
                   ""};
    }
  }
}

std::string resolved(std::string_view from, std::string_view reference) {
  reference = reference.substr(0, reference.find_first_of("#?"));
  std::vector<std::string> steps;
  auto walk = [&steps](std::string_view path) {
    for (size_t at = 0; at <= path.size();) {
      const size_t end = std::min(path.find('/', at), path.size());
      const std::string_view step = path.substr(at, end - at);
      at = end + 1;
      if (step.empty() || step == ".") continue;
      if (step == "..") {
        if (steps.empty()) return false;
        steps.pop_back();
      } else {
        steps.emplace_back(step);
      }
    }
    return true;
  };
  const size_t folder = from.rfind('/');
  if (folder != from.npos && !reference.starts_with('/')) walk(from.substr(0, folder));
  if (!walk(unescaped(reference))) return "";
  std::string out;
  for (const std::string& step : steps) out += (out.empty() ? "" : "/") + step;
  return out;
}

}  // namespace pdf2md::reader
