// HASTE's attention alignment: −mean over heads and query rows of Σ softmax(At)·logsoftmax(As), A = q·kᵀ·d^−½, As the
// student's map and At the teacher's. Its gradient is softmax(As) − softmax(At) times constants, which the loss has in
// hand anyway: both can be had for one forming of the maps.
// A thread takes a head, a band of query rows at a time: of a map, no more than a band is ever in memory.
// B batch, H heads, T tokens, d head size of the student, e of the teacher.
#include <torch/library.h>

#include <cmath>
#include <limits>
#include <vector>

#include "check.h"
#include "math.h"
#include "parallel.h"
#include "small_product.h"

namespace haste {
namespace {

/** Query rows at a time: two bands of 256 keys are 128 KiB. */
constexpr int64_t kBand = 64;

HASTE_INLINE float largest(const float* x, int64_t count) {
  float most = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : most)
  for (int64_t i = 0; i < count; i++) most = most < x[i] ? x[i] : most;
  return most;
}

/**
 * The cross entropy of one row: logsumexp(As) − Σ softmax(At)·As.
 * @param student, teacher logits before scaling; student becomes (softmax(As) − softmax(At))·factor, teacher is lost.
 */
HASTE_VECTORS float rowEntropy(float* student, float* teacher, int64_t T, float studentScale, float teacherScale,
                               float factor) {
  const float mostS = largest(student, T);
  const float mostT = largest(teacher, T);
  float sumS = 0.0f, sumT = 0.0f, cross = 0.0f;
#pragma omp simd reduction(+ : sumS, sumT, cross)
  for (int64_t i = 0; i < T; i++) {
    const float below = (student[i] - mostS) * studentScale;
    const float s = exponential(below);
    const float t = exponential((teacher[i] - mostT) * teacherScale);
    sumS += s;
    sumT += t;
    cross += t * below;
    student[i] = s;
    teacher[i] = t;
  }
  const float shareS = factor / sumS;
  const float shareT = factor / sumT;
#pragma omp simd
  for (int64_t i = 0; i < T; i++) student[i] = student[i] * shareS - teacher[i] * shareT;
  return std::log(sumS) - cross / sumT;
}

struct Sizes {
  int64_t B, H, T, d, e;
};

/** Rows of one head, each dense, `stride` floats apart. */
struct Rows {
  float* data;
  int64_t stride;
  float* row(int64_t i) const { return data + i * stride; }
  Matrix matrix(int64_t from, int64_t rows, int64_t columns) const { return {row(from), rows, columns, stride}; }
};

/** Head n of all images of x [B, H, T, d]. */
Rows rowsOf(const at::Tensor& x, int64_t n) {
  const int64_t H = x.size(1);
  return {x.data_ptr<float>() + n / H * x.stride(0) + n % H * x.stride(1), x.stride(2)};
}

/** The queries and keys of one head, [T, d] and [T, e], and where their gradients go, [T, d]. */
struct Head {
  Rows qs, ks, qt, kt, dq, dk;
};

/** The memory of one thread, and what it does with it. */
class Maps {
 public:
  /** @param factor of the gradients of logits. */
  Maps(const Sizes& sizes, float factor)
      : n_(sizes),
        factor_(factor),
        band_(std::min(kBand, n_.T)),
        held_(at::empty({n_.T * (2 * band_ + 3 * n_.d + n_.e)}, at::kFloat)),
        student_(held_.data_ptr<float>()),
        teacher_(student_ + band_ * n_.T),
        teacherKeys_eT_(teacher_ + band_ * n_.T),
        keys_dT_(teacherKeys_eT_ + n_.e * n_.T),
        queries_dT_(keys_dT_ + n_.d * n_.T),
        dk_dT_(queries_dT_ + n_.d * n_.T) {}
  ~Maps() { endProducts(); }
  Maps(const Maps&) = delete;
  Maps& operator=(const Maps&) = delete;

  /** The sum of the cross entropies of a head's rows; writes its gradient. */
  double head(const Head& head) {
    transpose(head.ks.matrix(0, n_.T, n_.d), keys_dT_, n_.T);
    transpose(head.kt.matrix(0, n_.T, n_.e), teacherKeys_eT_, n_.T);
    transpose(head.qs.matrix(0, n_.T, n_.d), queries_dT_, n_.T);
    double sum = 0.0;
    for (int64_t from = 0; from < n_.T; from += band_) sum += band(head, from, std::min(band_, n_.T - from));
    transpose({dk_dT_, n_.d, n_.T, n_.T}, head.dk.data, head.dk.stride);
    return sum;
  }

 private:
  double band(const Head& head, int64_t from, int64_t rows) {
    const int64_t T = n_.T, d = n_.d, e = n_.e;
    const float scale = scaleOf(d), teacherScale = scaleOf(e);
    multiply(head.qs.matrix(from, rows, d), {keys_dT_, d, T, T}, student_, T, false);
    multiply(head.qt.matrix(from, rows, e), {teacherKeys_eT_, e, T, T}, teacher_, T, false);
    double sum = 0.0;
    for (int64_t row = 0; row < rows; row++) {
      sum += rowEntropy(student_ + row * T, teacher_ + row * T, T, scale, teacherScale, scale * factor_);
    }
    multiply({student_, rows, T, T}, head.ks.matrix(0, T, d), head.dq.row(from), head.dq.stride, false);
    multiply({queries_dT_ + from, d, rows, T}, {student_, rows, T, T}, dk_dT_, T, from > 0);
    return sum;
  }

  static float scaleOf(int64_t size) { return 1.0f / std::sqrt(static_cast<float>(size)); }

  Sizes n_;
  float factor_;
  int64_t band_;
  at::Tensor held_;
  float *student_, *teacher_, *teacherKeys_eT_, *keys_dT_, *queries_dT_, *dk_dT_;
};

Sizes sizesOf(const char* op, const at::Tensor& qs, const at::Tensor& ks, const at::Tensor& qt, const at::Tensor& kt) {
  for (const Argument& x : {Argument{op, "qs", qs}, {op, "ks", ks}, {op, "qt", qt}, {op, "kt", kt}}) {
    checkFloat(x);
    checkDimensions(x, 4);
  }
  const Sizes sizes{qs.size(0), qs.size(1), qs.size(2), qs.size(3), qt.size(3)};
  checkShape({op, "ks", ks}, qs.sizes(), "qs");
  checkShape({op, "qt", qt}, {sizes.B, sizes.H, sizes.T, sizes.e}, "qs [B, H, T, d]");
  checkShape({op, "kt", kt}, qt.sizes(), "qt");
  return sizes;
}

at::Tensor withDenseRows(const at::Tensor& x) { return x.stride(3) == 1 ? x : x.contiguous(); }

/** qs, ks [B, H, T, d]; qt, kt [B, H, T, e]; float32 → the loss, a scalar, and the gradients of qs and ks for a dy of 1. */
std::tuple<at::Tensor, at::Tensor, at::Tensor> attentionCrossEntropyWithGradient(const at::Tensor& qs_,
                                                                                 const at::Tensor& ks_,
                                                                                 const at::Tensor& qt_,
                                                                                 const at::Tensor& kt_) {
  const Sizes n = sizesOf("haste::attention_cross_entropy_with_gradient", qs_, ks_, qt_, kt_);
  const at::Tensor qs = withDenseRows(qs_), ks = withDenseRows(ks_), qt = withDenseRows(qt_), kt = withDenseRows(kt_);
  const at::Tensor dq = at::empty(qs.sizes(), qs.options()), dk = at::empty(qs.sizes(), qs.options());
  const int64_t heads = n.B * n.H;
  const double rows = static_cast<double>(heads * n.T);
  std::vector<double> sums(heads);
  at::parallel_for(0, heads, 1, [&](int64_t begin, int64_t end) {
    Maps maps(n, static_cast<float>(1.0 / rows));
    for (int64_t i = begin; i < end; i++) {
      sums[i] = maps.head({rowsOf(qs, i), rowsOf(ks, i), rowsOf(qt, i), rowsOf(kt, i), rowsOf(dq, i), rowsOf(dk, i)});
    }
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return {at::scalar_tensor(static_cast<float>(total / rows), qs.options()), dq, dk};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(haste, library) {
  library.def(
      "attention_cross_entropy_with_gradient(Tensor qs, Tensor ks, Tensor qt, Tensor kt) -> (Tensor, Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(haste, CPU, library) {
  library.impl("attention_cross_entropy_with_gradient", &attentionCrossEntropyWithGradient);
}

}  // namespace haste
