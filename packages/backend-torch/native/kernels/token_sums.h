// Sums over tokens, [B, T, D] → [B, D], made while the tokens are visited for something else.
// B batch, T tokens, D width, P pieces of an image's tokens.
#pragma once
#include <ATen/ATen.h>

#include "parallel.h"

namespace haste {

/**
 * Each piece of an image's tokens has sums of its own, which stay in the first cache while it is worked on. They are
 * added up in their order at the end: neither their number nor their order depends on threads.
 */
class TokenSums {
 public:
  TokenSums(int64_t B, int64_t T, int64_t D);

  /** f(piece, begin, end, sums): rows [begin, end) of x [B·T, D], of one image; sums [D] are zeros, to be added to. */
  template <class F>
  void forPieces(const F& f) {
    at::parallel_for(0, B_ * P_, 1, [&](int64_t first, int64_t last) {
      for (int64_t piece = first; piece < last; piece++) {
        const int64_t image = piece / P_;
        const int64_t begin = image * T_ + piece % P_ * tokens_;
        f(piece, begin, std::min(begin + tokens_, (image + 1) * T_), start(piece));
      }
    });
  }

  /** The sums of a piece, for those who make two at once: zeros. */
  float* start(int64_t piece) const;
  /** [B, D], after all pieces. */
  at::Tensor total() const;

 private:
  /** Fewer tokens would make adding up the pieces a pass over memory of its own. */
  static constexpr int64_t kFewestTokens = 32;
  int64_t B_, T_, D_, tokens_, P_;
  at::Tensor partial_BPD_;
};

}  // namespace haste
