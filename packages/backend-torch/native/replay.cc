// The other half of recording.h: what was written down is run again.
#include <ATen/core/stack.h>

#include "environment.h"
#include "operators.h"
#include "recording.h"

namespace haste {

Recording::Replayed Recording::replay(Environment& environment, const std::vector<uint32_t>& inputs, bool asGraph) {
  Replayed replayed;
  replayed.refused = misfit(environment, inputs);
  if (!replayed.refused.empty()) return replayed;
  std::vector<at::Tensor> values = start(environment, inputs);
  // What libtorch sets up at a first run, such as workspaces, cannot be captured.
  if (!asGraph || !warm_ || !onDevice(values)) {
    warm_ = true;
    run(environment, values);
    replayed.outputs = outputsOf(values);
    return replayed;
  }
  std::vector<at::Tensor> given;
  for (const uint32_t input : inputs) given.push_back(environment.handles.get(input));
  // Code that took a step in between may have put a parameter elsewhere. The old graph's memory goes before there is a new one.
  if (graph_ && !graph_->fits(given)) graph_.reset();
  if (!graph_) {
    std::vector<bool> written(inputs.size());
    for (const int64_t input : written_) written[input] = true;
    values.clear();
    graph_ = captureGraph(given, written, [&](const std::vector<at::Tensor>& kept) {
      std::vector<at::Tensor> own = start(environment, inputs);
      for (size_t slot = 0; slot < places_.size(); slot++) {
        if (places_[slot].origin == Origin::input) own[slot] = kept[places_[slot].from];
      }
      run(environment, own);
      return outputsOf(own);
    });
  }
  replayed.outputs = graph_->launch(given);
  return replayed;
}

std::string Recording::misfit(const Environment& environment, const std::vector<uint32_t>& inputs) const {
  if (inputs.size() != inputs_) return "it takes " + std::to_string(inputs_) + " inputs";
  for (const Place& place : places_) {
    if (place.origin != Origin::input) continue;
    const at::Tensor& tensor = environment.handles.get(inputs[place.from]);
    const bool fits = tensor.sizes() == at::IntArrayRef(place.sizes) && tensor.scalar_type() == place.dtype;
    if (!fits) return "an input has another shape";
  }
  for (const int64_t input : written_) {
    if (!environment.handles.exclusive(inputs[input])) return "somebody else sees what it writes to";
  }
  for (const Place& place : places_) {
    if (place.origin == Origin::lasting && !environment.handles.has(place.from)) return "a tensor that it reads is gone";
  }
  return "";
}

std::vector<at::Tensor> Recording::start(const Environment& environment, const std::vector<uint32_t>& inputs) const {
  std::vector<at::Tensor> values(places_.size());
  for (size_t slot = 0; slot < places_.size(); slot++) {
    const Place& place = places_[slot];
    if (place.origin == Origin::input) values[slot] = environment.handles.get(inputs[place.from]);
    if (place.origin == Origin::lasting) values[slot] = environment.handles.get(place.from);
    if (place.origin == Origin::made) values[slot] = place.made;
  }
  return values;
}

void Recording::run(Environment& environment, std::vector<at::Tensor>& values) const {
  const auto at = [&](Slot slot) { return slot == kNone ? at::Tensor() : values[slot]; };
  const auto argumentOf = [&](const Value& value) -> c10::IValue {
    switch (value.form) {
      case Form::constant: return value.constant;
      case Form::tensor: return at(value.slots[0]);
      case Form::tensors: {
        c10::List<at::Tensor> list;
        list.reserve(value.slots.size());
        for (const Slot slot : value.slots) list.push_back(at(slot));
        return list;
      }
      case Form::optionalTensors: {
        c10::List<c10::optional<at::Tensor>> list;
        for (const Slot slot : value.slots) {
          list.push_back(slot == kNone ? c10::nullopt : c10::optional<at::Tensor>(at(slot)));
        }
        return list;
      }
    }
    return {};
  };
  torch::jit::Stack stack;
  for (const Call& call : calls_) {
    stack.clear();
    for (const Value& argument : call.arguments) stack.push_back(argumentOf(argument));
    callOperator(environment, environment.operators[call.op], stack);
    for (size_t i = 0; i < call.results.size(); i++) {
      const Value& result = call.results[i];
      if (result.form == Form::tensor && result.slots[0] != kNone) values[result.slots[0]] = stack[i].toTensor();
      if (result.form != Form::tensors) continue;
      const c10::List<at::Tensor> list = stack[i].toTensorList();
      for (size_t j = 0; j < result.slots.size(); j++) {
        if (result.slots[j] != kNone) values[result.slots[j]] = list.get(j);
      }
    }
    stack.clear();
    for (const Slot slot : call.freed) values[slot].reset();
  }
}

std::vector<at::Tensor> Recording::outputsOf(const std::vector<at::Tensor>& values) const {
  std::vector<at::Tensor> outputs;
  for (const Slot slot : outputs_) {
    const bool own = slot != kNone && places_[slot].origin == Origin::result;
    outputs.push_back(own ? values[slot] : at::Tensor());
  }
  return outputs;
}

bool Recording::onDevice(const std::vector<at::Tensor>& values) const { return !values.empty() && !values[0].is_cpu(); }

}  // namespace haste
