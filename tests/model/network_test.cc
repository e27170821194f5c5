// Every network against ONNX Runtime (tests/model/reference.py wrote its numbers).
#include "models/onnx/network.h"

#include <random>

#include "models/manifest.h"
#include "models/roles/input.h"
#include "models/roles/slanet_decoder.h"
#include "support.h"

#include "catch.h"

using namespace pdf2md;
using namespace pdf2md::models;
using namespace pdf2md::models::test;

namespace {

struct Agreement {
  size_t crops = 0;
  double max_difference = 0;
  size_t best_same = 0, best_all = 0;
  double share() const {
    return best_all == 0 ? 1 : static_cast<double>(best_same) / static_cast<double>(best_all);
  }
};

at::Tensor to_tensor(const RawTensor& raw) {
  return at::tensor(at::ArrayRef<float>(raw.values), at::kFloat).reshape(raw.sizes);
}

void note(Agreement& agreement, const at::Tensor& ours, const at::Tensor& theirs) {
  REQUIRE(ours.sizes() == theirs.sizes());
  if (ours.numel() == 0) return;
  agreement.max_difference =
      std::max(agreement.max_difference, at::abs(ours - theirs).max().item<double>());
}

void note_best(Agreement& agreement, const at::Tensor& ours, const at::Tensor& theirs) {
  REQUIRE(ours.sizes() == theirs.sizes());
  agreement.best_all += static_cast<size_t>(ours.numel());
  agreement.best_same += static_cast<size_t>(at::eq(ours, theirs).sum().item<int64_t>());
}

void compare_table(Agreement& agreement, const onnx::Network& network, const SlanetDecoder& decoder,
                   const at::Tensor& input, const at::Tensor& boxes,
                   const at::Tensor& probabilities) {
  const int64_t end = decoder.classes() - 1;
  const SlanetDecoder::Output ours = decoder.run(network.run_one(input), end, 500);
  const auto [best, index] = at::max(probabilities, -1);
  for (int64_t row = 0; row < boxes.size(0); ++row) {
    const at::Tensor ends = at::nonzero(at::eq(index[row], end));
    const int64_t steps = ends.numel() > 0 ? ends[0].item<int64_t>() + 1 : index.size(1);
    REQUIRE(ours.tokens.size(1) >= steps);
    const auto part = [&](const at::Tensor& t) { return t[row].slice(0, 0, steps); };
    note_best(agreement, part(ours.tokens), part(index).to(at::kInt));
    note(agreement, part(ours.probabilities), part(best));
    note(agreement, part(ours.boxes), part(boxes));
  }
}

Agreement compare(const std::string& role, const std::string& device) {
  const Result<Manifest> manifest = read_manifest(model_directory());
  if (!manifest) FAIL(to_string(manifest.error()));
  const Result<const ModelEntry*> entry = manifest->find(role);
  REQUIRE(entry.ok());
  const Result<DeviceInfo> info = open_device(device);
  if (!info) FAIL(to_string(info.error()));
  const Result<std::string> bytes = read_model_file(*manifest, **entry);
  if (!bytes) FAIL(to_string(bytes.error()));
  onnx::NetworkOptions options;
  options.device = at::Device(info->id);
  options.dtype = info->cuda ? at::kHalf : at::kFloat;
  const bool table = role == "table-structure";
  if (table) options.outputs = (*entry)->outputs, options.keep = SlanetDecoder::weight_names();
  const Result<std::unique_ptr<onnx::Network>> network = onnx::Network::load(*bytes, options);
  if (!network) FAIL(to_string(network.error()));
  std::unique_ptr<SlanetDecoder> decoder;
  if (table) decoder = std::move(*SlanetDecoder::create(**network));

  c10::InferenceMode guard;
  Agreement agreement;
  const std::string suffix = ".input.bin";
  for (const std::string& path : files(reference_directory() + "/" + role, suffix)) {
    const std::string stem = path.substr(0, path.size() - suffix.size());
    const at::Tensor input = to_tensor(read_tensor(path))
                                 .contiguous(at::MemoryFormat::ChannelsLast)
                                 .to(options.device, options.dtype);
    std::vector<at::Tensor> expected;
    for (const std::string& output : files(reference_directory() + "/" + role, ".bin")) {
      if (output.starts_with(stem + ".output")) expected.push_back(to_tensor(read_tensor(output)));
    }
    REQUIRE_FALSE(expected.empty());
    agreement.crops += static_cast<size_t>(input.size(0));
    if (table) {
      compare_table(agreement, **network, *decoder, input, expected[0], expected[1]);
      continue;
    }
    std::vector<at::Tensor> outputs = (*network)->run({input});
    for (at::Tensor& output : outputs) output = HostCopy(output).wait();
    if (role == "text-recognition") {
      const auto [best, index] = at::max(outputs[0], -1);
      note_best(agreement, index.to(at::kFloat), expected[0]);
      note(agreement, best, expected[1]);
      note(agreement, outputs[0].slice(-1, 0, std::nullopt, 61), expected[2]);
      continue;
    }
    REQUIRE(outputs.size() == expected.size());
    for (size_t i = 0; i < outputs.size(); ++i) note(agreement, outputs[i], expected[i]);
    if (role == "text-detection") {
      note_best(agreement, at::gt(outputs[0], 0.3), at::gt(expected[0], 0.3));
    } else if (role == "layout") {
      for (size_t i = 0; i < 4; ++i)
        note_best(agreement, at::gt(outputs[i], 0.4), at::gt(expected[i], 0.4));
    } else {
      note_best(agreement, outputs[0].argmax(-1), expected[0].argmax(-1));
    }
  }
  std::printf("%-18s %-6s %3zu crops  max abs diff %.2e  decisions equal %zu of %zu (%.4f %%)\n",
              role.c_str(), info->id.c_str(), agreement.crops, agreement.max_difference,
              agreement.best_same, agreement.best_all, agreement.share() * 100);
  return agreement;
}

const char* const kRoles[] = {"text-detection",   "text-recognition", "line-orientation",
                              "page-orientation", "layout",           "table-structure"};

}  // namespace

TEST_CASE("every network gives ONNX Runtime's numbers", "[reference]") {
  const std::string device = test_device();
  const bool cuda = device.starts_with("cuda");
  for (const char* role : kRoles) {
    INFO(role);
    const Agreement agreement = compare(role, device);
    CHECK(agreement.crops >= 64);
    CHECK(agreement.max_difference < (cuda ? 0.5 : 2e-4));
    CHECK(agreement.share() >= (cuda ? 0.995 : 0.99999));
  }
}

TEST_CASE("every network in half precision on CUDA stays near ONNX Runtime's numbers", "[.cuda]") {
  for (const char* role : kRoles) {
    INFO(role);
    const Agreement agreement = compare(role, "cuda");
    CHECK(agreement.crops >= 64);
    CHECK(agreement.share() >= 0.995);
  }
}

TEST_CASE("an altered model file is refused, with both hashes", "[models]") {
  const Result<Manifest> manifest = read_manifest(model_directory());
  REQUIRE(manifest.ok());
  ModelEntry entry = manifest->models.front();
  const std::string right = entry.sha256;
  entry.sha256 = std::string(64, '0');
  const Result<std::string> bytes = read_model_file(*manifest, entry);
  REQUIRE_FALSE(bytes.ok());
  CHECK(bytes.error().code == ErrorCode::kBadModel);
  CHECK(bytes.error().message.find(right) != std::string::npos);
  CHECK(bytes.error().message.find(entry.sha256) != std::string::npos);
  CHECK(bytes.error().message.find(entry.file) != std::string::npos);
}

TEST_CASE("a real model cut short or with flipped bits is an error or loads, but does not crash",
          "[models]") {
  const Result<Manifest> manifest = read_manifest(model_directory());
  REQUIRE(manifest.ok());
  const Result<const ModelEntry*> entry = manifest->find("line-orientation");
  REQUIRE(entry.ok());
  const Result<std::string> bytes = read_model_file(*manifest, **entry);
  REQUIRE(bytes.ok());
  std::mt19937 random(7);
  size_t refused = 0;
  for (int round = 0; round < 40; ++round) {
    const std::string part = bytes->substr(0, random() % bytes->size());
    const Result<std::unique_ptr<onnx::Network>> network = onnx::Network::load(part, {});
    if (!network) ++refused;
  }
  CHECK(refused == 40);
  for (int round = 0; round < 60; ++round) {
    std::string altered = *bytes;
    // Structure more often than weights: it lies between and after them.
    for (int flips = 0; flips < 20; ++flips)
      altered[random() % altered.size()] ^= static_cast<char>(1u << random() % 8);
    const Result<std::unique_ptr<onnx::Network>> network = onnx::Network::load(altered, {});
    if (!network) CHECK(network.error().code == ErrorCode::kBadModel);
  }
}
