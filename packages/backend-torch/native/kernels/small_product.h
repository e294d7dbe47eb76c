// Products of small matrices inside a thread's own work, where calling a parallel operator for each would cost more
// than it does. All row-major, float32.
#pragma once
#include <cstdint>

namespace haste {

/** A matrix in memory: `stride` floats from row to row. */
struct Matrix {
  const float* data;
  int64_t rows, columns, stride;
};

/** out [a.rows, b.columns] = a·b, its rows `stride` floats apart; added to what is there if asked. On one thread. */
void multiply(const Matrix& a, const Matrix& b, float* out, int64_t stride, bool add);
/** To be called by a thread that has multiplied, when it ends its work: oneDNN may hold processor state. */
void endProducts();

/** out [columns, rows] = xᵀ, its rows `stride` floats apart. */
void transpose(const Matrix& x, float* out, int64_t stride);

}  // namespace haste
