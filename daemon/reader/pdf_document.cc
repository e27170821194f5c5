#include "daemon/reader/pdf_document.h"

#include <Catalog.h>
#include <ErrorCodes.h>
#include <GlobalParams.h>
#include <Page.h>
#include <fontconfig/fontconfig.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cmath>

#include "daemon/reader/file_type.h"
#include "daemon/reader/security.h"
#include "daemon/reader/text_string.h"

namespace pdf2md::reader {
namespace {

constexpr size_t kHeadBytes = 4096;
constexpr size_t kTailBytes = 2048;

std::string g_complaint;

void remember_complaint(ErrorCategory category, Goffset, const char* message) {
  if (category == errSyntaxWarning || message == nullptr) return;
  g_complaint = shortened(valid_utf8(std::string_view(message).substr(0, 300)), 300);
}

Result<std::string> read_at(int fd, size_t bytes, off_t offset) {
  std::string out(bytes, '\0');
  size_t have = 0;
  while (have < bytes) {
    ssize_t n = ::pread(fd, out.data() + have, bytes - have, offset + static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("reading the document");
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  out.resize(have);
  return out;
}

}  // namespace

void prepare_poppler() {
  // A relocatable bundle carries poppler-data beside its programs; otherwise the system's is used.
  static std::string data_folder;
  char program[4096];
  ssize_t length = ::readlink("/proc/self/exe", program, sizeof program);
  if (length > 0) {
    std::string path(program, static_cast<size_t>(length));
    path = path.substr(0, path.rfind('/')) + "/../share/poppler";
    if (::access((path + "/cMap").c_str(), R_OK) == 0) data_folder = path;
  }
  globalParams =
      std::make_unique<GlobalParams>(data_folder.empty() ? nullptr : data_folder.c_str());
  setErrorCallback(remember_complaint);
  // Now, while a missing cache of fonts can still be written: poppler would only do so at the first
  // font that a document does not bring along.
  ::FcInit();
}

const std::string& last_complaint() {
  return g_complaint;
}
void forget_complaint() {
  g_complaint.clear();
}

void PageGeometry::point(double x, double y, double& page_x, double& page_y) const {
  page_x = to_page[0] * x + to_page[2] * y + to_page[4];
  page_y = to_page[1] * x + to_page[3] * y + to_page[5];
}

document::Box PageGeometry::box(double x0, double y0, double x1, double y1) const {
  double ax = 0, ay = 0, bx = 0, by = 0;
  point(x0, y0, ax, ay);
  point(x1, y1, bx, by);
  return {static_cast<float>(std::min(ax, bx)), static_cast<float>(std::min(ay, by)),
          static_cast<float>(std::max(ax, bx)), static_cast<float>(std::max(ay, by))};
}

PdfDocument::~PdfDocument() {
  pdf_.reset();  // reads from the mapping until its end
  if (bytes_ != nullptr) ::munmap(const_cast<char*>(bytes_), mapped_bytes_);
}

Result<std::unique_ptr<PdfDocument>> PdfDocument::open(Fd file,
                                                       const std::vector<std::string>& passwords,
                                                       const proto::DocumentLimits& limits) {
  std::unique_ptr<PdfDocument> document(new PdfDocument);
  document->limits_ = limits;
  Status status = document->map(std::move(file));
  if (status) status = document->check_type();
  if (status) status = document->open_pdf(passwords);
  if (status) status = document->count_pages();
  if (!status) return status.error();
  return document;
}

Status PdfDocument::map(Fd file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return io_error("the document");
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::kNotADocument, "the document is not a regular file", ""};
  }
  file_bytes_ = static_cast<uint64_t>(info.st_size);
  if (file_bytes_ == 0) return Error{ErrorCode::kNotADocument, "the file is empty", ""};
  Result<std::string> head = read_at(file.get(), kHeadBytes, 0);
  if (!head) return head.error();
  off_t tail_at = file_bytes_ > kTailBytes ? static_cast<off_t>(file_bytes_ - kTailBytes) : 0;
  Result<std::string> tail = read_at(file.get(), kTailBytes, tail_at);
  if (!tail) return tail.error();
  head_ = std::move(*head);
  tail_ = std::move(*tail);
  // MemStream counts in int; larger files go through FileStream, which reads in small pieces.
  if (file_bytes_ < INT_MAX) {
    void* bytes = ::mmap(nullptr, file_bytes_, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (bytes == MAP_FAILED) return io_error("mapping the document");
    bytes_ = static_cast<const char*>(bytes);
    mapped_bytes_ = file_bytes_;
  }
  file_ = std::move(file);
  return Ok{};
}

Status PdfDocument::check_type() const {
  FileType type = file_type(head_);
  if (type.kind == FileKind::kPdf) return Ok{};
  if (!type.seems_to_be.empty()) {
    return Error{ErrorCode::kUnsupportedType,
                 "cannot be converted: this seems to be " + type.seems_to_be, type.advice};
  }
  // A PDF whose first bytes were lost still ends like one, and can be read.
  if (tail_.find("startxref") != std::string::npos && tail_.find("%%EOF") != std::string::npos)
    return Ok{};
  return Error{ErrorCode::kNotADocument,
               "not a document that is known: neither the header of a PDF within the first 1024 "
               "bytes nor that of a book or a picture",
               "give a PDF, EPUB, PNG, JPEG, TIFF or WebP file"};
}

std::unique_ptr<PDFDoc> PdfDocument::try_password(const std::optional<std::string>& password) {
  Object dictionary(objNull);
  BaseStream* stream = nullptr;
  if (bytes_ != nullptr) {
    stream = new MemStream(bytes_, 0, static_cast<Goffset>(file_bytes_), std::move(dictionary));
  } else {
    std::unique_ptr<GooFile> file = GooFile::open(::dup(file_.get()));
    stream = new FileStream(file.release(), 0, false, static_cast<Goffset>(file_bytes_),
                            std::move(dictionary));
  }
  std::optional<GooString> word;
  if (password) word.emplace(*password);
  rebuilt_ = false;
  return std::make_unique<PDFDoc>(stream, word, word, nullptr, [this] { rebuilt_ = true; });
}

Status PdfDocument::open_pdf(const std::vector<std::string>& passwords) {
  pdf_ = try_password(std::nullopt);
  // Poppler reads what it has no version of the standard handler for as if it were not encrypted.
  if (XRef* xref = pdf_->getXRef(); xref != nullptr && xref->getTrailerDict()->isDict()) {
    std::optional<Error> unsupported =
        unsupported_security(xref->getTrailerDict()->dictLookup("Encrypt"));
    if (unsupported) return *unsupported;
  }
  if (pdf_->isOk()) {
    encryption_ = pdf_->isEncrypted() ? "owner" : "none";
    return Ok{};
  }
  if (pdf_->getErrorCode() == errEncrypted) {
    for (const std::string& password : passwords) {
      pdf_ = try_password(password);
      if (pdf_->isOk()) {
        encryption_ = "user";
        return Ok{};
      }
    }
  }
  return explain_failure(*pdf_, !passwords.empty());
}

// Every complete PDF ends in startxref and %%EOF.
bool PdfDocument::has_end_mark() const {
  return tail_.find("%%EOF") != std::string::npos || tail_.find("startxref") != std::string::npos;
}

void PdfDocument::note_damage() {
  if (file_type(head_).kind != FileKind::kPdf) damage_.push_back("header missing");
  if (rebuilt_ && !has_end_mark()) damage_.push_back("ends early");
  if (rebuilt_) damage_.push_back("cross-reference table rebuilt");
}

Error PdfDocument::explain_failure(PDFDoc& failed, bool had_passwords) const {
  if (failed.getErrorCode() == errEncrypted) {
    XRef* xref = failed.getXRef();
    Object encrypt =
        xref == nullptr ? Object(objNull) : xref->getTrailerDict()->dictLookup("Encrypt");
    if (!encrypt.isDict()) {
      return Error{ErrorCode::kDamaged, "encrypted, but the encryption dictionary cannot be read",
                   ""};
    }
    if (had_passwords) {
      return Error{ErrorCode::kWrongPassword, "encrypted, and none of the given passwords fits",
                   ""};
    }
    return Error{ErrorCode::kNeedsPassword, "encrypted, and needs a password", "give the password"};
  }
  std::string reason = last_complaint().empty() ? std::string() : ": " + last_complaint();
  if (!has_end_mark()) {
    return Error{
        ErrorCode::kTruncated,
        "ends early, after " + std::to_string(file_bytes_) + " bytes; nothing can be read" + reason,
        "get the whole file"};
  }
  return Error{ErrorCode::kDamaged, "damaged beyond repair; nothing can be read" + reason, ""};
}

// The page tree's /Count is only a claim: what counts is what can be reached.
Status PdfDocument::count_pages() {
  int claimed = pdf_->getNumPages();
  if (claimed <= 0) return Error{ErrorCode::kNoPages, "the document has no pages", ""};
  uint32_t count = static_cast<uint32_t>(claimed);
  bool too_many = count > limits_.max_pages;
  if (too_many && pdf_->getPage(static_cast<int>(limits_.max_pages) + 1) != nullptr) {
    return Error{ErrorCode::kTooManyPages,
                 "the document has " + std::to_string(count) + " pages; the limit is " +
                     std::to_string(limits_.max_pages),
                 "convert a range of pages, or raise limits.max_pages"};
  }
  if (too_many) count = limits_.max_pages;
  while (count > 0 && pdf_->getPage(static_cast<int>(count)) == nullptr) --count;
  if (count == 0) {
    return Error{
        ErrorCode::kNoPages,
        "the document claims " + std::to_string(claimed) + " pages, but none can be reached", ""};
  }
  pages_ = count;
  note_damage();
  uint32_t good = count;
  if (rebuilt_) {
    for (uint32_t page = 1; page <= count; ++page) {
      Page* found = pdf_->getPage(static_cast<int>(page));
      good -= found == nullptr || !found->isOk();
    }
  }
  if (good < static_cast<uint32_t>(claimed)) {
    damage_.push_back(std::to_string(good) + " of " + std::to_string(claimed) +
                      " pages can be read");
  }
  return Ok{};
}

Result<PageGeometry> PdfDocument::page_geometry(uint32_t number) {
  std::string name = "page " + std::to_string(number);
  if (number == 0 || number > pages_) {
    return Error{ErrorCode::kPageFailed,
                 name + ": the document has " + std::to_string(pages_) + " pages", ""};
  }
  Page* page = pdf_->getPage(static_cast<int>(number));
  if (page == nullptr || !page->isOk()) {
    return Error{ErrorCode::kPageFailed, name + ": its entry in the page tree is damaged", ""};
  }
  PageGeometry geometry;
  geometry.rotation = ((page->getRotate() % 360) + 360) % 360;
  geometry.width_pt = page->getCropWidth();
  geometry.height_pt = page->getCropHeight();
  if (geometry.rotation % 180 == 90) std::swap(geometry.width_pt, geometry.height_pt);
  if (!std::isfinite(geometry.width_pt) || !std::isfinite(geometry.height_pt) ||
      geometry.width_pt <= 0 || geometry.height_pt <= 0) {
    return Error{ErrorCode::kPageFailed, name + ": its page box is empty", ""};
  }
  if (std::max(geometry.width_pt, geometry.height_pt) > limits_.max_page_side_pt) {
    return Error{ErrorCode::kPageTooLarge,
                 name + ": " + std::to_string(std::llround(geometry.width_pt)) + " × " +
                     std::to_string(std::llround(geometry.height_pt)) + " points; the limit is " +
                     std::to_string(std::llround(limits_.max_page_side_pt)),
                 "raise limits.max_page_side"};
  }
  page->getDefaultCTM(geometry.to_page, 72, 72, 0, false, true);
  return geometry;
}

}  // namespace pdf2md::reader
