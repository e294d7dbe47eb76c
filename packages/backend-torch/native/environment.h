// What one JavaScript environment (the main thread, or a worker) holds: nothing of it is shared between threads.
#pragma once
#include "napi.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/InferenceMode.h>

#include <memory>
#include <unordered_map>
#include <vector>

namespace haste {

class Recording;

/**
 * Tensors by handle. A handle is a small integer: 20 bits of place, 11 bits of generation, so that a handle used after its
 * tensor was disposed is recognised although the place has a new tenant.
 */
class Handles {
 public:
  uint32_t put(at::Tensor&& tensor);
  /** Throws for a handle that is not alive. */
  const at::Tensor& get(double handle) const;
  void dispose(double handle);
  size_t alive() const { return places_.size() - free_.size(); }
  bool has(uint32_t handle) const;
  /** Whether each element has memory that nothing else shows, so that it may be written in place. */
  bool exclusive(double handle) const;
  /** Calls f(handle, tensor) for each that is alive. */
  template <class F>
  void forEach(F f) const {
    for (uint32_t index = 0; index < places_.size(); index++) {
      const Place& place = places_[index];
      if (place.tensor.defined()) f(handleOf(index, place.generation), place.tensor);
    }
  }

 private:
  struct Place {
    at::Tensor tensor;
    uint32_t generation = 1;
  };
  static uint32_t handleOf(uint32_t index, uint32_t generation);
  size_t indexOf(double handle) const;
  std::vector<Place> places_;
  std::vector<uint32_t> free_;
};

/** How an argument of an operator is read from JavaScript: decided once, from the operator's schema. */
enum class Kind : uint8_t {
  tensor, tensors, optionalTensors, integer, integers, number, numbers, flag, flags, scalar, scalars, text, device,
  generator, unsupported,
};

struct Parameter {
  std::string name;
  Kind kind = Kind::unsupported;
  bool optional = false;
  /** Length of a fixed-size list that may be given as one number; 0 for others. */
  int length = 0;
  c10::optional<c10::IValue> preset;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  /** Calls and nanoseconds, counted while profiling. */
  uint64_t calls = 0;
  double nanoseconds = 0;
};

struct Environment {
  Handles handles;
  std::vector<Operator> operators;
  std::unordered_map<std::string, uint32_t> operatorIds;
  /** Shared with JavaScript: [n, then for each tensor returned: handle, dtype, rank, dimensions…]. */
  double* description = nullptr;
  size_t descriptionLength = 0;
  size_t described = 0;
  bool profiling = false;
  /** The one under way, and those that ended, by id. */
  std::shared_ptr<Recording> recording;
  std::unordered_map<uint32_t, std::shared_ptr<Recording>> recordings;
  uint32_t lastRecording = 0;
  /** No autograd: TensorFlow.js' tape differentiates. For the life of the environment, on its thread. */
  c10::InferenceMode inference{true};
};

Environment& environmentOf(napi_env env);

/** Writes handle, dtype and shape of a tensor to the shared description. */
void describe(Environment& environment, uint32_t handle);

/** Stores a tensor, describes it and returns its handle. */
napi_value giveTensor(napi_env env, at::Tensor&& tensor);

c10::IValue toIValue(napi_env env, const Parameter& parameter, napi_value value);
napi_value fromIValue(napi_env env, c10::IValue&& value);

}  // namespace haste
