#include "models/roles/text_recognition.h"

#include <algorithm>
#include <cmath>
#include <optional>

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

// What is known of one batch: the best class of each step of each row, and how sure it is.
struct BatchOutput {
  // [rows, steps], or in one, [rows, steps, 2].
  std::optional<HostCopy> classes, probabilities, both;

  void of_row(size_t row, std::vector<int32_t>& best, std::vector<float>& how_sure) const {
    const size_t count = static_cast<size_t>((both ? both : classes)->wait().size(1));
    if (both) {
      const float* from = both->wait().const_data_ptr<float>() + row * count * 2;
      for (size_t i = 0; i < count; ++i) {
        best.push_back(static_cast<int32_t>(from[2 * i]));
        how_sure.push_back(from[2 * i + 1]);
      }
      return;
    }
    const int32_t* index = classes->wait().const_data_ptr<int32_t>() + row * count;
    const float* probability = probabilities->wait().const_data_ptr<float>() + row * count;
    best.assign(index, index + count);
    how_sure.assign(probability, probability + count);
  }
};

std::shared_ptr<const BatchOutput> reduced(const at::Tensor& logits, int64_t rows) {
  const auto out = std::make_shared<BatchOutput>();
  if (logits.size(-1) == 2) {  // done already (NetworkOptions::best_class)
    out->both.emplace(logits.slice(0, 0, rows));
    return out;
  }
  // The logits are never copied to the host: they are a thousand times as many.
  if (logits.is_cuda()) {
    const auto [classes, probabilities] = cuda::best_classes(logits.contiguous(), rows);
    out->classes.emplace(classes);
    out->probabilities.emplace(probabilities);
    return out;
  }
  c10::InferenceMode guard;
  const auto [best, index] = at::max(logits, -1, /*keepdim=*/true);
  const at::Tensor sum = at::sum(at::exp(at::sub(logits, best)), {-1}, false, at::kFloat);
  out->classes.emplace(index.squeeze(-1));
  out->probabilities.emplace(at::reciprocal(sum));
  return out;
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

DeferredList<RecognisedText> TextRecognition::run(std::span<const TextLine> lines) const {
  // The pieces of all lines, and where each has gone.
  struct Place {
    const TextLine* line;
    LinePiece piece;
    InputShape shape;
    std::shared_ptr<const BatchOutput> batch;
    size_t row = 0;
  };
  std::vector<Place> places;
  std::vector<InputShape> shapes;
  for (const TextLine& line : lines) {
    for (const LinePiece& piece : line.pieces) {
      const auto width = std::lower_bound(widths_.begin(), widths_.end(), piece.end - piece.begin);
      TORCH_CHECK(width != widths_.end(), "a piece of a line is too wide");
      shapes.push_back({static_cast<int>(*width), height_});
      places.push_back({&line, piece, shapes.back(), nullptr});
    }
  }
  const auto batch_of = [&](InputShape shape) {
    const auto found = std::lower_bound(widths_.begin(), widths_.end(), shape.width);
    return batches_[static_cast<size_t>(found - widths_.begin())];
  };
  for_each_batch(
      shapes, batch_of, [&](InputShape shape, int64_t rows, std::span<const size_t> members) {
        InputBatch batch(rows_to_run(*network_, static_cast<int64_t>(members.size()), rows), shape,
                         entry_, *network_);
        for (size_t i = 0; i < members.size(); ++i) {
          const Place& place = places[members[i]];
          const int width = place.piece.end - place.piece.begin;
          batch.place(static_cast<int64_t>(i),
                      place.line->strip.part(place.piece.begin, 0, width, height_), width, height_);
        }
        const std::shared_ptr<const BatchOutput> output =
            reduced(network_->run_one(batch.tensor()), static_cast<int64_t>(members.size()));
        for (size_t i = 0; i < members.size(); ++i) {
          places[members[i]].batch = output;
          places[members[i]].row = i;
        }
      });

  DeferredList<RecognisedText> results;
  auto next = places.begin();
  for (const TextLine& line : lines) {
    const auto end = next + static_cast<ptrdiff_t>(line.pieces.size());
    results.push_back([this, strip = line.strip, pieces = std::vector<Place>(next, end)] {
      std::vector<RecognisedText> texts;
      std::vector<LinePiece> cuts;
      for (const Place& place : pieces) {
        std::vector<int32_t> classes;
        std::vector<float> probabilities;
        place.batch->of_row(place.row, classes, probabilities);
        texts.push_back(
            decode_ctc(classes, probabilities, charset_,
                       static_cast<float>(place.shape.width) / static_cast<float>(classes.size()),
                       static_cast<float>(place.piece.end - place.piece.begin)));
        cuts.push_back(place.piece);
      }
      return join_pieces(cuts, strip.view.width, texts);
    });
    next = end;
  }
  return results;
}

}  // namespace pdf2md::models
