// Conditioning [B, D], the same for all tokens of an image: usually a slice of one [B, 6·D] tensor, so it is read where
// it lies, by its row stride.
#pragma once
#include "check.h"

namespace haste {

class Modulation {
 public:
  /** @param x_BTD what it acts on. */
  Modulation(const Argument& argument, const at::Tensor& x_BTD) {
    checkFloat(argument);
    checkShape(argument, {x_BTD.size(0), x_BTD.size(2)}, "x [B, T, D]");
    const at::Tensor& given = argument.tensor;
    rows_BD_ = given.stride(1) == 1 ? given : given.contiguous();
    tokens_ = x_BTD.size(1);
  }

  /** That of a row of x [B·T, D]. */
  const float* ofRow(int64_t row) const { return rows_BD_.data_ptr<float>() + row / tokens_ * rows_BD_.stride(0); }

 private:
  at::Tensor rows_BD_;
  int64_t tokens_;
};

}  // namespace haste
