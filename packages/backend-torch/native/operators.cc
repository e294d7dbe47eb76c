#include "operators.h"

#include <ATen/core/stack.h>

#include <chrono>
#include <sstream>

#include "environment.h"
#include "recording.h"

namespace haste {
namespace {

Kind kindOf(const c10::Type& type, bool& optional);

Kind kindOfList(const c10::Type& element) {
  bool optional = false;
  switch (kindOf(element, optional)) {
    case Kind::tensor: return optional ? Kind::optionalTensors : Kind::tensors;
    case Kind::integer: return Kind::integers;
    case Kind::number: return Kind::numbers;
    case Kind::flag: return Kind::flags;
    case Kind::scalar: return Kind::scalars;
    default: return Kind::unsupported;
  }
}

Kind kindOf(const c10::Type& type, bool& optional) {
  switch (type.kind()) {
    case c10::TypeKind::OptionalType: {
      bool nested;
      optional = true;
      return kindOf(*type.castRaw<c10::OptionalType>()->getElementType(), nested);
    }
    case c10::TypeKind::ListType: return kindOfList(*type.castRaw<c10::ListType>()->getElementType());
    case c10::TypeKind::TensorType: return Kind::tensor;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType: return Kind::integer;
    case c10::TypeKind::FloatType: return Kind::number;
    case c10::TypeKind::BoolType: return Kind::flag;
    case c10::TypeKind::NumberType: return Kind::scalar;
    case c10::TypeKind::StringType: return Kind::text;
    case c10::TypeKind::DeviceObjType: return Kind::device;
    case c10::TypeKind::GeneratorType: return Kind::generator;
    default: return Kind::unsupported;
  }
}

std::vector<Parameter> parametersOf(const c10::FunctionSchema& functionSchema) {
  std::vector<Parameter> parameters;
  for (const c10::Argument& argument : functionSchema.arguments()) {
    Parameter parameter;
    parameter.name = argument.name();
    parameter.kind = kindOf(*argument.type(), parameter.optional);
    if (argument.N()) parameter.length = static_cast<int>(*argument.N());
    if (argument.default_value()) parameter.preset = *argument.default_value();
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

uint32_t operatorId(const Arguments& arguments) { return static_cast<uint32_t>(toDouble(arguments.env, arguments[0])); }

Operator& operatorOf(const Arguments& arguments) {
  return environmentOf(arguments.env).operators.at(operatorId(arguments));
}

torch::jit::Stack stackOf(const Arguments& arguments, const Operator& op) {
  const std::vector<Parameter>& parameters = op.parameters;
  const size_t given = arguments.count - 1;
  if (given > parameters.size()) throw std::runtime_error("too many arguments for " + op.handle.schema().name());
  torch::jit::Stack stack;
  stack.reserve(parameters.size());
  for (size_t i = 0; i < parameters.size(); i++) {
    if (i < given) stack.push_back(toIValue(arguments.env, parameters[i], arguments[i + 1]));
    else if (parameters[i].preset) stack.push_back(*parameters[i].preset);
    else if (parameters[i].optional) stack.emplace_back();
    else throw std::runtime_error("argument '" + parameters[i].name + "' of " + op.handle.schema().name() + " is missing");
  }
  return stack;
}

/** Calls and notes. */
void record(Environment& environment, uint32_t id, torch::jit::Stack& stack) {
  Recording& recording = *environment.recording;
  recording.before(id, stack);
  try {
    callOperator(environment, environment.operators[id], stack);
  } catch (...) {
    recording.spoil("a call failed");
    throw;
  }
  recording.after(stack);
}

}  // namespace

void callOperator(Environment& environment, Operator& op, torch::jit::Stack& stack) {
  if (!environment.profiling) return op.handle.callBoxed(stack);
  const auto start = std::chrono::steady_clock::now();
  op.handle.callBoxed(stack);
  op.nanoseconds += std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
  op.calls += 1;
}

napi_value resolve(const Arguments& arguments) {
  const napi_env env = arguments.env;
  Environment& environment = environmentOf(env);
  const std::string name = toString(env, arguments[0]);
  const std::string overload = isAbsent(env, arguments[1]) ? "" : toString(env, arguments[1]);
  const std::string key = name + "." + overload;
  const auto known = environment.operatorIds.find(key);
  if (known != environment.operatorIds.end()) return fromDouble(env, known->second);
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle) return fromDouble(env, -1);
  const auto id = static_cast<uint32_t>(environment.operators.size());
  environment.operators.push_back(Operator{*handle, parametersOf(handle->schema())});
  environment.operatorIds.emplace(key, id);
  return fromDouble(env, id);
}

napi_value schema(const Arguments& arguments) {
  std::ostringstream text;
  text << operatorOf(arguments).handle.schema();
  return fromString(arguments.env, text.str());
}

napi_value call(const Arguments& arguments) {
  const napi_env env = arguments.env;
  Environment& environment = environmentOf(env);
  Operator& op = operatorOf(arguments);
  torch::jit::Stack stack = stackOf(arguments, op);
  if (environment.recording) record(environment, operatorId(arguments), stack);
  else callOperator(environment, op, stack);
  environment.description[0] = 0;
  environment.described = 1;
  if (stack.empty()) return nullptr;
  if (stack.size() == 1) return fromIValue(env, std::move(stack[0]));
  napi_value results;
  HASTE_NAPI(napi_create_array_with_length(env, stack.size(), &results));
  for (uint32_t i = 0; i < stack.size(); i++) {
    HASTE_NAPI(napi_set_element(env, results, i, fromIValue(env, std::move(stack[i]))));
  }
  return results;
}

napi_value profile(const Arguments& arguments) {
  const napi_env env = arguments.env;
  Environment& environment = environmentOf(env);
  environment.profiling = toBool(env, arguments[0]);
  napi_value table;
  HASTE_NAPI(napi_create_array(env, &table));
  uint32_t row = 0;
  for (Operator& op : environment.operators) {
    if (op.calls == 0) continue;
    napi_value line;
    HASTE_NAPI(napi_create_array_with_length(env, 3, &line));
    HASTE_NAPI(napi_set_element(env, line, 0, fromString(env, op.handle.schema().name())));
    HASTE_NAPI(napi_set_element(env, line, 1, fromDouble(env, static_cast<double>(op.calls))));
    HASTE_NAPI(napi_set_element(env, line, 2, fromDouble(env, op.nanoseconds / 1e6)));
    HASTE_NAPI(napi_set_element(env, table, row++, line));
    op.calls = 0;
    op.nanoseconds = 0;
  }
  return table;
}

}  // namespace haste
