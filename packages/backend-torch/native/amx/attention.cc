// One thread takes a head, a band of query rows at a time: the maps never leave the second cache.
// B batch, H heads, T query tokens, S key tokens, d head size.
#include "attention.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <vector>

#include "block.h"
#include "exp.h"
#include "pack.h"
#include "tiles.h"

namespace haste {
#ifdef HASTE_AMX
namespace amx {
namespace {

/** Query rows at a time: four depth tiles in the products that sum over queries. */
constexpr int64_t kBand = 128;

/** The rows of one head: [T, d], each row contiguous. */
struct Rows {
  float* data;
  int64_t stride;
  float* row(int64_t i) const { return data + i * stride; }
  Source lines(int64_t from, int64_t count, int64_t d) const { return {row(from), count, d, true, stride}; }
  /** The same memory with the rows as terms: [d, count]. */
  Source terms(int64_t from, int64_t count, int64_t d) const { return {row(from), d, count, false, stride}; }
};

Rows rowsOf(const at::Tensor& x_BHTd, int64_t head) {
  const int64_t H = x_BHTd.size(1);
  return {x_BHTd.data_ptr<float>() + head / H * x_BHTd.stride(0) + head % H * x_BHTd.stride(1), x_BHTd.stride(2)};
}

/** Working memory of one thread. */
class Scratch {
 public:
  uint16_t* tiles(int64_t lines, int64_t depth) { return static_cast<uint16_t*>(take(packedSize(lines, depth) * 2)); }
  float* floats(int64_t count) { return static_cast<float*>(take(count * 4)); }

 private:
  void* take(int64_t bytes) {
    held_.push_back(at::empty({bytes + 64}, at::kByte));
    return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(held_.back().data_ptr()) + 63) & ~uintptr_t{63});
  }
  std::vector<at::Tensor> held_;
};

/** out [rows, columns] (both padded to blocks, dense) ← left·rightᵀ, over `depth` terms; added to what is there if asked. */
void multiply(const uint16_t* left, int64_t rows, const uint16_t* right, int64_t columns, int64_t depth, float* out,
              bool add) {
  const int64_t depthTiles = depthTilesOf(depth);
  const int64_t width = blocksOf(columns) * kBlock;
  for (int64_t row = 0; row < blocksOf(rows); row++) {
    for (int64_t column = 0; column < blocksOf(columns); column++) {
      float* sums = out + row * kBlock * width + column * kBlock;
      multiplyBlock(left + row * depthTiles * 4 * kTile, right + column * depthTiles * 4 * kTile, depthTiles,
                    {add ? sums : nullptr, width}, sums, width);
    }
  }
}

/** The lanes that hold the next `left` numbers, of 16. */
inline __mmask16 lanes(int64_t left) {
  return left >= kSide ? 0xffff : left <= 0 ? 0 : static_cast<__mmask16>((1 << left) - 1);
}

/** x ← exp(scale·x − offset), and zeros beyond `count`. Returns the sum. */
HASTE_AMX_TARGET float exponentials(float* x, int64_t count, int64_t padded, float scale, float offset) {
  const __m512 scales = _mm512_set1_ps(scale);
  const __m512 offsets = _mm512_set1_ps(offset);
  __m512 sum = _mm512_setzero_ps();
  for (int64_t i = 0; i < padded; i += kSide) {
    const __m512 value = exp(_mm512_fmsub_ps(_mm512_load_ps(x + i), scales, offsets));
    const __m512 inside = _mm512_maskz_mov_ps(lanes(count - i), value);
    _mm512_store_ps(x + i, inside);
    sum = _mm512_add_ps(sum, inside);
  }
  return _mm512_reduce_add_ps(sum);
}

HASTE_AMX_TARGET float largest(const float* x, int64_t count) {
  __m512 most = _mm512_set1_ps(x[0]);
  for (int64_t i = 0; i < count; i += kSide) most = _mm512_mask_max_ps(most, lanes(count - i), most, _mm512_load_ps(x + i));
  return _mm512_reduce_max_ps(most);
}

/** g ← p·(g − dot)·scale: through the softmax. */
HASTE_AMX_TARGET void throughSoftmax(const float* p, float* g, int64_t padded, float dot, float scale) {
  for (int64_t i = 0; i < padded; i++) g[i] = p[i] * (g[i] - dot) * scale;
}

HASTE_AMX_TARGET float dot(const float* a, const float* b, int64_t count) {
  __m512 sum = _mm512_setzero_ps();
  int64_t i = 0;
  for (; i + kSide <= count; i += kSide) sum = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum);
  float total = _mm512_reduce_add_ps(sum);
  for (; i < count; i++) total += a[i] * b[i];
  return total;
}

struct Sizes {
  int64_t T, S, d;
  int64_t paddedS() const { return blocksOf(S) * kBlock; }
  int64_t paddedD() const { return blocksOf(d) * kBlock; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(d)); }
};

class Forward {
 public:
  explicit Forward(Sizes sizes)
      : n_(sizes),
        keys_(scratch_.tiles(n_.S, n_.d)),
        values_(scratch_.tiles(n_.d, n_.S)),
        queries_(scratch_.tiles(kBand, n_.d)),
        weights_(scratch_.tiles(kBand, n_.paddedS())),
        map_(scratch_.floats(kBand * n_.paddedS())),
        sums_(scratch_.floats(kBand * n_.paddedD())) {}

  void head(Rows q, Rows k, Rows v, Rows out, float* lse) {
    pack(k.lines(0, n_.S, n_.d), Side::right, keys_);
    pack(v.terms(0, n_.S, n_.d), Side::right, values_);
    for (int64_t from = 0; from < n_.T; from += kBand) band(q, out, lse, from, std::min(kBand, n_.T - from));
  }

 private:
  void band(Rows q, Rows out, float* lse, int64_t from, int64_t rows) {
    const int64_t width = n_.paddedS();
    float totals[kBand];
    pack(q.lines(from, rows, n_.d), Side::left, queries_);
    multiply(queries_, rows, keys_, n_.S, n_.d, map_, false);
    for (int64_t i = 0; i < rows; i++) {
      float* logits = map_ + i * width;
      const float most = largest(logits, n_.S) * n_.scale();
      totals[i] = exponentials(logits, n_.S, width, n_.scale(), most);
      lse[from + i] = most + std::log(totals[i]);
    }
    pack({map_, rows, width, true, width}, Side::left, weights_);
    multiply(weights_, rows, values_, n_.d, n_.S, sums_, false);
    for (int64_t i = 0; i < rows; i++) {
      const float* sums = sums_ + i * n_.paddedD();
      const float share = 1.0f / totals[i];
      for (int64_t j = 0; j < n_.d; j++) out.row(from + i)[j] = sums[j] * share;
    }
  }

  Sizes n_;
  Scratch scratch_;
  uint16_t *keys_, *values_, *queries_, *weights_;
  float *map_, *sums_;
};

struct HeadGradient {
  Rows dy, q, k, v, out;
  const float* lse;
  Rows dq, dk, dv;
};

class Backward {
 public:
  explicit Backward(Sizes sizes)
      : n_(sizes),
        keys_(scratch_.tiles(n_.S, n_.d)),
        keysAsTerms_(scratch_.tiles(n_.d, n_.S)),
        values_(scratch_.tiles(n_.S, n_.d)),
        queries_(scratch_.tiles(kBand, n_.d)),
        gradients_(scratch_.tiles(kBand, n_.d)),
        band_(scratch_.tiles(n_.d, kBand)),
        mapTiles_(scratch_.tiles(std::max(n_.paddedS(), kBand), std::max(n_.paddedS(), kBand))),
        map_(scratch_.floats(kBand * n_.paddedS())),
        dmap_(scratch_.floats(kBand * n_.paddedS())),
        dq_(scratch_.floats(kBand * n_.paddedD())),
        dk_(scratch_.floats(n_.paddedS() * n_.paddedD())),
        dv_(scratch_.floats(n_.paddedS() * n_.paddedD())) {}

  void head(const HeadGradient& h) {
    pack(h.k.lines(0, n_.S, n_.d), Side::right, keys_);
    pack(h.k.terms(0, n_.S, n_.d), Side::right, keysAsTerms_);
    pack(h.v.lines(0, n_.S, n_.d), Side::right, values_);
    for (int64_t from = 0; from < n_.T; from += kBand) band(h, from, std::min(kBand, n_.T - from));
    copyOut(dk_, h.dk, 0, n_.S);
    copyOut(dv_, h.dv, 0, n_.S);
  }

 private:
  void band(const HeadGradient& h, int64_t from, int64_t rows) {
    const int64_t width = n_.paddedS();
    const bool add = from > 0;
    pack(h.q.lines(from, rows, n_.d), Side::left, queries_);
    multiply(queries_, rows, keys_, n_.S, n_.d, map_, false);
    pack(h.dy.lines(from, rows, n_.d), Side::left, gradients_);
    multiply(gradients_, rows, values_, n_.S, n_.d, dmap_, false);
    for (int64_t i = 0; i < rows; i++) {
      float* p = map_ + i * width;
      exponentials(p, n_.S, width, n_.scale(), h.lse[from + i]);
      throughSoftmax(p, dmap_ + i * width, width, dot(h.dy.row(from + i), h.out.row(from + i), n_.d), n_.scale());
    }
    // dQ = dS·K
    pack({dmap_, rows, width, true, width}, Side::left, mapTiles_);
    multiply(mapTiles_, rows, keysAsTerms_, n_.d, n_.S, dq_, false);
    copyOut(dq_, h.dq, from, rows);
    // dK += dSᵀ·Q, dV += Pᵀ·dO: sums over the band's queries.
    pack({dmap_, n_.S, rows, false, width}, Side::left, mapTiles_);
    pack(h.q.terms(from, rows, n_.d), Side::right, band_);
    multiply(mapTiles_, n_.S, band_, n_.d, rows, dk_, add);
    pack({map_, n_.S, rows, false, width}, Side::left, mapTiles_);
    pack(h.dy.terms(from, rows, n_.d), Side::right, band_);
    multiply(mapTiles_, n_.S, band_, n_.d, rows, dv_, add);
  }

  void copyOut(const float* padded, Rows to, int64_t from, int64_t rows) const {
    for (int64_t i = 0; i < rows; i++) std::copy_n(padded + i * n_.paddedD(), n_.d, to.row(from + i));
  }

  Sizes n_;
  Scratch scratch_;
  uint16_t *keys_, *keysAsTerms_, *values_, *queries_, *gradients_, *band_, *mapTiles_;
  float *map_, *dmap_, *dq_, *dk_, *dv_;
};

at::Tensor rowsContiguous(const at::Tensor& x) { return x.stride(3) == 1 ? x : x.contiguous(); }

void check(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const bool fit = q.dim() == 4 && k.dim() == 4 && v.sizes() == k.sizes() && q.size(0) == k.size(0) &&
                   q.size(1) == k.size(1) && q.size(3) == k.size(3);
  TORCH_CHECK(fit, "haste::attention: q ", q.sizes(), ", k ", k.sizes(), " and v ", v.sizes(), " do not fit together.");
  for (const at::Tensor* x : {&q, &k, &v}) {
    TORCH_CHECK(x->scalar_type() == at::kFloat, "haste::attention: tensors must be float32.");
  }
  TORCH_CHECK(amxAvailable(), "haste::attention: this processor has no matrix unit.");
}

}  // namespace

void attention(const at::Tensor& q_, const at::Tensor& k_, const at::Tensor& v_, const at::Tensor& out,
               const at::Tensor& lse) {
  check(q_, k_, v_);
  const at::Tensor q = rowsContiguous(q_), k = rowsContiguous(k_), v = rowsContiguous(v_);
  const Sizes sizes{q.size(2), k.size(2), q.size(3)};
  at::parallel_for(0, q.size(0) * q.size(1), 1, [&](int64_t begin, int64_t end) {
    const TileScope tiles;
    Forward forward(sizes);
    for (int64_t head = begin; head < end; head++) {
      forward.head(rowsOf(q, head), rowsOf(k, head), rowsOf(v, head), rowsOf(out, head),
                   lse.data_ptr<float>() + head * sizes.T);
    }
  });
}

void attentionBackward(const at::Tensor& dy_, const at::Tensor& q_, const at::Tensor& k_, const at::Tensor& v_,
                       const at::Tensor& out_, const at::Tensor& lse_, const at::Tensor& dq, const at::Tensor& dk,
                       const at::Tensor& dv) {
  check(q_, k_, v_);
  const at::Tensor dy = rowsContiguous(dy_), q = rowsContiguous(q_), k = rowsContiguous(k_), v = rowsContiguous(v_);
  const at::Tensor out = rowsContiguous(out_), lse = lse_.contiguous();
  const Sizes sizes{q.size(2), k.size(2), q.size(3)};
  at::parallel_for(0, q.size(0) * q.size(1), 1, [&](int64_t begin, int64_t end) {
    const TileScope tiles;
    Backward backward(sizes);
    for (int64_t head = begin; head < end; head++) {
      backward.head({rowsOf(dy, head), rowsOf(q, head), rowsOf(k, head), rowsOf(v, head), rowsOf(out, head),
                     lse.data_ptr<float>() + head * sizes.T, rowsOf(dq, head), rowsOf(dk, head), rowsOf(dv, head)});
    }
  });
}

}  // namespace amx
#else
namespace amx {
void attention(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&) {
  TORCH_CHECK(false, "haste::attention: this processor has no matrix unit.");
}
void attentionBackward(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                       const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&) {
  TORCH_CHECK(false, "haste::attention: this processor has no matrix unit.");
}
}  // namespace amx
#endif
}  // namespace haste
