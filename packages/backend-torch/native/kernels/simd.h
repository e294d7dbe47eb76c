// How the kernels become vector code: plain loops under `#pragma omp simd`, compiled three times, the fastest that the
// processor has being chosen when the addon is loaded.
#pragma once
#include <c10/util/BFloat16.h>

#include <cstdint>
#include <cstring>

/**
 * For a function that holds hot loops. GCC compiles it for AVX-512, for AVX2 and for every x86-64 (it knows the levels
 * of x86-64 since version 12); elsewhere (ARM's NEON, clang) it is compiled once, for what the flags allow. Calling it
 * is an indirect call: give it a row at least. It has to be in an unnamed namespace, and what it calls has to be
 * HASTE_INLINE: a function of its own would not be compiled for these.
 */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#define HASTE_VECTORS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#elif defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define HASTE_VECTORS __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define HASTE_VECTORS
#endif
#define HASTE_INLINE __attribute__((always_inline)) inline

namespace haste {

using Half = c10::BFloat16;

HASTE_INLINE uint32_t bitsOf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

HASTE_INLINE float fromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

HASTE_INLINE float load(const float& x) { return x; }
HASTE_INLINE float load(const Half& x) { return fromBits(static_cast<uint32_t>(x.x) << 16); }

HASTE_INLINE void store(float& to, float x) { to = x; }
/** Rounded to nearest, ties to even. c10's own conversion does the same, but branches. */
HASTE_INLINE void store(Half& to, float x) {
  const uint32_t bits = bitsOf(x);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  to.x = static_cast<uint16_t>(x == x ? rounded : 0x7fc0);
}

}  // namespace haste
