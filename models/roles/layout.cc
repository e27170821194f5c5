#include "models/roles/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace pdf2md::models {

namespace {

constexpr int kClasses = 10;
constexpr int kBins = 8;  // of the distribution of each of the four distances
constexpr int64_t kNumbers = int64_t{4} * kBins;  // of a cell

float overlap(const LayoutBox& a, const LayoutBox& b) {
  const float width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const float height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - both + 1e-5f);
}

// The mean of a distribution over 0 … kBins−1 given as logits.
float expectation(const float* logits) {
  const float high = *std::max_element(logits, logits + kBins);
  float sum = 0, weighted = 0;
  for (int i = 0; i < kBins; ++i) {
    const float weight = std::exp(logits[i] - high);
    sum += weight;
    weighted += weight * static_cast<float>(i);
  }
  return weighted / sum;
}

}  // namespace

std::vector<LayoutBox> suppress_overlaps(std::vector<LayoutBox> boxes, float iou,
                                         float iou_between_classes) {
  std::stable_sort(boxes.begin(), boxes.end(), [](const LayoutBox& a, const LayoutBox& b) {
    return std::tie(b.score, a.y0, a.x0) < std::tie(a.score, b.y0, b.x0);
  });
  std::vector<LayoutBox> kept;
  for (const LayoutBox& box : boxes) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const LayoutBox& other) {
      return overlap(box, other) > (box.type == other.type ? iou : iou_between_classes);
    });
    if (!covered) kept.push_back(box);
  }
  return kept;
}

Result<std::unique_ptr<Layout>> Layout::create(const ModelEntry& entry,
                                               std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<Layout> role(new Layout(entry, std::move(network)));
  double values[6] = {};
  const char* keys[] = {"width", "height", "threshold", "iou", "iou_between_classes", "batch_cuda"};
  for (size_t i = 0; i < 6; ++i) {
    const Result<double> number = entry.number(keys[i]);
    if (!number) return number.error();
    values[i] = *number;
  }
  const Result<std::vector<int64_t>> strides = entry.list("strides");
  if (!strides) return strides.error();
  role->shape_ = {static_cast<int>(values[0]), static_cast<int>(values[1])};
  role->threshold_ = static_cast<float>(values[2]);
  role->iou_ = static_cast<float>(values[3]);
  role->iou_between_classes_ = static_cast<float>(values[4]);
  role->batch_ = role->network_->device().is_cuda() ? static_cast<int64_t>(values[5]) : 1;
  role->strides_ = *strides;
  if (entry.classes.size() != kClasses || entry.outputs.size() != 2 * strides->size()) {
    return Error{ErrorCode::kBadModel,
                 "manifest.toml: the model for " + entry.role + " needs " +
                     std::to_string(kClasses) + " classes, and two outputs for each stride",
                 "correct the entry"};
  }
  return role;
}

std::vector<LayoutBox> Layout::decode(const std::vector<at::Tensor>& outputs, int64_t row) const {
  std::vector<LayoutBox> boxes;
  for (size_t level = 0; level < strides_.size(); ++level) {
    const at::Tensor& scores = outputs[level];
    const at::Tensor& distances = outputs[level + strides_.size()];
    const int64_t stride = strides_[level];
    const int64_t columns = (shape_.width + stride - 1) / stride;
    const int64_t cells = scores.size(1);
    TORCH_CHECK(scores.size(2) == kClasses && distances.size(2) == kNumbers &&
                    distances.size(1) == cells &&
                    cells == columns * ((shape_.height + stride - 1) / stride),
                "layout: outputs of an unknown shape");
    const float* score = scores.const_data_ptr<float>() + row * cells * kClasses;
    const float* distance = distances.const_data_ptr<float>() + row * cells * kNumbers;
    for (int64_t cell = 0; cell < cells; ++cell, score += kClasses, distance += kNumbers) {
      for (int type = 0; type < kClasses; ++type) {
        const float rounded = std::round(score[type] * 1000) / 1000;
        if (rounded <= threshold_) continue;
        const int64_t line = cell / columns, column = cell % columns;
        const float x = (static_cast<float>(column) + 0.5f) * static_cast<float>(stride);
        const float y = (static_cast<float>(line) + 0.5f) * static_cast<float>(stride);
        std::array<float, 4> side{};
        for (size_t i = 0; i < 4; ++i)
          side[i] = expectation(distance + i * kBins) * static_cast<float>(stride);
        LayoutBox box{static_cast<LayoutClass>(type),
                      x - side[0],
                      y - side[1],
                      x + side[2],
                      y + side[3],
                      rounded};
        box.x0 = std::clamp(box.x0, 0.0f, static_cast<float>(shape_.width));
        box.x1 = std::clamp(box.x1, 0.0f, static_cast<float>(shape_.width));
        box.y0 = std::clamp(box.y0, 0.0f, static_cast<float>(shape_.height));
        box.y1 = std::clamp(box.y1, 0.0f, static_cast<float>(shape_.height));
        boxes.push_back(box);
      }
    }
  }
  return suppress_overlaps(std::move(boxes), iou_, iou_between_classes_);
}

DeferredList<std::vector<LayoutBox>> Layout::run(std::span<const Picture> pages) const {
  DeferredList<std::vector<LayoutBox>> results(pages.size());
  const std::vector<InputShape> shapes(pages.size(), shape_);
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows_to_run(*network_, static_cast<int64_t>(members.size()), rows), shape,
                         entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          if (pages[members[i]].is_empty()) continue;
          batch.place(static_cast<int64_t>(i), pages[members[i]], shape.width, shape.height);
        }
        const auto outputs = std::make_shared<std::vector<HostCopy>>();
        for (const at::Tensor& output : network_->run({batch.tensor()}))
          outputs->emplace_back(output);
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] = [this, outputs, i, shape, page = pages[members[i]]] {
            if (page.is_empty()) return std::vector<LayoutBox>();
            std::vector<at::Tensor> ready;
            for (const HostCopy& output : *outputs) ready.push_back(output.wait());
            std::vector<LayoutBox> boxes = decode(ready, static_cast<int64_t>(i));
            const float scale_x =
                static_cast<float>(page.view.width) / static_cast<float>(shape.width);
            const float scale_y =
                static_cast<float>(page.view.height) / static_cast<float>(shape.height);
            for (LayoutBox& box : boxes) {
              box.x0 *= scale_x, box.x1 *= scale_x;
              box.y0 *= scale_y, box.y1 *= scale_y;
            }
            return boxes;
          };
        }
      });
  return results;
}

}  // namespace pdf2md::models
