#include "tiles.h"

#ifdef HASTE_AMX
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace haste {
#ifdef HASTE_AMX
namespace {

bool processorHasIt() {
  unsigned eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return false;
  const bool amxBf16 = edx >> 22 & 1;
  const bool amxTile = edx >> 24 & 1;
  const bool avx512 = (ebx >> 16 & 1) && (ebx >> 17 & 1) && (ebx >> 30 & 1) && (ebx >> 31 & 1);
  if (!__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) return false;
  const bool avx512Bf16 = eax >> 5 & 1;
  return amxBf16 && amxTile && avx512 && avx512Bf16;
}

/** Linux grants the tile registers on demand, since they make every context switch heavier. */
bool systemGrantsIt() {
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

bool amxAvailable() {
  static const bool available = processorHasIt() && systemGrantsIt();
  return available;
}

namespace amx {
namespace {

struct alignas(64) Configuration {
  uint8_t palette = 1;
  uint8_t startRow = 0;
  uint8_t reserved[14] = {};
  uint16_t bytesPerRow[16] = {};
  uint8_t rows[16] = {};
};

// GCC ignores the target of a constructor, so these are functions.
HASTE_AMX_TARGET void configure() {
  Configuration configuration;
  for (int tile = 0; tile < 8; tile++) {
    configuration.bytesPerRow[tile] = 64;
    configuration.rows[tile] = 16;
  }
  // GCC believes that the instruction reads eight bytes only, and would drop the other stores.
  __asm__ volatile("" : : "r"(&configuration) : "memory");
  _tile_loadconfig(&configuration);
}

HASTE_AMX_TARGET void release() { _tile_release(); }

}  // namespace

TileScope::TileScope() { configure(); }
TileScope::~TileScope() { release(); }

}  // namespace amx
#else
bool amxAvailable() { return false; }
#endif
}  // namespace haste
