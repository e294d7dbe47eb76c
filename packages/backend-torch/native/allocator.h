// Host memory that is kept for reuse.
#pragma once
#include <cstddef>

namespace haste {

struct HostMemory {
  size_t inUse;
  size_t peak;
  size_t cached;
};

/** Makes this libtorch's CPU allocator. Tensors that exist already keep the old one. Calling it again is harmless. */
void installAllocator();
HostMemory hostMemory();
void resetHostPeak();
/** Gives cached blocks back to the system. */
void releaseCached();

}  // namespace haste
