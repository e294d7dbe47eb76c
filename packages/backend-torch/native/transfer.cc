#include "transfer.h"

#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstring>
#include <memory>
#include <string>

#include "environment.h"
#include "recording.h"
#include "version.h"

namespace haste {
namespace {

struct HostBytes {
  const void* data;
  size_t size;
};

HostBytes bytesOf(napi_env env, napi_value array) {
  napi_typedarray_type type;
  size_t length;
  void* data;
  HASTE_NAPI(napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr));
  switch (type) {
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array: return {data, length * 8};
    case napi_float32_array:
    case napi_int32_array:
    case napi_uint32_array: return {data, length * 4};
    case napi_int16_array:
    case napi_uint16_array: return {data, length * 2};
    default: return {data, length};
  }
}

/** On the host, dense, in a dtype that JavaScript has arrays for. */
at::Tensor onHost(const at::Tensor& tensor) {
  const auto dtype = tensor.scalar_type();
  const bool half = dtype == at::kBFloat16 || dtype == at::kHalf;
  return (half ? tensor.to(at::kFloat) : tensor).to(at::kCPU).contiguous();
}

napi_value toArrayBuffer(napi_env env, const at::Tensor& dense) {
  void* data;
  napi_value buffer;
  HASTE_NAPI(napi_create_arraybuffer(env, dense.nbytes(), &data, &buffer));
  if (dense.nbytes() > 0) std::memcpy(data, dense.data_ptr(), dense.nbytes());
  return buffer;
}

napi_value resolved(napi_env env, napi_value value) {
  napi_deferred deferred;
  napi_value promise;
  HASTE_NAPI(napi_create_promise(env, &deferred, &promise));
  HASTE_NAPI(napi_resolve_deferred(env, deferred, value));
  return promise;
}

#if HASTE_TORCH_AT_LEAST(2, 4)
/** A copy to pinned memory that is under way, and the promise of its end. */
struct PendingRead {
  at::Tensor pinned;
  c10::Event arrived;
  /** What the device did wrong while it was waited for, which may be the fault of any work before. */
  std::string failure;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  explicit PendingRead(c10::DeviceType device) : arrived(device) {}
};

/** On a thread of Node's pool, where an exception would end the process. */
void waitForRead(napi_env, void* data) {
  auto& pending = *static_cast<PendingRead*>(data);
  try {
    pending.arrived.synchronize();
  } catch (const c10::Error& error) {
    pending.failure = error.what_without_backtrace();
  } catch (const std::exception& error) {
    pending.failure = error.what();
  }
}

void finishRead(napi_env env, napi_status, void* data) {
  const std::unique_ptr<PendingRead> pending(static_cast<PendingRead*>(data));
  napi_delete_async_work(env, pending->work);
  napi_value buffer = nullptr;
  try {
    if (pending->failure.empty()) buffer = toArrayBuffer(env, pending->pinned);
  } catch (const std::exception& error) {
    pending->failure = error.what();
  }
  if (buffer) {
    napi_resolve_deferred(env, pending->deferred, buffer);
    return;
  }
  napi_value message, error;
  napi_create_string_utf8(env, pending->failure.c_str(), NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, nullptr, message, &error);
  napi_reject_deferred(env, pending->deferred, error);
}

napi_value readPinned(napi_env env, const at::Tensor& tensor) {
  const at::Tensor dense = (tensor.scalar_type() == at::kBFloat16 ? tensor.to(at::kFloat) : tensor).contiguous();
  auto pending = std::make_unique<PendingRead>(tensor.device().type());
  pending->pinned = at::empty(dense.sizes(), dense.options().device(at::kCPU).pinned_memory(true));
  pending->pinned.copy_(dense, /*non_blocking=*/true);
  const c10::impl::VirtualGuardImpl device(tensor.device().type());
  pending->arrived.record(device.getStream(tensor.device()));
  napi_value promise;
  HASTE_NAPI(napi_create_promise(env, &pending->deferred, &promise));
  HASTE_NAPI(napi_create_async_work(env, nullptr, fromString(env, "haste read"), waitForRead, finishRead, pending.get(),
                                    &pending->work));
  HASTE_NAPI(napi_queue_async_work(env, pending->work));
  pending.release();
  return promise;
}
#endif

/**
 * JavaScript may write to its array again at once. A copy to an accelerator goes on beside other work: from pinned memory,
 * which libtorch does not give to another tensor before the copy has read it.
 */
void fill(at::Tensor& tensor, const HostBytes& bytes) {
  if (bytes.size == 0) return;
  if (tensor.is_cpu()) {
    std::memcpy(tensor.data_ptr(), bytes.data, bytes.size);
    return;
  }
  const at::Tensor pinned = at::empty(tensor.sizes(), tensor.options().device(at::kCPU).pinned_memory(true));
  std::memcpy(pinned.data_ptr(), bytes.data, bytes.size);
  tensor.copy_(pinned, /*non_blocking=*/true);
}

at::Tensor tensorToRead(const Arguments& arguments) {
  Environment& environment = environmentOf(arguments.env);
  if (environment.recording) environment.recording->spoil("JavaScript reads values in between");
  return environment.handles.get(toDouble(arguments.env, arguments[0]));
}

}  // namespace

napi_value create(const Arguments& arguments) {
  const napi_env env = arguments.env;
  std::vector<int64_t> shape;
  forEachNumber(env, arguments[1], [&](double size) { shape.push_back(static_cast<int64_t>(size)); });
  const auto dtype = static_cast<at::ScalarType>(toDouble(env, arguments[2]));
  const c10::Device device(toString(env, arguments[3]));
  at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(dtype).device(device));
  if (!isAbsent(env, arguments[0])) {
    const HostBytes bytes = bytesOf(env, arguments[0]);
    TORCH_CHECK(bytes.size == tensor.nbytes(), "A tensor of shape ", tensor.sizes(), " takes ", tensor.nbytes(),
                " bytes, but ", bytes.size, " were given.");
    fill(tensor, bytes);
  }
  Environment& environment = environmentOf(env);
  if (environment.recording) environment.recording->made(tensor);
  return fromUint(env, environment.handles.put(std::move(tensor)));
}

napi_value read(const Arguments& arguments) {
  return toArrayBuffer(arguments.env, onHost(tensorToRead(arguments)));
}

napi_value readAsync(const Arguments& arguments) {
  const napi_env env = arguments.env;
  const at::Tensor tensor = tensorToRead(arguments);
#if HASTE_TORCH_AT_LEAST(2, 4)
  if (!tensor.is_cpu()) return readPinned(env, tensor);
#endif
  return resolved(env, toArrayBuffer(env, onHost(tensor)));
}

napi_value dispose(const Arguments& arguments) {
  environmentOf(arguments.env).handles.dispose(toDouble(arguments.env, arguments[0]));
  return nullptr;
}

napi_value describeOne(const Arguments& arguments) {
  Environment& environment = environmentOf(arguments.env);
  environment.description[0] = 0;
  environment.described = 1;
  describe(environment, static_cast<uint32_t>(toDouble(arguments.env, arguments[0])));
  return nullptr;
}

napi_value exclusive(const Arguments& arguments) {
  const double handle = toDouble(arguments.env, arguments[0]);
  return fromBool(arguments.env, environmentOf(arguments.env).handles.exclusive(handle));
}

napi_value alive(const Arguments& arguments) {
  return fromDouble(arguments.env, static_cast<double>(environmentOf(arguments.env).handles.alive()));
}

}  // namespace haste
