// Tensors from host memory and back.
#pragma once
#include "napi.h"

namespace haste {

/** create(values: TypedArray | null, shape, dtype, device): a handle. null leaves the memory uninitialised. */
napi_value create(const Arguments& arguments);
/** read(handle): an ArrayBuffer with the elements in row-major order; bfloat16 and float16 come as float32. */
napi_value read(const Arguments& arguments);
/** readAsync(handle): a promise of the same. On an accelerator the copy goes through pinned memory beside other work. */
napi_value readAsync(const Arguments& arguments);
/** dispose(handle) */
napi_value dispose(const Arguments& arguments);
/** describe(handle): fills the shared description. */
napi_value describeOne(const Arguments& arguments);
/** exclusive(handle): whether each element has memory that nothing else shows, so that it may be written in place. */
napi_value exclusive(const Arguments& arguments);
/** alive(): the number of handles in use. */
napi_value alive(const Arguments& arguments);

}  // namespace haste
