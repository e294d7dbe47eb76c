// The addon's surface. src/addon.ts describes it for TypeScript.
#include <torch/version.h>

#include <memory>

#include "allocator.h"
#include "device.h"
#include "environment.h"
#include "operators.h"
#include "recordings.h"
#include "transfer.h"

namespace haste {

Environment& environmentOf(napi_env env) {
  void* data = nullptr;
  HASTE_NAPI(napi_get_instance_data(env, &data));
  return *static_cast<Environment*>(data);
}

namespace {

/** start(description: Float64Array): must come before any other call. */
napi_value start(const Arguments& arguments) {
  const napi_env env = arguments.env;
  napi_typedarray_type type;
  size_t length;
  void* data;
  HASTE_NAPI(napi_get_typedarray_info(env, arguments[0], &type, &length, &data, nullptr, nullptr));
  if (type != napi_float64_array) throw std::runtime_error("the description must be a Float64Array");
  napi_ref kept;
  HASTE_NAPI(napi_create_reference(env, arguments[0], 1, &kept));
  Environment& environment = environmentOf(env);
  environment.description = static_cast<double*>(data);
  environment.descriptionLength = length;
  installAllocator();
  return nullptr;
}

/** Turns C++ exceptions into JavaScript errors: those of libtorch with its own message. */
template <napi_value (*F)(const Arguments&)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return F(Arguments(env, info));
  } catch (const c10::Error& error) {
    napi_throw_error(env, "HASTE_TORCH", error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "HASTE_TORCH", "Out of memory.");
  } catch (const std::exception& error) {
    napi_throw_error(env, "HASTE_TORCH", error.what());
  }
  return nullptr;
}

template <napi_value (*F)(const Arguments&)>
napi_property_descriptor method(const char* name) {
  return {name, nullptr, guarded<F>, nullptr, nullptr, nullptr, napi_enumerable, nullptr};
}

napi_value exported(napi_env env, napi_value exports) {
  auto environment = std::make_unique<Environment>();
  const auto destroy = [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); };
  HASTE_NAPI(napi_set_instance_data(env, environment.release(), destroy, nullptr));
  const napi_property_descriptor methods[] = {
      method<start>("start"), method<resolve>("resolve"), method<schema>("schema"), method<call>("call"),
      method<profile>("profile"), method<create>("create"), method<read>("read"), method<readAsync>("readAsync"),
      method<dispose>("dispose"), method<describeOne>("describe"), method<alive>("alive"),
      method<exclusive>("exclusive"), method<devices>("devices"), method<synchronize>("synchronize"),
      method<threads>("threads"), method<memory>("memory"), method<resetPeak>("resetPeak"), method<trim>("trim"),
      method<matmulPrecision>("matmulPrecision"), method<cpuCapability>("cpuCapability"),
      method<recordBegin>("recordBegin"), method<recordEnd>("recordEnd"), method<recordAbort>("recordAbort"),
      method<recordingDifference>("recordingDifference"), method<recordingReplay>("recordingReplay"),
      method<recordingFree>("recordingFree"),
  };
  HASTE_NAPI(napi_define_properties(env, exports, sizeof(methods) / sizeof(*methods), methods));
  HASTE_NAPI(napi_set_named_property(env, exports, "version", fromString(env, TORCH_VERSION)));
  return exports;
}

}  // namespace
}  // namespace haste

NAPI_MODULE_INIT() {
  try {
    return haste::exported(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, "HASTE_TORCH", error.what());
    return nullptr;
  }
}
