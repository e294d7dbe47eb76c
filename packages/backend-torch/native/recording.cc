#include "recording.h"

#include <algorithm>

#include "environment.h"

namespace haste {

Recording::Recording(const Environment& environment, const std::vector<uint32_t>& inputs)
    : environment_(&environment), inputs_(static_cast<uint32_t>(inputs.size())) {
  environment.handles.forEach([&](uint32_t handle, const at::Tensor& tensor) {
    lasting_.emplace(tensor.unsafeGetTensorImpl(), handle);
  });
  for (uint32_t i = 0; i < inputs.size(); i++) {
    const at::Tensor& tensor = environment.handles.get(inputs[i]);
    add(tensor, inputLike(tensor, i));
  }
}

Recording::Place Recording::inputLike(const at::Tensor& tensor, uint32_t index) {
  Place place{Origin::input, index};
  place.sizes = tensor.sizes().vec();
  place.dtype = tensor.scalar_type();
  return place;
}

void Recording::spoil(const std::string& reason) {
  if (spoiled_.empty()) spoiled_ = reason;
}

Recording::Slot Recording::add(const at::Tensor& tensor, Place&& place) {
  const auto slot = static_cast<Slot>(places_.size());
  places_.push_back(std::move(place));
  known_[tensor.unsafeGetTensorImpl()] = slot;
  return slot;
}

void Recording::made(const at::Tensor& tensor) {
  Place place{Origin::made};
  place.made = tensor;
  add(tensor, std::move(place));
}

/** Identity serves: a tensor that dies gives its address only to one that a call or JavaScript makes, which is noted anew. */
Recording::Slot Recording::slotOf(const at::Tensor& tensor) {
  if (!tensor.defined()) return kNone;
  const c10::TensorImpl* identity = tensor.unsafeGetTensorImpl();
  const auto known = known_.find(identity);
  if (known != known_.end()) return known->second;
  const auto lasting = lasting_.find(identity);
  TORCH_CHECK(lasting != lasting_.end(), "A tensor came from nowhere while a step was recorded.");
  return add(tensor, Place{Origin::lasting, lasting->second});
}

Recording::Value Recording::valueOf(const c10::IValue& value) {
  Value noted;
  if (value.isTensor()) {
    noted.form = Form::tensor;
    noted.slots = {slotOf(value.toTensor())};
  } else if (value.isTensorList()) {
    noted.form = Form::tensors;
    for (const at::Tensor& tensor : value.toTensorVector()) noted.slots.push_back(slotOf(tensor));
  } else if (value.isList() && value.toList().elementType()->kind() == c10::TypeKind::OptionalType) {
    noted.form = Form::optionalTensors;
    for (const c10::IValue& element : value.toListRef()) {
      noted.slots.push_back(element.isNone() ? kNone : slotOf(element.toTensor()));
    }
  } else {
    noted.constant = value;
  }
  return noted;
}

void Recording::before(uint32_t op, const torch::jit::Stack& arguments) {
  Call call{op};
  for (const c10::IValue& argument : arguments) call.arguments.push_back(valueOf(argument));
  calls_.push_back(std::move(call));
}

void Recording::after(const torch::jit::Stack& results) {
  Call& call = calls_.back();
  for (const c10::IValue& result : results) call.results.push_back(resultOf(result, call));
  markWritten(call);
}

Recording::Value Recording::resultOf(const c10::IValue& value, const Call& call) {
  Value noted;
  const auto slotFor = [&](const at::Tensor& tensor) {
    if (!tensor.defined()) return kNone;
    // An operator may return what it was given.
    const auto known = known_.find(tensor.unsafeGetTensorImpl());
    const bool given = known != known_.end() && std::any_of(call.arguments.begin(), call.arguments.end(), [&](auto& a) {
      return std::find(a.slots.begin(), a.slots.end(), known->second) != a.slots.end();
    });
    return given ? known->second : add(tensor, Place{Origin::result});
  };
  if (value.isTensor()) {
    noted.form = Form::tensor;
    noted.slots = {slotFor(value.toTensor())};
  } else if (value.isTensorList()) {
    noted.form = Form::tensors;
    for (const at::Tensor& tensor : value.toTensorVector()) noted.slots.push_back(slotFor(tensor));
  } else if (!value.isNone()) {
    spoil(environment_->operators[call.op].handle.schema().name() + " gave a number to JavaScript");
  }
  return noted;
}

void Recording::markWritten(const Call& call) {
  const auto& arguments = environment_->operators[call.op].handle.schema().arguments();
  for (size_t i = 0; i < arguments.size(); i++) {
    if (!arguments[i].alias_info() || !arguments[i].alias_info()->isWrite()) continue;
    for (const Slot slot : call.arguments[i].slots) {
      if (slot == kNone) continue;
      const Place& place = places_[slot];
      if (place.origin == Origin::input) written_.push_back(place.from);
      else if (place.origin != Origin::result) spoil("it writes to a tensor that is not the step's own");
    }
  }
}

void Recording::finish(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& late) {
  for (const at::Tensor& tensor : late) places_[slotOf(tensor)] = inputLike(tensor, inputs_++);
  for (const at::Tensor& output : outputs) {
    outputs_.push_back(slotOf(output));
    const Origin origin = places_[outputs_.back()].origin;
    if (origin == Origin::lasting || origin == Origin::made) spoil("it returns a tensor that it did not compute");
  }
  std::sort(written_.begin(), written_.end());
  written_.erase(std::unique(written_.begin(), written_.end()), written_.end());
  markFreed();
  known_.clear();
  lasting_.clear();
}

std::vector<int64_t> Recording::kept() const {
  std::vector<int64_t> inputs;
  for (const Slot slot : outputs_) {
    const bool input = slot != kNone && places_[slot].origin == Origin::input;
    inputs.push_back(input ? static_cast<int64_t>(places_[slot].from) : -1);
  }
  return inputs;
}

/** The last call that mentions a result frees it. */
void Recording::markFreed() {
  std::vector<bool> done(places_.size());
  for (const Slot slot : outputs_) {
    if (slot != kNone) done[slot] = true;
  }
  for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
    for (const std::vector<Value>* values : {&call->arguments, &call->results}) {
      for (const Value& value : *values) {
        for (const Slot slot : value.slots) {
          if (slot == kNone || done[slot] || places_[slot].origin != Origin::result) continue;
          done[slot] = true;
          call->freed.push_back(slot);
        }
      }
    }
  }
}

std::string Recording::difference(const Recording& other, const Environment& environment) const {
  const auto nameOf = [&](const Call& call) { return environment.operators[call.op].handle.schema().name(); };
  if (calls_.size() != other.calls_.size()) {
    return "it makes " + std::to_string(calls_.size()) + " calls once and " + std::to_string(other.calls_.size()) +
           " another time";
  }
  const auto same = [](const Value& a, const Value& b) {
    return a.form == b.form && a.slots == b.slots && a.constant == b.constant;
  };
  for (size_t i = 0; i < calls_.size(); i++) {
    const Call &mine = calls_[i], &theirs = other.calls_[i];
    if (mine.op != theirs.op) return "it calls " + nameOf(mine) + " once and " + nameOf(theirs) + " another time";
    const auto alike = [&](const std::vector<Value>& a, const std::vector<Value>& b) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    };
    if (!alike(mine.arguments, theirs.arguments) || !alike(mine.results, theirs.results)) {
      return "what " + nameOf(mine) + " is given changes";
    }
  }
  if (outputs_ != other.outputs_ || places_.size() != other.places_.size()) return "its results change";
  for (size_t slot = 0; slot < places_.size(); slot++) {
    const Place &mine = places_[slot], &theirs = other.places_[slot];
    const bool alike = mine.origin == theirs.origin && mine.from == theirs.from && mine.sizes == theirs.sizes &&
                       mine.dtype == theirs.dtype;
    if (!alike) return "the tensors that it works on change";
    const bool asMade = mine.origin != Origin::made ||
                        (mine.made.sizes() == theirs.made.sizes() && at::equal(mine.made, theirs.made));
    if (!asMade) return "numbers that it puts on the backend change, of shape " + c10::str(mine.made.sizes());
  }
  return "";
}

}  // namespace haste
