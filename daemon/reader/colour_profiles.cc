#include "daemon/reader/colour_profiles.h"

#include <OutputDev.h>

#include <algorithm>

namespace pdf2md::reader {
namespace {

std::unique_ptr<GfxICCBasedColorSpace> copy_of(const GfxICCBasedColorSpace& space) {
  return std::unique_ptr<GfxICCBasedColorSpace>(static_cast<GfxICCBasedColorSpace*>(space.copy()));
}

}  // namespace

void ColourProfiles::lend_to(OutputDev& device) const {
  for (const std::unique_ptr<GfxICCBasedColorSpace>& space : kept_)
    device.getIccColorSpaceCache()->put(space->getRef(), copy_of(*space).release());
}

void ColourProfiles::keep(GfxColorSpace* space) {
  if (space != nullptr && space->getMode() == csIndexed)
    space = static_cast<GfxIndexedColorSpace*>(space)->getBase();
  if (space == nullptr || space->getMode() != csICCBased) return;
  GfxICCBasedColorSpace* profiled = static_cast<GfxICCBasedColorSpace*>(space);
  const Ref ref = profiled->getRef();
  if (ref == Ref::INVALID()) return;
  bool known = std::any_of(kept_.begin(), kept_.end(),
                           [&](const auto& kept) { return kept->getRef() == ref; });
  if (known) return;
  if (kept_.size() == kMost) kept_.erase(kept_.begin());
  kept_.push_back(copy_of(*profiled));
}

}  // namespace pdf2md::reader
