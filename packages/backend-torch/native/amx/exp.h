// The exponential of sixteen numbers at once.
#pragma once
#include "tiles.h"

#ifdef HASTE_AMX
namespace haste {
namespace amx {

/** eˣ to within 2 ulp for x ≤ 88; 0 below about −104, as float32 rounds. x = n·ln 2 + r, eʳ by its Taylor polynomial. */
HASTE_AMX_TARGET inline __m512 exp(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT);
  // ln 2 in two parts, so that n·ln 2 loses nothing.
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693145752f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(1.42860677e-6f), r);
  __m512 sum = _mm512_set1_ps(1.0f / 720);
  for (const float coefficient : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) {
    sum = _mm512_fmadd_ps(sum, r, _mm512_set1_ps(coefficient));
  }
  return _mm512_scalef_ps(sum, n);
}

}  // namespace amx
}  // namespace haste
#endif
