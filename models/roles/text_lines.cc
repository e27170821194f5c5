#include "models/roles/text_lines.h"

#include "models/cuda/image_kernels.h"
#include "models/roles/input.h"
#include "models/roles/line_pieces.h"

namespace pdf2md::models {

namespace {

TextLine cut_on_host(const ImageView& image, const Quad& quad, int height, int widest) {
  TextLine line;
  const Image crop = crop_quad(image, quad);
  if (crop.width <= 0 || crop.height <= 0) return line;
  const int width = strip_width(crop.width, crop.height, height, widest);
  line.strip = Picture(resized(crop.view(), width, height));
  const std::vector<bool> blank =
      width > widest ? blank_columns(line.strip.view) : std::vector<bool>();
  line.pieces = cut_strip(width, height, widest, blank);
  return line;
}

cuda::Crop crop_of(const Picture& picture, const Quad& quad, int64_t to) {
  const CropSize size = crop_size(quad);
  const cuda::Source image = source_of(picture, 0, 0);
  const Projection p(quad);
  return cuda::Crop{image.data,
                    image.stride,
                    image.channels,
                    image.width,
                    image.height,
                    size.width,
                    size.height,
                    size.stands ? 1 : 0,
                    0,
                    {p.a, p.b, p.c, p.d, p.e, p.f, p.g, p.h},
                    to};
}

// The pieces of lines that are wider than a piece may be, for which their pixels are looked at.
void cut_wide_lines(std::vector<TextLine>& lines, int height, int widest,
                    const at::Device& device) {
  std::vector<cuda::Source> wide;
  int64_t columns = 0;
  for (const TextLine& line : lines) {
    if (line.strip.view.width <= widest) continue;
    wide.push_back(source_of(line.strip, 0, 0));
    wide.back().to = columns;
    columns += line.strip.view.width;
  }
  if (wide.empty()) return;
  const HostCopy copy(cuda::blank_columns(wide, columns, kBlankRange, device));
  const int32_t* flags = copy.wait().const_data_ptr<int32_t>();
  for (TextLine& line : lines) {
    const int width = line.strip.view.width;
    if (width <= widest) continue;
    std::vector<bool> blank(flags, flags + width);
    line.pieces = cut_strip(width, height, widest, blank);
    flags += width;
  }
}

std::vector<TextLine> cut_on_device(const Picture& picture, std::span<const Quad> quads, int height,
                                    int widest, const at::Device& device) {
  std::vector<TextLine> lines(quads.size());
  if (quads.empty() || picture.is_empty()) return lines;
  const Picture image = to_device(picture, device);
  std::vector<cuda::Crop> crops;
  int64_t crop_bytes = 0, strip_bytes = 0;
  for (const Quad& quad : quads) {
    crops.push_back(crop_of(image, quad, crop_bytes));
    crop_bytes += int64_t{crops.back().width} * crops.back().height * image.view.channels;
  }
  const at::Tensor cropped = cuda::crop(crops, crop_bytes, device);
  std::vector<cuda::Source> sources;
  for (const cuda::Crop& crop : crops) {
    const int width = strip_width(crop.width, crop.height, height, widest);
    sources.push_back({cropped.const_data_ptr<uint8_t>() + crop.to, crop.width * crop.channels,
                       crop.channels, crop.width, crop.height, width, height, strip_bytes});
    strip_bytes += int64_t{width} * height * crop.channels;
  }
  const auto strips =
      std::make_shared<const DeviceBytes>(cuda::resize(sources, strip_bytes, device));
  for (size_t i = 0; i < lines.size(); ++i) {
    const cuda::Source& source = sources[i];
    Picture& strip = lines[i].strip;
    strip.view.width = source.to_width;
    strip.view.height = source.to_height;
    strip.view.channels = source.channels;
    strip.device = strips;
    strip.device_stride = source.to_width * source.channels;
    strip.device_offset = static_cast<size_t>(source.to);
    if (source.to_width <= widest) lines[i].pieces = cut_strip(source.to_width, height, widest, {});
  }
  cut_wide_lines(lines, height, widest, device);
  return lines;
}

}  // namespace

std::vector<TextLine> cut_lines(const Picture& picture, std::span<const Quad> quads, int height,
                                int widest, const at::Device& device) {
  if (device.is_cuda()) return cut_on_device(picture, quads, height, widest, device);
  std::vector<TextLine> lines;
  for (const Quad& quad : quads) {
    lines.push_back(picture.is_empty() ? TextLine()
                                       : cut_on_host(picture.view, quad, height, widest));
  }
  return lines;
}

}  // namespace pdf2md::models
