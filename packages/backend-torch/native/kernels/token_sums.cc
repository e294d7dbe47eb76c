#include "token_sums.h"

#include "simd.h"

namespace haste {
namespace {

HASTE_VECTORS void add(const float* x, float* sums, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; i++) sums[i] += x[i];
}

}  // namespace

TokenSums::TokenSums(int64_t B, int64_t T, int64_t D)
    : B_(B),
      T_(T),
      D_(D),
      tokens_(std::max(kFewestTokens, rowsOfPiece(D))),
      P_((T + tokens_ - 1) / tokens_),
      partial_BPD_(at::empty({B, P_, D}, at::kFloat)) {}

float* TokenSums::start(int64_t piece) const {
  float* sums_D = partial_BPD_.data_ptr<float>() + piece * D_;
  std::fill_n(sums_D, D_, 0.0f);
  return sums_D;
}

at::Tensor TokenSums::total() const {
  if (P_ == 1) return partial_BPD_.view({B_, D_});
  const at::Tensor total_BD = at::zeros({B_, D_}, at::kFloat);
  const float* partial = partial_BPD_.data_ptr<float>();
  float* total = total_BD.data_ptr<float>();
  haste::forPieces(D_, std::max<int64_t>(64, rowsOfPiece(B_ * P_)), [&](int64_t begin, int64_t end) {
    for (int64_t b = 0; b < B_; b++) {
      for (int64_t p = 0; p < P_; p++) add(partial + (b * P_ + p) * D_ + begin, total + b * D_ + begin, end - begin);
    }
  });
  return total_BD;
}

}  // namespace haste
