// Any ATen operator by schema, through the dispatcher.
#pragma once
#include "environment.h"
#include "napi.h"

namespace haste {

/** Runs an operator on a stack of arguments, which becomes that of its results. Counted while profiling. */
void callOperator(Environment& environment, Operator& op, torch::jit::Stack& stack);

/** resolve(name, overload): the operator's id, or −1 when this libtorch has none of that name. */
napi_value resolve(const Arguments& arguments);
/** schema(id): the operator's schema as text. */
napi_value schema(const Arguments& arguments);
/** call(id, …): runs the operator. Tensors go in and come out as handles; the description tells dtypes and shapes. */
napi_value call(const Arguments& arguments);
/** profile(on): switches counting on or off, and returns what was counted: [[name, calls, milliseconds], …]. */
napi_value profile(const Arguments& arguments);

}  // namespace haste
