#include "models/roles/slanet_decoder.h"

namespace pdf2md::models {

namespace {

// How often the end is looked for: each look waits for the device.
constexpr int64_t kStepsBetweenLooks = 16;

// Of two layers in a row: weights [in, middle] and [middle, out] → [out, in].
std::pair<at::Tensor, at::Tensor> merged(const at::Tensor& weight1, const at::Tensor& bias1,
                                         const at::Tensor& weight2, const at::Tensor& bias2) {
  const at::Tensor w1 = weight1.to(at::kDouble), w2 = weight2.to(at::kDouble);
  const at::Tensor weight = at::matmul(w1, w2).t().contiguous().to(weight1.scalar_type());
  const at::Tensor bias = at::add(at::matmul(bias1.to(at::kDouble), w2), bias2.to(at::kDouble));
  return {weight, bias.to(weight1.scalar_type())};
}

}  // namespace

std::vector<std::string> SlanetDecoder::weight_names() {
  return {"linear_0.w_0",   "linear_1.w_0",   "linear_1.b_0",   "linear_2.w_0",
          "gru_cell_0.w_0", "gru_cell_0.b_0", "gru_cell_0.w_1", "gru_cell_0.b_1",
          "linear_3.w_0",   "linear_3.b_0",   "linear_4.w_0",   "linear_4.b_0",
          "linear_5.w_0",   "linear_5.b_0",   "linear_6.w_0",   "linear_6.b_0"};
}

Result<std::unique_ptr<SlanetDecoder>> SlanetDecoder::create(const onnx::Network& network) {
  for (const std::string& name : weight_names()) {
    if (network.constant(name).defined()) continue;
    return Error{ErrorCode::kBadModel, "the table structure model has no weight " + name,
                 "use the SLANet-plus file that the manifest names"};
  }
  try {
    c10::InferenceMode guard;
    std::unique_ptr<SlanetDecoder> decoder(new SlanetDecoder);
    const auto weight = [&](const char* name) { return network.constant(name); };
    decoder->key_weight_ = weight("linear_0.w_0").t().contiguous();
    decoder->query_weight_ = weight("linear_1.w_0").t().contiguous();
    decoder->query_bias_ = weight("linear_1.b_0");
    decoder->energy_weight_ = weight("linear_2.w_0").t().contiguous();
    decoder->gru_input_weight_ = weight("gru_cell_0.w_0");
    decoder->gru_input_bias_ = weight("gru_cell_0.b_0");
    decoder->gru_hidden_weight_ = weight("gru_cell_0.w_1");
    decoder->gru_hidden_bias_ = weight("gru_cell_0.b_1");
    std::tie(decoder->structure_weight_, decoder->structure_bias_) =
        merged(weight("linear_3.w_0"), weight("linear_3.b_0"), weight("linear_4.w_0"),
               weight("linear_4.b_0"));
    std::tie(decoder->box_weight_, decoder->box_bias_) =
        merged(weight("linear_5.w_0"), weight("linear_5.b_0"), weight("linear_6.w_0"),
               weight("linear_6.b_0"));
    decoder->one_hot_ = at::eye(decoder->classes(), decoder->key_weight_.options());
    return decoder;
  } catch (const c10::Error& error) {
    return Error{
        ErrorCode::kBadModel,
        std::string("the table structure model's decoder: ") + error.what_without_backtrace(),
        "use the SLANet-plus file that the manifest names"};
  }
}

SlanetDecoder::Output SlanetDecoder::run(const at::Tensor& features, int64_t end_token,
                                         int64_t max_steps) const {
  c10::InferenceMode guard;
  const int64_t rows = features.size(0);
  const at::Tensor keys = at::linear(features, key_weight_);
  at::Tensor hidden = at::zeros({rows, gru_hidden_weight_.size(1)}, features.options());
  at::Tensor token = at::zeros({rows}, features.options().dtype(at::kLong));
  at::Tensor ended = at::zeros({rows}, features.options().dtype(at::kBool));
  std::vector<at::Tensor> tokens, probabilities, boxes;
  for (int64_t step = 0; step < max_steps; ++step) {
    // Additive attention: where to look next.
    const at::Tensor query = at::linear(hidden, query_weight_, query_bias_).unsqueeze(1);
    const at::Tensor energy = at::linear(at::tanh(keys + query), energy_weight_);
    const at::Tensor context =
        at::matmul(at::softmax(energy, 1).transpose(1, 2), features).squeeze(1);
    // The GRU cell; its update is h' = z · h + (1 − z) · candidate.
    const at::Tensor input = at::cat({context, one_hot_.index_select(0, token)}, 1);
    const std::vector<at::Tensor> i =
        at::linear(input, gru_input_weight_, gru_input_bias_).chunk(3, 1);
    const std::vector<at::Tensor> h =
        at::linear(hidden, gru_hidden_weight_, gru_hidden_bias_).chunk(3, 1);
    const at::Tensor reset = at::sigmoid(i[0] + h[0]), update = at::sigmoid(i[1] + h[1]);
    const at::Tensor candidate = at::tanh(i[2] + reset * h[2]);
    hidden = (hidden - candidate) * update + candidate;

    const at::Tensor logits = at::linear(hidden, structure_weight_, structure_bias_).to(at::kFloat);
    const auto [probability, best] = at::max(at::softmax(logits, -1), -1);
    token = best;
    tokens.push_back(best);
    probabilities.push_back(probability);
    boxes.push_back(at::sigmoid(at::linear(hidden, box_weight_, box_bias_)));
    ended.logical_or_(at::eq(best, end_token));
    const bool look = (step + 1) % kStepsBetweenLooks == 0;
    if (look && ended.all().item<bool>()) break;
  }
  return {at::stack(tokens, 1).to(at::kCPU, at::kInt).contiguous(),
          at::stack(probabilities, 1).to(at::kCPU, at::kFloat).contiguous(),
          at::stack(boxes, 1).to(at::kCPU, at::kFloat).contiguous()};
}

}  // namespace pdf2md::models
