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

/** The lanes of the next `count` numbers, of 16. */
inline __mmask16 lanes(int64_t count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : (1 << count) - 1; }

/** A piece of at most 16 lines × 32 terms. Nothing beyond it is read: what it lacks of a tile becomes zeros. */
struct Piece {
  const float* data;
  int64_t lines;
  int64_t terms;
  int64_t stride;
};

/** Terms contiguous: one row of the tile a line. @tparam whole if nothing is lacking. */
template <bool whole>
HASTE_AMX_TARGET void tileOfLines(const Piece& piece, uint16_t* high, uint16_t* low) {
  const __mmask16 masks[2] = {lanes(piece.terms), lanes(piece.terms - 16)};
  for (int64_t line = 0; line < kSide; line++) {
    const float* terms = piece.data + line * piece.stride;
    for (int half = 0; half < 2; half++) {
      const __mmask16 mask = whole ? 0xffff : line < piece.lines ? masks[half] : 0;
      const Halves halves = split(_mm512_maskz_loadu_ps(mask, terms + 16 * half));
      _mm256_store_si256(reinterpret_cast<__m256i*>(high + 32 * line + 16 * half), halves.high);
      _mm256_store_si256(reinterpret_cast<__m256i*>(low + 32 * line + 16 * half), halves.low);
    }
  }
}

/** Lines contiguous: one row of the tile a pair of terms. */
template <bool whole>
HASTE_AMX_TARGET void tileOfPairs(const Piece& piece, uint16_t* high, uint16_t* low) {
  const __mmask16 mask = whole ? 0xffff : lanes(piece.lines);
  const int64_t count = whole ? kDepth : piece.terms;
  for (int64_t pair = 0; pair < kSide; pair++) {
    const float* lines = piece.data + 2 * pair * piece.stride;
    const Halves even = split(_mm512_maskz_loadu_ps(2 * pair < count ? mask : 0, lines));
    const Halves odd = split(_mm512_maskz_loadu_ps(2 * pair + 1 < count ? mask : 0, lines + piece.stride));
    _mm512_store_si512(high + 32 * pair, paired(even.high, odd.high));
    _mm512_store_si512(low + 32 * pair, paired(even.low, odd.low));
  }
}

HASTE_AMX_TARGET void packTile(const Source& source, Side side, int64_t line, int64_t term, uint16_t* high, uint16_t* low) {
  const bool terms = source.termsContiguous;
  const int64_t at = terms ? line * source.stride + term : term * source.stride + line;
  const Piece piece{source.data + at, std::min(kSide, source.lines - line), std::min(kDepth, source.depth - term),
                    source.stride};
  const bool whole = piece.lines == kSide && piece.terms == kDepth;
  const auto tileOf = terms ? (whole ? tileOfLines<true> : tileOfLines<false>)
                            : (whole ? tileOfPairs<true> : tileOfPairs<false>);
  tileOf(piece, high, low);
  if ((side == Side::left) == terms) return;
  transposeTile(high);
  transposeTile(low);
}

}  // namespace

void packBlock(const Source& source, Side side, int64_t block, int64_t depthTile, uint16_t* tiles) {
  for (int64_t half = 0; half < 2; half++) {
    packTile(source, side, block * kBlock + half * kSide, depthTile * kDepth, tiles + half * kTile,
             tiles + (2 + half) * kTile);
  }
}

void pack(const Source& source, Side side, int64_t begin, int64_t end, uint16_t* packed) {
  const int64_t depthTiles = depthTilesOf(source.depth);
  for (int64_t block = begin; block < end; block++) {
    for (int64_t depthTile = 0; depthTile < depthTiles; depthTile++) {
      packBlock(source, side, block, depthTile, packed + (block * depthTiles + depthTile) * 4 * kTile);
    }
  }
}

HASTE_AMX_TARGET void turnBlock(const uint16_t* tiles, Side side, uint16_t* turned) {
  alignas(64) uint16_t order[2][32];
  for (int i = 0; i < 32; i++) {
    order[0][i] = static_cast<uint16_t>(i / 2 + 32 * (i % 2));
    order[1][i] = static_cast<uint16_t>(16 + order[0][i]);
  }
  const __m512i first = _mm512_load_si512(order[0]);
  const __m512i second = _mm512_load_si512(order[1]);
  // High tiles, then low ones; in each, two neighbouring lines become one row of pairs.
  for (int part = 0; part < 4; part += 2) {
    uint16_t* to = turned + part * kTile;
    for (int pair = 0; pair < 16; pair++) {
      const __m512i even = _mm512_load_si512(tiles + part * kTile + 64 * pair);
      const __m512i odd = _mm512_load_si512(tiles + part * kTile + 64 * pair + 32);
      _mm512_store_si512(to + 32 * pair, _mm512_permutex2var_epi16(even, first, odd));
      _mm512_store_si512(to + kTile + 32 * pair, _mm512_permutex2var_epi16(even, second, odd));
    }
    if (side == Side::right) continue;
    transposeTile(to);
    transposeTile(to + kTile);
  }
}

Packed::Packed(int64_t lines, int64_t depth)
    : blocks_(blocksOf(lines)),
      depthTiles_(depthTilesOf(depth)),
      storage_(at::empty({packedSize(lines, depth)}, at::kShort)),
      data_(static_cast<uint16_t*>(storage_.data_ptr())) {}

Packed::Packed(const at::Tensor& matrix, Side side) : Packed(matrix.size(0), matrix.size(1)) {
  const bool termsContiguous = matrix.stride(1) == 1;
  const Source source{matrix.data_ptr<float>(), matrix.size(0), matrix.size(1), termsContiguous,
                      matrix.stride(termsContiguous ? 0 : 1)};
  at::parallel_for(0, blocks_, 1, [&](int64_t begin, int64_t end) { pack(source, side, begin, end, data_); });
}

}  // namespace amx
}  // namespace haste
#endif
