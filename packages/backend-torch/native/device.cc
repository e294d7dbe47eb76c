#include "device.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "allocator.h"
#include "version.h"

#if HASTE_TORCH_AT_LEAST(2, 9)
#include <ATen/DeviceAccelerator.h>
#endif

namespace haste {
namespace {

napi_value triple(napi_env env, double inUse, double peak, double cached) {
  napi_value list;
  HASTE_NAPI(napi_create_array_with_length(env, 3, &list));
  HASTE_NAPI(napi_set_element(env, list, 0, fromDouble(env, inUse)));
  HASTE_NAPI(napi_set_element(env, list, 1, fromDouble(env, peak)));
  HASTE_NAPI(napi_set_element(env, list, 2, fromDouble(env, cached)));
  return list;
}

c10::Device deviceOf(const Arguments& arguments) { return c10::Device(toString(arguments.env, arguments[0])); }

#if HASTE_TORCH_AT_LEAST(2, 9)
/** A device's allocator answers only once the device is in use, which the first tensor brings about, or this. */
void use(c10::Device device) { at::globalContext().lazyInitDevice(device.type()); }
#endif

}  // namespace

napi_value devices(const Arguments& arguments) {
  const napi_env env = arguments.env;
  napi_value list;
  HASTE_NAPI(napi_create_array(env, &list));
  HASTE_NAPI(napi_set_element(env, list, 0, fromString(env, "cpu")));
  if (!at::hasCUDA()) return list;
  const int count = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount();
  for (int i = 0; i < count; i++) {
    HASTE_NAPI(napi_set_element(env, list, static_cast<uint32_t>(i + 1), fromString(env, "cuda:" + std::to_string(i))));
  }
  return list;
}

napi_value synchronize(const Arguments& arguments) {
  const c10::Device device = deviceOf(arguments);
  if (device.is_cpu()) return nullptr;
  const c10::impl::VirtualGuardImpl guard(device.type());
  guard.synchronizeStream(guard.getStream(device));
  return nullptr;
}

napi_value threads(const Arguments& arguments) {
  if (arguments.count > 0) at::set_num_threads(static_cast<int>(toDouble(arguments.env, arguments[0])));
  return fromDouble(arguments.env, at::get_num_threads());
}

napi_value memory(const Arguments& arguments) {
  const c10::Device device = deviceOf(arguments);
  if (device.is_cpu()) {
    const HostMemory host = hostMemory();
    return triple(arguments.env, static_cast<double>(host.inUse), static_cast<double>(host.peak),
                  static_cast<double>(host.cached));
  }
#if HASTE_TORCH_AT_LEAST(2, 9)
  use(device);
  const auto stats = at::accelerator::getDeviceStats(device.index());
  const auto& inUse = stats.allocated_bytes[0];
  const auto& reserved = stats.reserved_bytes[0];
  return triple(arguments.env, static_cast<double>(inUse.current), static_cast<double>(inUse.peak),
                static_cast<double>(reserved.current - inUse.current));
#else
  throw std::runtime_error("memory statistics of a GPU need libtorch 2.9 or newer");
#endif
}

napi_value resetPeak(const Arguments& arguments) {
  const c10::Device device = deviceOf(arguments);
  if (device.is_cpu()) {
    resetHostPeak();
    return nullptr;
  }
#if HASTE_TORCH_AT_LEAST(2, 9)
  use(device);
  at::accelerator::resetPeakStats(device.index());
#endif
  return nullptr;
}

napi_value trim(const Arguments& arguments) {
  releaseCached();
#if HASTE_TORCH_AT_LEAST(2, 9)
  if (!deviceOf(arguments).is_cpu()) at::accelerator::emptyCache();
#endif
  return nullptr;
}

napi_value matmulPrecision(const Arguments& arguments) {
  const std::string precision = toString(arguments.env, arguments[0]);
#if HASTE_TORCH_AT_LEAST(2, 9)
  at::globalContext().setFloat32Precision(at::Float32Backend::MKLDNN, at::Float32Op::MATMUL,
                                          at::str2precision(precision));
  if (at::hasCUDA() && precision != "bf16") {
    at::globalContext().setFloat32Precision(at::Float32Backend::CUDA, at::Float32Op::MATMUL,
                                            at::str2precision(precision));
  }
#else
  if (precision != "ieee") throw std::runtime_error("a precision other than 'ieee' needs libtorch 2.9 or newer");
#endif
  return nullptr;
}

napi_value cpuCapability(const Arguments& arguments) {
#if HASTE_TORCH_AT_LEAST(2, 1)
  return fromString(arguments.env, at::get_cpu_capability());
#else
  // Told only amid the whole configuration.
  const std::string label = "CPU capability usage: ";
  const std::string config = at::show_config();
  const size_t start = config.find(label);
  if (start == std::string::npos) return fromString(arguments.env, "DEFAULT");
  const size_t end = config.find('\n', start);
  return fromString(arguments.env, config.substr(start + label.size(), end - start - label.size()));
#endif
}

}  // namespace haste
