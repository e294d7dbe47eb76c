// Intel's matrix unit (AMX): tiles of 16 rows of 64 bytes, and one instruction that multiplies two of them in bfloat16 and
// adds to a third in float32.
#pragma once
#include <cstdint>

#if defined(__x86_64__) && defined(__linux__) && ((defined(__GNUC__) && __GNUC__ >= 11) || defined(__clang__))
#define HASTE_AMX 1
#include <immintrin.h>
#define HASTE_AMX_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")))
#endif

namespace haste {

/** Whether this processor has the unit and the system lets this process use it. */
bool amxAvailable();

#ifdef HASTE_AMX
namespace amx {

/** bfloat16 elements of a tile: 16 rows × 32. */
constexpr int64_t kTile = 512;
/** Rows (or columns) of a tile of float32 sums. */
constexpr int64_t kSide = 16;
/** Terms of the sum that one tile holds. */
constexpr int64_t kDepth = 32;
/** Side of a block of the result: 2 × 2 tiles, half of the eight tile registers. */
constexpr int64_t kBlock = 32;

/** For the life of a piece of work on one thread: tile registers of full size. */
class TileScope {
 public:
  TileScope();
  ~TileScope();
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

}  // namespace amx
#endif
}  // namespace haste
