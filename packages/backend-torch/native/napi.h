// Small helpers over Node's C API, shared by every file of the addon.
#pragma once
#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#include <node_api.h>

#include <stdexcept>
#include <string>

namespace haste {

/** A call of the C API that must succeed; a pending JavaScript exception stays pending. */
#define HASTE_NAPI(expression)                                                     \
  do {                                                                             \
    if ((expression) != napi_ok) throw std::runtime_error("failed: " #expression); \
  } while (0)

/** The arguments of one call from JavaScript. Those left out read as undefined. */
struct Arguments {
  static constexpr size_t kMost = 32;
  napi_env env;
  size_t count = kMost;
  napi_value values[kMost];

  Arguments(napi_env environment, napi_callback_info info) : env(environment) {
    HASTE_NAPI(napi_get_cb_info(env, info, &count, values, nullptr, nullptr));
    if (count > kMost) throw std::runtime_error("too many arguments");
  }
  napi_value operator[](size_t index) const { return values[index]; }
};

inline double toDouble(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok) return number;
  bool flag;
  if (napi_get_value_bool(env, value, &flag) == napi_ok) return flag ? 1 : 0;
  throw std::runtime_error("expected a number");
}

inline bool toBool(napi_env env, napi_value value) { return toDouble(env, value) != 0; }

inline std::string toString(napi_env env, napi_value value) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) {
    throw std::runtime_error("expected a string");
  }
  std::string text(length, '\0');
  HASTE_NAPI(napi_get_value_string_utf8(env, value, &text[0], length + 1, &length));
  return text;
}

inline napi_valuetype typeOf(napi_env env, napi_value value) {
  napi_valuetype type;
  HASTE_NAPI(napi_typeof(env, value, &type));
  return type;
}

inline bool isAbsent(napi_env env, napi_value value) {
  const napi_valuetype type = typeOf(env, value);
  return type == napi_undefined || type == napi_null;
}

inline napi_value fromDouble(napi_env env, double number) {
  napi_value value;
  HASTE_NAPI(napi_create_double(env, number, &value));
  return value;
}

inline napi_value fromUint(napi_env env, uint32_t number) {
  napi_value value;
  HASTE_NAPI(napi_create_uint32(env, number, &value));
  return value;
}

inline napi_value fromBool(napi_env env, bool flag) {
  napi_value value;
  HASTE_NAPI(napi_get_boolean(env, flag, &value));
  return value;
}

inline napi_value fromString(napi_env env, const std::string& text) {
  napi_value value;
  HASTE_NAPI(napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

inline napi_value null(napi_env env) {
  napi_value value;
  HASTE_NAPI(napi_get_null(env, &value));
  return value;
}

/** Calls f(number) for every element of an array or a typed array of numbers. */
template <class F>
void forEachNumber(napi_env env, napi_value list, F f) {
  bool typed = false;
  HASTE_NAPI(napi_is_typedarray(env, list, &typed));
  if (typed) {
    napi_typedarray_type type;
    size_t length;
    void* data;
    HASTE_NAPI(napi_get_typedarray_info(env, list, &type, &length, &data, nullptr, nullptr));
    for (size_t i = 0; i < length; i++) {
      if (type == napi_int32_array) f(static_cast<double>(static_cast<int32_t*>(data)[i]));
      else if (type == napi_float32_array) f(static_cast<double>(static_cast<float*>(data)[i]));
      else if (type == napi_float64_array) f(static_cast<double*>(data)[i]);
      else throw std::runtime_error("expected an Int32Array, a Float32Array or a Float64Array");
    }
    return;
  }
  uint32_t length;
  if (napi_get_array_length(env, list, &length) != napi_ok) throw std::runtime_error("expected a list");
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    HASTE_NAPI(napi_get_element(env, list, i, &element));
    f(toDouble(env, element));
  }
}

}  // namespace haste
