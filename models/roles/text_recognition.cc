#include "models/roles/text_recognition.h"

#include <algorithm>
#include <cmath>

#include "models/roles/ctc.h"
#include "models/roles/line_pieces.h"

namespace pdf2md::models {

namespace {

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

Result<std::unique_ptr<TextRecognition>> TextRecognition::create(
    const ModelEntry& entry, std::unique_ptr<onnx::Network> network) {
  std::unique_ptr<TextRecognition> role(new TextRecognition(entry, std::move(network)));
  const auto characters = role->network_->metadata().find("character");
  if (characters == role->network_->metadata().end()) {
    return Error{ErrorCode::kBadModel,
                 entry.file + ": it has no metadata \"character\", the list of its characters",
                 "use a recognition model exported with its character list"};
  }
  role->charset_ = split_lines(characters->second);
  role->charset_.push_back(" ");
  const Result<double> height = entry.number("height");
  if (!height) return height.error();
  role->height_ = static_cast<int>(*height);
  const Result<std::vector<int64_t>> widths = entry.list("widths"),
                                     batches = entry.list("batch_cuda");
  if (!widths) return widths.error();
  if (!batches) return batches.error();
  if (widths->size() != batches->size() || !std::is_sorted(widths->begin(), widths->end()) ||
      (*widths)[0] < 8) {
    return Error{ErrorCode::kBadModel,
                 "manifest.toml: the model for " + entry.role +
                     ": settings.widths must rise, with one batch_cuda for each",
                 "correct the two lists"};
  }
  role->widths_ = *widths;
  role->batches_ = *batches;
  if (!role->network_->device().is_cuda())
    std::fill(role->batches_.begin(), role->batches_.end(), 1);
  return role;
}

std::vector<RecognisedText> TextRecognition::run(std::span<const ImageView> lines) const {
  // A line that is too long for the widest bucket is cut between words.
  std::vector<Image> pieces;
  std::vector<LinePieces> parts;
  for (const ImageView& line : lines) {
    parts.push_back(cut_line(line, height_, static_cast<int>(widths_.back()), pieces));
  }
  std::vector<RecognisedText> texts = run_pieces(pieces);
  std::vector<RecognisedText> results;
  for (const LinePieces& part : parts) results.push_back(join_pieces(part, texts));
  return results;
}

std::vector<RecognisedText> TextRecognition::run_pieces(const std::vector<Image>& pieces) const {
  std::vector<RecognisedText> results(pieces.size());
  std::vector<InputShape> shapes;
  for (const Image& piece : pieces) {
    const int64_t width = *std::lower_bound(widths_.begin(), widths_.end(), piece.width);
    shapes.push_back({static_cast<int>(width), height_});
  }
  const auto batch_of = [&](InputShape shape) {
    const auto found = std::lower_bound(widths_.begin(), widths_.end(), shape.width);
    return batches_[static_cast<size_t>(found - widths_.begin())];
  };
  for_each_batch(
      shapes, batch_of, [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows, shape, entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          batch.place(static_cast<int64_t>(i), pieces[members[i]].view());
        }
        // [rows, steps, classes]: never copied to the host, only the best class of each step and
        // its probability.
        const at::Tensor logits = network_->run_one(batch.tensor());
        c10::InferenceMode guard;
        const auto [best, index] = at::max(logits, -1, /*keepdim=*/true);
        const at::Tensor sum = at::sum(at::exp(at::sub(logits, best)), {-1}, false, at::kFloat);
        const at::Tensor probabilities = to_host(at::reciprocal(sum));
        const at::Tensor classes = index.squeeze(-1).to(at::kCPU, at::kInt).contiguous();
        const size_t steps = static_cast<size_t>(classes.size(1));
        const float step_width = static_cast<float>(shape.width) / static_cast<float>(steps);
        for (size_t i = 0; i < members.size(); ++i) {
          results[members[i]] =
              decode_ctc({classes.const_data_ptr<int32_t>() + i * steps, steps},
                         {probabilities.const_data_ptr<float>() + i * steps, steps}, charset_,
                         step_width, static_cast<float>(pieces[members[i]].width));
        }
      });
  return results;
}

}  // namespace pdf2md::models
