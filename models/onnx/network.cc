#include "models/onnx/network.h"

#include "models/onnx/fusion.h"

namespace pdf2md::models::onnx {

namespace {

Error bad_model(const std::string& why) {
  return Error{
      ErrorCode::kBadModel, "the network cannot be run: " + why,
      "use the file that the manifest was written for, or a network of the same role whose "
      "operators are supported"};
}

}  // namespace

Result<std::unique_ptr<Network>> Network::load(std::string_view bytes,
                                               const NetworkOptions& options) {
  Result<ModelData> data = parse_model(bytes);
  if (!data) return data.error();
  try {
    c10::InferenceMode guard;
    std::unique_ptr<Network> network(new Network);
    network->device_ = options.device;
    network->dtype_ = options.dtype;
    network->metadata_ = data->metadata;

    for (const std::string& name : options.keep) {
      for (const TensorData& tensor : data->graph.initializers) {
        if (tensor.name == name) network->kept_[name] = to_tensor(tensor);
      }
      for (const NodeData& node : data->graph.nodes) {
        if (node.op != "Constant" || node.outputs[0] != name) continue;
        for (const Attribute& attribute : node.attributes) {
          if (attribute.kind == Attribute::Kind::kTensor)
            network->kept_[name] = to_tensor(attribute.tensor);
        }
      }
    }
    for (auto& [name, tensor] : network->kept_) tensor = tensor.to(options.device, options.dtype);

    Graph graph = build_graph(std::move(*data), options.outputs);
    fuse(graph);
    if (options.device.is_cuda() && options.dtype == at::kHalf) {
      fuse_for_cuda(graph);
      if (options.best_class) fuse_best_class(graph);
    }
    network->compile(graph);
    return network;
  } catch (const c10::Error& error) {
    return bad_model(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return bad_model(error.what());
  }
}

void Network::compile(const Graph& graph) {
  const Target target{device_, dtype_, graph.opset};
  std::unordered_map<std::string, int> slots;
  const auto new_slot = [&](const std::string& name, at::Tensor value) {
    TORCH_CHECK(!slots.contains(name), "the value ", name, " is computed twice");
    const int slot = static_cast<int>(initial_.size());
    slots[name] = slot;
    initial_.push_back(std::move(value));
    return slot;
  };
  takes_any_batch_ = device_.is_cuda();
  for (const std::string& input : graph.inputs) input_slots_.push_back(new_slot(input, {}));

  for (const Node& node : graph.nodes) {
    Preparation preparation(graph, node, target);
    PreparedStep step;
    step.op = node.op;
    step.kernel = prepare(preparation);
    takes_any_batch_ = takes_any_batch_ && !preparation.batch_dependent();
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& name = node.inputs[i];
      if (name.empty() || preparation.is_taken(i)) {
        step.inputs.push_back(-1);
      } else if (const auto found = slots.find(name); found != slots.end()) {
        step.inputs.push_back(found->second);
      } else {
        const at::Tensor* constant = graph.constant(name);
        TORCH_CHECK(constant != nullptr, "operator ", node.op, " needs ", name,
                    ", which nothing computes before it");
        step.inputs.push_back(new_slot(name, preparation.on_target(*constant)));
      }
    }
    for (const std::string& output : node.outputs) step.outputs.push_back(new_slot(output, {}));
    steps_.push_back(std::move(step));
  }
  for (const std::string& output : graph.outputs) {
    const auto found = slots.find(output);
    TORCH_CHECK(found != slots.end(), "nothing computes the output ", output);
    output_slots_.push_back(found->second);
    output_names_.push_back(output);
  }

  // From the end: the first step met that touches a slot is the last that needs it.
  std::vector<bool> needed(initial_.size(), false);
  for (const int slot : output_slots_) needed[static_cast<size_t>(slot)] = true;
  for (size_t i = steps_.size(); i-- > 0;) {
    for (const std::vector<int>* list : {&steps_[i].inputs, &steps_[i].outputs}) {
      for (const int slot : *list) {
        if (slot < 0 || needed[static_cast<size_t>(slot)] ||
            initial_[static_cast<size_t>(slot)].defined())
          continue;
        needed[static_cast<size_t>(slot)] = true;
        steps_[i].last_use.push_back(slot);
      }
    }
  }
}

std::vector<at::Tensor> Network::run(const std::vector<at::Tensor>& inputs,
                                     const Runner& runner) const {
  c10::InferenceMode guard;
  TORCH_CHECK(inputs.size() == input_slots_.size(), "the network has ", input_slots_.size(),
              " inputs, not ", inputs.size());
  std::vector<at::Tensor> slots = initial_;
  for (size_t i = 0; i < inputs.size(); ++i)
    slots[static_cast<size_t>(input_slots_[i])] = inputs[i];
  Values in, out;
  for (const PreparedStep& step : steps_) {
    in.clear();
    for (const int slot : step.inputs)
      in.push_back(slot < 0 ? at::Tensor() : slots[static_cast<size_t>(slot)]);
    out.assign(step.outputs.size(), at::Tensor());
    if (runner) {
      runner(
          step.op, [&] { step.kernel(in, out); }, out);
    } else {
      step.kernel(in, out);
    }
    for (size_t i = 0; i < out.size(); ++i)
      slots[static_cast<size_t>(step.outputs[i])] = std::move(out[i]);
    in.clear();
    for (const int slot : step.last_use) slots[static_cast<size_t>(slot)] = at::Tensor();
  }
  std::vector<at::Tensor> results;
  for (const int slot : output_slots_) results.push_back(slots[static_cast<size_t>(slot)]);
  return results;
}

at::Tensor Network::constant(const std::string& name) const {
  const auto found = kept_.find(name);
  return found == kept_.end() ? at::Tensor() : found->second;
}

}  // namespace pdf2md::models::onnx
