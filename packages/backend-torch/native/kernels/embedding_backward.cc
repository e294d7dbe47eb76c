// The gradient of looking up rows of a table. B rows looked up, N rows of the table, D width.
#include <torch/library.h>

#include "check.h"
#include "parallel.h"

namespace haste {
namespace {

HASTE_VECTORS void add(const float* x, float* sums, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) sums[i] += x[i];
}

/**
 * dy [B, D], float32; ids [B], int32 or int64, each below `rows` → [N, D], N = rows. Where an id occurs more than once,
 * its rows are summed in their order.
 */
at::Tensor embeddingBackward(const at::Tensor& dy_, const at::Tensor& ids_, int64_t rows) {
  const char* op = "haste::embedding_backward";
  checkFloat({op, "dy", dy_});
  checkDimensions({op, "dy", dy_}, 2);
  checkShape({op, "ids", ids_}, {dy_.size(0)}, "dy [B, D]");
  TORCH_CHECK(ids_.scalar_type() == at::kInt || ids_.scalar_type() == at::kLong, op, ": ids must be integers, not ",
              ids_.scalar_type(), ".");
  const at::Tensor dy_BD = dy_.contiguous(), ids_B = ids_.to(at::kLong).contiguous();
  const int64_t B = dy_.size(0), D = dy_.size(1);
  const int64_t* ids = ids_B.data_ptr<int64_t>();
  for (int64_t b = 0; b < B; b++) {
    TORCH_CHECK(ids[b] >= 0 && ids[b] < rows, op, ": ids[", b, "] is ", ids[b], ", but the table has ", rows, " rows.");
  }
  const at::Tensor table_ND = at::zeros({rows, D}, dy_.options());
  const float* dy = dy_BD.data_ptr<float>();
  float* table = table_ND.data_ptr<float>();
  // Threads take columns: no two of them write the same row's elements.
  forPieces(D, std::max<int64_t>(64, rowsOfPiece(B)), [&](int64_t begin, int64_t end) {
    for (int64_t b = 0; b < B; b++) add(dy + b * D + begin, table + ids[b] * D + begin, end - begin);
  });
  return table_ND;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def("embedding_backward(Tensor dy, Tensor ids, int rows) -> Tensor");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) { library.impl("embedding_backward", &embeddingBackward); }

}  // namespace haste
