#include "models/roles/orientation.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::models {

namespace {

ImageView part_of(const ImageView& image, int x, int y, int width, int height) {
  ImageView part = image;
  part.data += static_cast<size_t>(y) * image.stride + static_cast<size_t>(x) * image.channels;
  part.width = width;
  part.height = height;
  return part;
}

float in_steps(float value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

Result<std::unique_ptr<LineOrientation>> LineOrientation::create(
    const ModelEntry& entry, std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<LineOrientation> role(new LineOrientation(entry, std::move(network)));
  double values[4] = {};
  const char* keys[] = {"width", "height", "threshold", "batch_cuda"};
  for (size_t i = 0; i < 4; ++i) {
    const Result<double> number = entry.number(keys[i]);
    if (!number) return number.error();
    values[i] = *number;
  }
  role->shape_ = {static_cast<int>(values[0]), static_cast<int>(values[1])};
  role->threshold_ = static_cast<float>(values[2]);
  role->batch_ = role->network_->device().is_cuda() ? static_cast<int64_t>(values[3]) : 1;
  return role;
}

std::vector<bool> LineOrientation::run(std::span<const ImageView> lines) const {
  std::vector<bool> results(lines.size());
  const std::vector<InputShape> shapes(lines.size(), shape_);
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows, shape, entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          const ImageView& line = lines[members[i]];
          if (line.width <= 0 || line.height <= 0) continue;
          // The beginning of the line is enough: squeezing a long one makes it unreadable.
          const double wanted =
              std::ceil(static_cast<double>(line.width) * shape.height / line.height);
          ImageView seen = line;
          const double longest = 2.0 * shape.width;
          if (wanted > longest)
            seen.width = std::max(1, static_cast<int>(line.width * longest / wanted));
          const int width =
              static_cast<int>(std::clamp(wanted, 1.0, static_cast<double>(shape.width)));
          batch.place(static_cast<int64_t>(i), resized(seen, width, shape.height).view());
        }
        const at::Tensor scores = to_host(network_->run_one(batch.tensor()));
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] = in_steps(scores.const_data_ptr<float>()[2 * i + 1]) > threshold_;
        }
      });
  return results;
}

Result<std::unique_ptr<PageOrientation>> PageOrientation::create(
    const ModelEntry& entry, std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<PageOrientation> role(new PageOrientation(entry, std::move(network)));
  double values[3] = {};
  const char* keys[] = {"short_side", "size", "batch_cuda"};
  for (size_t i = 0; i < 3; ++i) {
    const Result<double> number = entry.number(keys[i]);
    if (!number) return number.error();
    values[i] = *number;
  }
  role->short_side_ = static_cast<int>(values[0]);
  role->size_ = static_cast<int>(values[1]);
  role->batch_ = role->network_->device().is_cuda() ? static_cast<int64_t>(values[2]) : 1;
  for (const std::string& name : entry.classes) role->degrees_.push_back(std::atoi(name.c_str()));
  if (role->degrees_.size() != 4 || role->short_side_ < role->size_) {
    return Error{ErrorCode::kBadModel,
                 "manifest.toml: the model for " + entry.role +
                     " needs four classes, and a short_side that is not below size",
                 "correct the entry"};
  }
  return role;
}

std::vector<ModelSet::Orientation> PageOrientation::run(std::span<const ImageView> pages) const {
  std::vector<ModelSet::Orientation> results(pages.size());
  const std::vector<InputShape> shapes(pages.size(), InputShape{size_, size_});
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows, shape, entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          const ImageView& page = pages[members[i]];
          if (page.width <= 0 || page.height <= 0) continue;
          // The middle square of the page, as large as the network sees it.
          const double scale = static_cast<double>(short_side_) / std::min(page.width, page.height);
          const int side = std::clamp(static_cast<int>(std::round(size_ / scale)), 1,
                                      std::min(page.width, page.height));
          const ImageView middle =
              part_of(page, (page.width - side) / 2, (page.height - side) / 2, side, side);
          batch.place(static_cast<int64_t>(i), resized(middle, size_, size_).view());
        }
        const at::Tensor scores = to_host(network_->run_one(batch.tensor()));
        for (size_t i = 0; i < members.size(); ++i) {
          const float* row = scores.const_data_ptr<float>() + i * 4;
          const size_t best = static_cast<size_t>(std::max_element(row, row + 4) - row);
          results[members[i]] = {degrees_[best], in_steps(row[best])};
        }
      });
  return results;
}

}  // namespace pdf2md::models
