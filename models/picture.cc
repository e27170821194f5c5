#include "models/picture.h"

namespace pdf2md::models {

Picture::Picture(Image image) : owned(std::make_shared<const Image>(std::move(image))) {
  view = owned->view();
}

Picture Picture::part(int x, int y, int width, int height) const {
  Picture out = *this;
  const size_t columns = static_cast<size_t>(x) * view.channels;
  if (view.data != nullptr) out.view.data += static_cast<size_t>(y) * view.stride + columns;
  if (device != nullptr) out.device_offset += static_cast<size_t>(y) * device_stride + columns;
  out.view.width = width;
  out.view.height = height;
  return out;
}

}  // namespace pdf2md::models
