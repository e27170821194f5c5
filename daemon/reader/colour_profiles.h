// The colour profiles of a document. Poppler prepares a profile anew for each page, which takes
// longer than reading most pages, and keeps it only as long as the device that draws the page:
// here they are handed on from one device to the next.
#pragma once

#include <GfxState.h>

#include <memory>
#include <vector>

class OutputDev;

namespace pdf2md::reader {

class ColourProfiles {
 public:
  // Before a page is displayed on it.
  void lend_to(OutputDev& device) const;
  // A colour space that poppler made for a page; null and those without a profile are passed over.
  void keep(GfxColorSpace* space);

 private:
  // As many as a device of poppler's keeps.
  static constexpr size_t kMost = 5;
  std::vector<std::unique_ptr<GfxICCBasedColorSpace>> kept_;  // the latest one last
};

}  // namespace pdf2md::reader
