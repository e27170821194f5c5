#include "models/roles/table_structure.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "models/roles/table_tokens.h"

namespace pdf2md::models {

Result<std::unique_ptr<TableRecognition>> TableRecognition::create(
    const ModelEntry& entry, std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<TableRecognition> role(new TableRecognition(entry, std::move(network)));
  double values[3] = {};
  const char* keys[] = {"size", "max_steps", "batch_cuda"};
  for (size_t i = 0; i < 3; ++i) {
    const Result<double> number = entry.number(keys[i]);
    if (!number) return number.error();
    values[i] = *number;
  }
  role->size_ = static_cast<int>(values[0]);
  role->max_steps_ = static_cast<int64_t>(values[1]);
  role->batch_ = role->network_->device().is_cuda() ? static_cast<int64_t>(values[2]) : 1;

  Result<std::unique_ptr<SlanetDecoder>> decoder = SlanetDecoder::create(*role->network_);
  if (!decoder) return decoder.error();
  role->decoder_ = std::move(*decoder);
  role->tokens_ = {"sos"};
  const auto characters = role->network_->metadata().find("character");
  if (characters != role->network_->metadata().end()) {
    std::istringstream lines(characters->second);
    for (std::string line; std::getline(lines, line);) role->tokens_.push_back(line);
  }
  role->tokens_.push_back("eos");
  if (static_cast<int64_t>(role->tokens_.size()) != role->decoder_->classes()) {
    return Error{ErrorCode::kBadModel,
                 entry.file + ": its metadata \"character\" does not list its " +
                     std::to_string(role->decoder_->classes()) + " tokens",
                 "use the file that the manifest names"};
  }
  return role;
}

// The decoder asks the device at every few steps whether it is at the end, so that nothing is
// deferred here.
DeferredList<TableStructure> TableRecognition::run(std::span<const Picture> tables) const {
  DeferredList<TableStructure> results(tables.size());
  const std::vector<InputShape> shapes(tables.size(), InputShape{size_, size_});
  const int32_t end_token = static_cast<int32_t>(tokens_.size()) - 1;
  for_each_batch(
      shapes, [&](InputShape) { return batch_; },
      [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        // Always as many: the decoder's products are libtorch's.
        InputBatch batch(rows, shape, entry_, *network_);
        std::vector<float> scales;  // pixels of the image for one of the input
        for (size_t i = 0; i < members.size(); ++i) {
          const Picture& table = tables[members[i]];
          const int longest = std::max({table.view.width, table.view.height, 1});
          scales.push_back(static_cast<float>(longest) / static_cast<float>(size_));
          if (table.is_empty()) continue;
          batch.place(static_cast<int64_t>(i), table,
                      std::max(1, table.view.width * size_ / longest),
                      std::max(1, table.view.height * size_ / longest));
        }
        const SlanetDecoder::Output output =
            decoder_->run(network_->run_one(batch.tensor()), end_token, max_steps_);
        const size_t steps = static_cast<size_t>(output.tokens.size(1));
        for (size_t i = 0; i < members.size(); ++i) {
          const ImageView& table = tables[members[i]].view;
          TableStructure structure;
          if (table.width > 0 && table.height > 0) {
            std::vector<TableToken> tokens;
            for (size_t step = 0; step < steps; ++step) {
              const size_t at = i * steps + step;
              const int32_t token = output.tokens.const_data_ptr<int32_t>()[at];
              if (token == end_token && step > 0) break;
              if (token == 0 || token == end_token) continue;
              TableToken& next = tokens.emplace_back();
              next.text = tokens_[static_cast<size_t>(token)];
              next.probability = output.probabilities.const_data_ptr<float>()[at];
              std::copy_n(output.boxes.const_data_ptr<float>() + at * 8, 8, next.box.begin());
            }
            const float scale = scales[i] * static_cast<float>(size_);
            structure = assemble_table(tokens, scale, scale, static_cast<float>(table.width),
                                       static_cast<float>(table.height));
          }
          results[members[i]] = [structure] { return structure; };
        }
      });
  return results;
}

}  // namespace pdf2md::models
