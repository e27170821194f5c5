#include "models/roles/text_detection.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::models {

Result<std::unique_ptr<TextDetection>> TextDetection::create(
    const ModelEntry& entry, std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<TextDetection> role(new TextDetection(entry, std::move(network)));
  double threshold = 0, box_threshold = 0, unclip_ratio = 0, min_side = 0, batch = 0;
  const std::pair<const char*, double*> wanted[] = {{"threshold", &threshold},
                                                    {"box_threshold", &box_threshold},
                                                    {"unclip_ratio", &unclip_ratio},
                                                    {"min_side", &min_side},
                                                    {"batch_cuda", &batch},
                                                    {"max_long_side", &role->max_long_side_},
                                                    {"max_pixels", &role->max_pixels_},
                                                    {"min_short_side", &role->min_short_side_},
                                                    {"step", &role->step_}};
  for (const auto& [key, value] : wanted) {
    const Result<double> number = entry.number(key);
    if (!number) return number.error();
    *value = *number;
  }
  role->settings_ = {static_cast<float>(threshold), static_cast<float>(box_threshold),
                     static_cast<float>(unclip_ratio), static_cast<float>(min_side)};
  role->batch_ = role->network_->device().is_cuda() ? static_cast<int64_t>(batch) : 1;
  return role;
}

InputShape TextDetection::input_shape(int width, int height) const {
  const double long_side = std::max(width, height);
  const double pixels = static_cast<double>(width) * height;
  const double scale = std::min({1.0, max_long_side_ / long_side, std::sqrt(max_pixels_ / pixels)});
  const auto snap = [&](int side) {
    const double wanted = std::max(side * scale, min_short_side_);
    return static_cast<int>(std::max(1.0, std::round(wanted / step_)) * step_);
  };
  return {snap(width), snap(height)};
}

std::vector<TextBox> TextDetection::boxes(const float* map, InputShape shape,
                                          const ImageView& page) const {
  std::vector<TextBox> boxes = text_boxes(map, shape.width, shape.height, settings_);
  const float width = static_cast<float>(page.width), height = static_cast<float>(page.height);
  const float scale_x = width / static_cast<float>(shape.width);
  const float scale_y = height / static_cast<float>(shape.height);
  for (TextBox& box : boxes) {
    for (int k = 0; k < 4; ++k) {
      box.quad.x[k] = std::clamp(box.quad.x[k] * scale_x, 0.0f, width);
      box.quad.y[k] = std::clamp(box.quad.y[k] * scale_y, 0.0f, height);
    }
  }
  return boxes;
}

DeferredList<std::vector<TextBox>> TextDetection::run(std::span<const Picture> pages) const {
  DeferredList<std::vector<TextBox>> results(pages.size());
  std::vector<InputShape> shapes;
  for (const Picture& page : pages)
    shapes.push_back(input_shape(page.view.width, page.view.height));
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows_to_run(*network_, static_cast<int64_t>(members.size()), rows), shape,
                         entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          if (pages[members[i]].is_empty()) continue;
          batch.place(static_cast<int64_t>(i), pages[members[i]], shape.width, shape.height);
        }
        const auto maps = std::make_shared<const HostCopy>(
            network_->run_one(batch.tensor()).slice(0, 0, static_cast<int64_t>(members.size())));
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] = [this, maps, i, shape, page = pages[members[i]]] {
            const size_t pixels = static_cast<size_t>(shape.width) * shape.height;
            const float* map = maps->wait().const_data_ptr<float>() + i * pixels;
            return page.is_empty() ? std::vector<TextBox>() : boxes(map, shape, page.view);
          };
        }
      });
  return results;
}

}  // namespace pdf2md::models
