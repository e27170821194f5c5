#include "models/roles/orientation.h"

#include <algorithm>
#include <cmath>

namespace pdf2md::models {

namespace {

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

DeferredList<bool> LineOrientation::run(std::span<const TextLine> lines) const {
  DeferredList<bool> results(lines.size());
  const std::vector<InputShape> shapes(lines.size(), shape_);
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows_to_run(*network_, static_cast<int64_t>(members.size()), rows), shape,
                         entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          const Picture& line = lines[members[i]].strip;
          if (line.is_empty()) continue;
          // The beginning of the line is enough: squeezing a long one makes it unreadable.
          const int seen = std::min(line.view.width, 2 * shape.width);
          batch.place(static_cast<int64_t>(i), line.part(0, 0, seen, line.view.height),
                      std::min(line.view.width, shape.width), shape.height);
        }
        const auto scores = std::make_shared<const HostCopy>(network_->run_one(batch.tensor()));
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] = [this, scores, i, strip = lines[members[i]].strip] {
            return in_steps(scores->wait().const_data_ptr<float>()[2 * i + 1]) > threshold_;
          };
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

DeferredList<ModelSet::Orientation> PageOrientation::run(std::span<const Picture> pages) const {
  DeferredList<ModelSet::Orientation> results(pages.size());
  const std::vector<InputShape> shapes(pages.size(), InputShape{size_, size_});
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows_to_run(*network_, static_cast<int64_t>(members.size()), rows), shape,
                         entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          const Picture& page = pages[members[i]];
          if (page.is_empty()) continue;
          // The middle square of the page, as large as the network sees it.
          const int width = page.view.width, height = page.view.height;
          const double scale = static_cast<double>(short_side_) / std::min(width, height);
          const int side =
              std::clamp(static_cast<int>(std::round(size_ / scale)), 1, std::min(width, height));
          batch.place(static_cast<int64_t>(i),
                      page.part((width - side) / 2, (height - side) / 2, side, side), size_, size_);
        }
        const auto scores = std::make_shared<const HostCopy>(network_->run_one(batch.tensor()));
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] = [this, scores, i, page = pages[members[i]]] {
            const float* row = scores->wait().const_data_ptr<float>() + i * 4;
            const size_t best = static_cast<size_t>(std::max_element(row, row + 4) - row);
            return ModelSet::Orientation{degrees_[best], in_steps(row[best])};
          };
        }
      });
  return results;
}

}  // namespace pdf2md::models
