// A training step, written down as the operator calls that it makes, to be run again without JavaScript.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph.h"

namespace haste {

struct Environment;

/**
 * Calls in order, over numbered slots that hold tensors. Where a slot's tensor comes from decides what a repetition does:
 * an input is given anew each time, a lasting tensor (a teacher's weight) is looked up by its handle, one that was made from
 * numbers in between is kept, and the rest are results of calls. Results are freed after their last use.
 */
class Recording {
 public:
  explicit Recording(const Environment& environment, const std::vector<uint32_t>& inputs);

  /** Around each call: what it was given, and what it returned. */
  void before(uint32_t op, const torch::jit::Stack& arguments);
  void after(const torch::jit::Stack& results);
  /** A tensor made from numbers of JavaScript. */
  void made(const at::Tensor& tensor);
  /** JavaScript saw a number, on which what follows may depend: no repetition is the same. The first reason stays. */
  void spoil(const std::string& reason);
  /** Ends the recording. @param late tensors made in between that are inputs, too: they follow the others. */
  void finish(const std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& late);

  /** Why it cannot be repeated, or nothing. */
  const std::string& spoiled() const { return spoiled_; }
  /** Where two recordings of the same code part, or nothing: then neither depends on when it was made. */
  std::string difference(const Recording& other, const Environment& environment) const;
  /** Indices of the inputs that are written in place. */
  const std::vector<int64_t>& written() const { return written_; }
  /** Of each output, the index of the input that it is, or −1. */
  std::vector<int64_t> kept() const;

  struct Replayed {
    /** Why nothing was run, or nothing: an input of another shape, memory that somebody else sees, a lost tensor. */
    std::string refused;
    /** Undefined where an output is one of the inputs, written in place. */
    std::vector<at::Tensor> outputs;
  };
  /** @param asGraph on a GPU: captured at the second repetition, and then launched as one graph. */
  Replayed replay(Environment& environment, const std::vector<uint32_t>& inputs, bool asGraph);

 private:
  using Slot = int32_t;
  static constexpr Slot kNone = -1;

  enum class Form : uint8_t { constant, tensor, tensors, optionalTensors };
  struct Value {
    Form form = Form::constant;
    c10::IValue constant;
    std::vector<Slot> slots;
  };
  struct Call {
    uint32_t op;
    std::vector<Value> arguments, results;
    std::vector<Slot> freed;
  };
  enum class Origin : uint8_t { input, lasting, made, result };
  struct Place {
    Origin origin;
    /** Of an input, its index; of a lasting tensor, its handle. */
    uint32_t from = 0;
    at::Tensor made;
    /** What an input must be like. */
    std::vector<int64_t> sizes;
    at::ScalarType dtype = at::kFloat;
  };

  Slot slotOf(const at::Tensor& tensor);
  Slot add(const at::Tensor& tensor, Place&& place);
  static Place inputLike(const at::Tensor& tensor, uint32_t index);
  Value valueOf(const c10::IValue& value);
  Value resultOf(const c10::IValue& value, const Call& call);
  void markWritten(const Call& call);
  void markFreed();
  std::string misfit(const Environment& environment, const std::vector<uint32_t>& inputs) const;
  std::vector<at::Tensor> start(const Environment& environment, const std::vector<uint32_t>& inputs) const;
  void run(Environment& environment, std::vector<at::Tensor>& values) const;
  std::vector<at::Tensor> outputsOf(const std::vector<at::Tensor>& values) const;
  bool onDevice(const std::vector<at::Tensor>& values) const;

  const Environment* environment_;
  std::vector<Call> calls_;
  std::vector<Place> places_;
  uint32_t inputs_;
  std::vector<Slot> outputs_;
  std::vector<int64_t> written_;
  std::string spoiled_;
  /** While recording: tensors by identity; those that lived before it began, by handle. */
  std::unordered_map<const c10::TensorImpl*, Slot> known_;
  std::unordered_map<const c10::TensorImpl*, uint32_t> lasting_;
  std::unique_ptr<Graph> graph_;
  bool warm_ = false;
};

}  // namespace haste
