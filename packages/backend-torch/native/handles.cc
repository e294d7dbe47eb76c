#include "environment.h"

namespace haste {
namespace {
constexpr uint32_t kIndexBits = 20;
constexpr uint32_t kIndexMask = (1u << kIndexBits) - 1;
constexpr uint32_t kGenerations = 1u << 11;
}  // namespace

uint32_t Handles::put(at::Tensor&& tensor) {
  uint32_t index;
  if (free_.empty()) {
    index = static_cast<uint32_t>(places_.size());
    TORCH_CHECK(index <= kIndexMask, "More than ", kIndexMask, " tensors are alive: dispose of those not needed.");
    places_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Place& place = places_[index];
  place.tensor = std::move(tensor);
  return handleOf(index, place.generation);
}

uint32_t Handles::handleOf(uint32_t index, uint32_t generation) { return index | (generation << kIndexBits); }

bool Handles::has(uint32_t handle) const {
  const size_t index = handle & kIndexMask;
  return index < places_.size() && places_[index].tensor.defined() && places_[index].generation == handle >> kIndexBits;
}

bool Handles::exclusive(double handle) const {
  const at::Tensor& tensor = get(handle);
  // A broadcast view shows one element in many places, also when nothing else is left of its base.
  const bool alone = tensor.use_count() == 1 && tensor.storage().use_count() == 1;
  return alone && tensor.is_non_overlapping_and_dense();
}

size_t Handles::indexOf(double handle) const {
  const auto bits = static_cast<uint32_t>(handle);
  const size_t index = bits & kIndexMask;
  TORCH_CHECK(handle >= 0 && handle == bits && has(bits), "The tensor with handle ", handle, " does not exist: it was disposed of, or never made.");
  return index;
}

const at::Tensor& Handles::get(double handle) const { return places_[indexOf(handle)].tensor; }

void Handles::dispose(double handle) {
  const size_t index = indexOf(handle);
  Place& place = places_[index];
  place.tensor.reset();
  place.generation = place.generation + 1 == kGenerations ? 1 : place.generation + 1;
  free_.push_back(static_cast<uint32_t>(index));
}

void describe(Environment& environment, uint32_t handle) {
  const at::Tensor& tensor = environment.handles.get(handle);
  const auto sizes = tensor.sizes();
  TORCH_CHECK(environment.described + 3 + sizes.size() <= environment.descriptionLength,
              "An operator returned more tensors than can be described.");
  double* at = environment.description + environment.described;
  *at++ = handle;
  *at++ = static_cast<double>(tensor.scalar_type());
  *at++ = static_cast<double>(sizes.size());
  for (const int64_t size : sizes) *at++ = static_cast<double>(size);
  environment.described = static_cast<size_t>(at - environment.description);
  environment.description[0] += 1;
}

napi_value giveTensor(napi_env env, at::Tensor&& tensor) {
  Environment& environment = environmentOf(env);
  const uint32_t handle = environment.handles.put(std::move(tensor));
  describe(environment, handle);
  return fromUint(env, handle);
}

}  // namespace haste
