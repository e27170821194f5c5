// An open PDF. Everything of poppler that outlives a page is behind this.
#pragma once

#include <PDFDoc.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/reader/colour_profiles.h"
#include "document/document_info.h"
#include "document/geometry.h"
#include "proto/fd.h"
#include "proto/worker_messages.h"

class LinkAction;

namespace pdf2md::reader {

// Sets poppler up: its data files, its complaints. Once a process.
void prepare_poppler();

// The last complaint since forget_complaint(), as valid UTF-8; empty: none. Syntax warnings do not
// count.
const std::string& last_complaint();
void forget_complaint();

struct PageGeometry {
  double width_pt = 0;  // as shown
  double height_pt = 0;
  int rotation = 0;        // 0, 90, 180, 270
  double to_page[6] = {};  // default user space → page space

  document::Box box(double x0, double y0, double x1, double y1) const;
  void point(double x, double y, double& page_x, double& page_y) const;
};

struct Target {
  uint32_t page = 0;  // 1-based; 0: none
  float y = 0;        // page space of that page
};

class PdfDocument {
 public:
  // Passwords are tried in order, each as user and as owner password, after trying none.
  // Errors: kNotADocument, kUnsupportedType, kTruncated, kDamaged, kNeedsPassword, kWrongPassword,
  // kUnsupportedSecurity, kNoPages, kTooManyPages, kIo.
  static Result<std::unique_ptr<PdfDocument>> open(Fd file,
                                                   const std::vector<std::string>& passwords,
                                                   const proto::DocumentLimits& limits);
  ~PdfDocument();

  PDFDoc& pdf() { return *pdf_; }
  ColourProfiles& profiles() { return profiles_; }
  const proto::DocumentLimits& limits() const { return limits_; }
  uint32_t pages() const { return pages_; }
  uint64_t mapped_bytes() const { return mapped_bytes_; }

  document::DocumentInfo info();

  // Errors: kPageFailed, kPageTooLarge.
  Result<PageGeometry> page_geometry(uint32_t page);

  // Where a link or bookmark leads within the document.
  Target target(const LinkAction* action);

 private:
  PdfDocument() = default;
  Status map(Fd file);
  Status check_type() const;
  Status open_pdf(const std::vector<std::string>& passwords);
  std::unique_ptr<PDFDoc> try_password(const std::optional<std::string>& password);
  void note_damage();
  bool has_end_mark() const;
  Error explain_failure(PDFDoc& failed, bool had_passwords) const;
  Status count_pages();
  uint32_t page_of(Ref ref);

  proto::DocumentLimits limits_;
  Fd file_;
  const char* bytes_ = nullptr;
  uint64_t mapped_bytes_ = 0;
  uint64_t file_bytes_ = 0;
  std::string head_;
  std::string tail_;
  std::unique_ptr<PDFDoc> pdf_;
  ColourProfiles profiles_;
  uint32_t pages_ = 0;
  bool rebuilt_ = false;
  std::string encryption_ = "none";
  std::vector<std::string> damage_;  // what was repaired, for DocumentInfo
  std::optional<std::map<std::pair<int, int>, uint32_t>> page_numbers_;
};

}  // namespace pdf2md::reader
