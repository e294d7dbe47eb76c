#include "pack.h"

#ifdef HASTE_AMX
#include <ATen/Parallel.h>

#include <algorithm>

namespace haste {
namespace amx {
namespace {

struct Halves {
  __m256i high;
  __m256i low;
};

/** x = high + low + rest, |rest| ≤ 2⁻¹⁸·|x|: both roundings are to nearest. */
HASTE_AMX_TARGET inline Halves split(__m512 x) {
  const __m256i high = (__m256i)_mm512_cvtneps_pbh(x);
  const __m512 widened = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
  return {high, (__m256i)_mm512_cvtneps_pbh(_mm512_sub_ps(x, widened))};
}

/** 16 × 16 words of 32 bits. */
HASTE_AMX_TARGET inline void transpose(__m512i row[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(row[2 * i], row[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(row[2 * i], row[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    row[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    row[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    row[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    row[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0xdd);
  }
  for (int i = 0; i < 8; i++) {
    row[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    row[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
}

HASTE_AMX_TARGET inline void transposeTile(uint16_t* tile) {
  __m512i row[16];
  for (int i = 0; i < 16; i++) row[i] = _mm512_load_si512(tile + 32 * i);
  transpose(row);
  for (int i = 0; i < 16; i++) _mm512_store_si512(tile + 32 * i, row[i]);
}

/** Two bfloat16 of neighbouring terms in each 32-bit word. */
HASTE_AMX_TARGET inline __m512i paired(__m256i first, __m256i second) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(first), _mm512_slli_epi32(_mm512_cvtepu16_epi32(second), 16));
}

/** 16 lines × 32 terms whose terms are contiguous: one row of the tile a line. */
HASTE_AMX_TARGET void tileOfLines(const float* x, int64_t stride, uint16_t* high, uint16_t* low) {
  for (int line = 0; line < 16; line++) {
    for (int half = 0; half < 2; half++) {
      const Halves halves = split(_mm512_loadu_ps(x + line * stride + 16 * half));
      _mm256_store_si256(reinterpret_cast<__m256i*>(high + 32 * line + 16 * half), halves.high);
      _mm256_store_si256(reinterpret_cast<__m256i*>(low + 32 * line + 16 * half), halves.low);
    }
  }
}

/** 16 lines × 32 terms whose lines are contiguous: one row of the tile a pair of terms. */
HASTE_AMX_TARGET void tileOfPairs(const float* x, int64_t stride, uint16_t* high, uint16_t* low) {
  for (int pair = 0; pair < 16; pair++) {
    const Halves even = split(_mm512_loadu_ps(x + 2 * pair * stride));
    const Halves odd = split(_mm512_loadu_ps(x + (2 * pair + 1) * stride));
    _mm512_store_si512(high + 32 * pair, paired(even.high, odd.high));
    _mm512_store_si512(low + 32 * pair, paired(even.low, odd.low));
  }
}

/** The 16 × 32 piece at (line, term), or a copy in `edge` with zeros beyond the matrix; its stride goes to `stride`. */
const float* pieceAt(const Source& source, int64_t line, int64_t term, float* edge, int64_t& stride) {
  const bool terms = source.termsContiguous;
  const auto index = [&](int64_t i, int64_t k) { return terms ? i * source.stride + k : k * source.stride + i; };
  stride = source.stride;
  if (line + kSide <= source.lines && term + kDepth <= source.depth) return source.data + index(line, term);
  std::fill(edge, edge + kSide * kDepth, 0.0f);
  stride = terms ? kDepth : kSide;
  for (int64_t i = 0; i < std::min(kSide, source.lines - line); i++) {
    for (int64_t k = 0; k < std::min(kDepth, source.depth - term); k++) {
      edge[terms ? i * kDepth + k : k * kSide + i] = source.data[index(line + i, term + k)];
    }
  }
  return edge;
}

HASTE_AMX_TARGET void packTile(const Source& source, Side side, int64_t line, int64_t term, uint16_t* high, uint16_t* low) {
  alignas(64) float edge[kSide * kDepth];
  int64_t stride;
  const float* piece = pieceAt(source, line, term, edge, stride);
  if (source.termsContiguous) tileOfLines(piece, stride, high, low);
  else tileOfPairs(piece, stride, high, low);
  if ((side == Side::left) == source.termsContiguous) return;
  transposeTile(high);
  transposeTile(low);
}

}  // namespace

void pack(const Source& source, Side side, int64_t begin, int64_t end, uint16_t* packed) {
  const int64_t depthTiles = depthTilesOf(source.depth);
  for (int64_t block = begin; block < end; block++) {
    for (int64_t depthTile = 0; depthTile < depthTiles; depthTile++) {
      uint16_t* tiles = packed + (block * depthTiles + depthTile) * 4 * kTile;
      for (int64_t half = 0; half < 2; half++) {
        packTile(source, side, block * kBlock + half * kSide, depthTile * kDepth, tiles + half * kTile,
                 tiles + (2 + half) * kTile);
      }
    }
  }
}

Packed::Packed(const at::Tensor& matrix, Side side)
    : blocks_(blocksOf(matrix.size(0))),
      depthTiles_(depthTilesOf(matrix.size(1))),
      storage_(at::empty({packedSize(matrix.size(0), matrix.size(1))}, matrix.options().dtype(at::kShort))),
      data_(static_cast<uint16_t*>(storage_.data_ptr())) {
  const bool termsContiguous = matrix.stride(1) == 1;
  const Source source{matrix.data_ptr<float>(), matrix.size(0), matrix.size(1), termsContiguous,
                      matrix.stride(termsContiguous ? 0 : 1)};
  at::parallel_for(0, blocks_, 1, [&](int64_t begin, int64_t end) { pack(source, side, begin, end, data_); });
}

}  // namespace amx
}  // namespace haste
#endif
