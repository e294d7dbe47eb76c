// Values between JavaScript and the boxed calling convention: the operator's schema says what each argument is.
#include <cmath>

#include "environment.h"

namespace haste {
namespace {

/** Whole numbers become integers, so that an operator on an int32 tensor keeps its type. −0 and large ones stay floats. */
c10::Scalar toScalar(double number) {
  const bool whole = number == std::trunc(number) && std::fabs(number) < 9e15 && !(number == 0 && std::signbit(number));
  return whole ? c10::Scalar(static_cast<int64_t>(number)) : c10::Scalar(number);
}

[[noreturn]] void unfit(const Parameter& parameter, const char* expected) {
  throw std::runtime_error("argument '" + parameter.name + "' must be " + expected);
}

template <class T>
c10::IValue toList(napi_env env, const Parameter& parameter, napi_value value) {
  c10::List<T> list;
  if (typeOf(env, value) == napi_number && parameter.length > 0) {
    for (int i = 0; i < parameter.length; i++) list.push_back(static_cast<T>(toDouble(env, value)));
  } else {
    forEachNumber(env, value, [&](double number) { list.push_back(static_cast<T>(number)); });
  }
  return list;
}

c10::IValue toTensorList(napi_env env, napi_value value) {
  const Handles& handles = environmentOf(env).handles;
  c10::List<at::Tensor> list;
  forEachNumber(env, value, [&](double handle) { list.push_back(handles.get(handle)); });
  return list;
}

c10::IValue toOptionalTensorList(napi_env env, napi_value value) {
  const Handles& handles = environmentOf(env).handles;
  c10::List<c10::optional<at::Tensor>> list;
  uint32_t length;
  HASTE_NAPI(napi_get_array_length(env, value, &length));
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    HASTE_NAPI(napi_get_element(env, value, i, &element));
    if (isAbsent(env, element)) list.push_back(c10::nullopt);
    else list.push_back(c10::optional<at::Tensor>(handles.get(toDouble(env, element))));
  }
  return list;
}

c10::IValue toScalarList(napi_env env, napi_value value) {
  c10::impl::GenericList list(c10::NumberType::get());
  forEachNumber(env, value, [&](double number) { list.push_back(c10::IValue(toScalar(number))); });
  return list;
}

c10::IValue whenAbsent(const Parameter& parameter, bool explicitNull) {
  if (parameter.optional && (explicitNull || !parameter.preset)) return c10::IValue();
  if (parameter.preset) return *parameter.preset;
  // Some gradients take a tensor that may be undefined without saying so in their schema.
  if (parameter.kind == Kind::tensor && explicitNull) return at::Tensor();
  throw std::runtime_error("argument '" + parameter.name + "' is missing");
}

template <class Elements>
napi_value toArray(napi_env env, Elements&& elements, size_t length) {
  napi_value array;
  HASTE_NAPI(napi_create_array_with_length(env, length, &array));
  uint32_t i = 0;
  for (auto&& element : elements) HASTE_NAPI(napi_set_element(env, array, i++, fromIValue(env, c10::IValue(element))));
  return array;
}

}  // namespace

c10::IValue toIValue(napi_env env, const Parameter& parameter, napi_value value) {
  // The common kinds first, without asking for the value's type.
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok) {
    switch (parameter.kind) {
      case Kind::tensor: return environmentOf(env).handles.get(number);
      case Kind::integer: return static_cast<int64_t>(number);
      case Kind::number: return number;
      case Kind::scalar: return toScalar(number);
      default: break;
    }
  } else if (isAbsent(env, value)) {
    return whenAbsent(parameter, typeOf(env, value) == napi_null);
  }
  switch (parameter.kind) {
    case Kind::tensor: unfit(parameter, "a tensor");
    case Kind::tensors: return toTensorList(env, value);
    case Kind::optionalTensors: return toOptionalTensorList(env, value);
    case Kind::integer: return static_cast<int64_t>(toDouble(env, value));
    case Kind::integers: return toList<int64_t>(env, parameter, value);
    case Kind::number: return toDouble(env, value);
    case Kind::numbers: return toList<double>(env, parameter, value);
    case Kind::flag: return toBool(env, value);
    case Kind::flags: return toList<bool>(env, parameter, value);
    case Kind::scalar: return c10::Scalar(toBool(env, value));
    case Kind::scalars: return toScalarList(env, value);
    case Kind::text: return toString(env, value);
    case Kind::device: return c10::Device(toString(env, value));
    case Kind::generator: unfit(parameter, "left out: random numbers come from Haste's own generator");
    case Kind::unsupported: unfit(parameter, "of a type that the addon understands");
  }
  throw std::runtime_error("unknown kind of argument");
}

napi_value fromIValue(napi_env env, c10::IValue&& value) {
  if (value.isTensor()) {
    at::Tensor tensor = std::move(value).toTensor();
    return tensor.defined() ? giveTensor(env, std::move(tensor)) : null(env);
  }
  if (value.isNone()) return null(env);
  if (value.isBool()) return fromBool(env, value.toBool());
  if (value.isInt()) return fromDouble(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return fromDouble(env, value.toDouble());
  if (value.isScalar()) return fromDouble(env, value.toScalar().toDouble());
  if (value.isString()) return fromString(env, value.toStringRef());
  if (value.isList()) {
    const auto list = value.toListRef();
    return toArray(env, list, list.size());
  }
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    return toArray(env, elements, elements.size());
  }
  throw std::runtime_error("the operator returned a " + value.tagKind() + ", which JavaScript cannot hold");
}

}  // namespace haste
