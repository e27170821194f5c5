// An image, and where its pixels are: in the host's memory, on the device, or both.
#pragma once

#include <memory>
#include <vector>

#include "models/image.h"

namespace pdf2md::models {

struct DeviceBytes;  // models/roles/input.h

struct Picture {
  Picture() = default;
  // The pixels must stay where they are for as long as the picture is used.
  Picture(const ImageView& pixels) : view(pixels) {}
  explicit Picture(Image image);

  bool is_empty() const { return view.width <= 0 || view.height <= 0; }
  // Of the same pixels. The rectangle must lie inside.
  Picture part(int x, int y, int width, int height) const;

  ImageView view;                      // its data is null where the pixels are on the device only
  std::shared_ptr<const Image> owned;  // what `view` shows, where this owns it
  std::shared_ptr<const DeviceBytes> device;  // null: not on the device
  size_t device_offset = 0;                   // of the first pixel there
  int device_stride = 0;                      // bytes a row there
};

// Where a line of text is cut for the recogniser, which takes no more than some width at a time.
struct LinePiece {
  int begin = 0, end = 0;     // columns of the strip
  bool space_before = false;  // the cut before it went through a gap between two words
};

// A line of text: straight, upright, as high as the recogniser wants it.
struct TextLine {
  Picture strip;
  std::vector<LinePiece> pieces;  // none: there is nothing to read
};

}  // namespace pdf2md::models
