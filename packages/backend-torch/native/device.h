// What has no operator: devices, threads, memory statistics, precision of products.
#pragma once
#include "napi.h"

namespace haste {

/** devices(): the names that a tensor may live on, the best last: ["cpu"] or ["cpu", "cuda:0", …]. */
napi_value devices(const Arguments& arguments);
/** synchronize(device): waits until all work on it is done. */
napi_value synchronize(const Arguments& arguments);
/** threads(n?): sets and returns the number of threads that an operator on the CPU may use. */
napi_value threads(const Arguments& arguments);
/** memory(device): [bytes in use, peak, kept for reuse]. */
napi_value memory(const Arguments& arguments);
/** resetPeak(device) */
napi_value resetPeak(const Arguments& arguments);
/** trim(device): gives memory that is kept for reuse back to the system. */
napi_value trim(const Arguments& arguments);
/** matmulPrecision(name): 'ieee', 'tf32' or 'bf16', for float32 products by oneDNN and, on CUDA, cuBLAS. */
napi_value matmulPrecision(const Arguments& arguments);
/** cpuCapability(): what libtorch's own kernels are compiled for here: "AVX512", … */
napi_value cpuCapability(const Arguments& arguments);

}  // namespace haste
