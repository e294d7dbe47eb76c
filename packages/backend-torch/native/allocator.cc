// A training step asks for the same sizes again and again. Taking each from the system costs a page fault every 4 KiB, more
// than an elementwise operator does with the memory; so freed blocks are kept by size class, and large ones are asked for
// in huge pages.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <cstdlib>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#include "version.h"

namespace haste {
namespace {

constexpr size_t kAlignment = 64;
/** Before the data of every block: its size class. oneDNN frees by data pointer alone, so it must be found from there. */
constexpr size_t kHeader = kAlignment;
constexpr size_t kHugePage = size_t{2} << 20;
/** Smaller blocks are left to malloc, which keeps them anyway. */
constexpr size_t kSmallest = size_t{64} << 10;

/** The next of eight classes to a power of two: at most an eighth is wasted. */
size_t sizeClass(size_t bytes) {
  size_t power = 1;
  while (power * 2 <= bytes) power *= 2;
  const size_t step = power / 8;
  return (bytes + step - 1) / step * step;
}

class Blocks {
 public:
  void* take(size_t bytes) {
    const bool kept = bytes >= kSmallest;
    const size_t total = kept ? sizeClass(bytes + kHeader) : bytes + kHeader;
    char* block = kept ? fromCache(total) : nullptr;
    if (block == nullptr) block = fromSystem(total);
    *reinterpret_cast<size_t*>(block) = total;
    std::lock_guard<std::mutex> lock(mutex_);
    inUse_ += total;
    if (inUse_ > peak_) peak_ = inUse_;
    return block + kHeader;
  }

  void give(void* data) {
    if (data == nullptr) return;
    char* block = static_cast<char*>(data) - kHeader;
    const size_t total = *reinterpret_cast<size_t*>(block);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      inUse_ -= total;
      if (total >= kSmallest + kHeader) {
        free_[total].push_back(block);
        cached_ += total;
        return;
      }
    }
    std::free(block);
  }

  void release() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& entry : free_) {
      for (char* block : entry.second) std::free(block);
    }
    free_.clear();
    cached_ = 0;
  }

  HostMemory memory() {
    std::lock_guard<std::mutex> lock(mutex_);
    return {inUse_, peak_, cached_};
  }

  void resetPeak() {
    std::lock_guard<std::mutex> lock(mutex_);
    peak_ = inUse_;
  }

 private:
  char* fromCache(size_t total) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = free_.find(total);
    if (found == free_.end() || found->second.empty()) return nullptr;
    char* block = found->second.back();
    found->second.pop_back();
    cached_ -= total;
    return block;
  }

  char* fromSystem(size_t total) {
    void* block = nullptr;
    const bool huge = total >= kHugePage;
    if (posix_memalign(&block, huge ? kHugePage : kAlignment, total) != 0) {
      release();
      const bool failed = posix_memalign(&block, huge ? kHugePage : kAlignment, total) != 0;
      TORCH_CHECK(!failed, "Out of memory: the system has no ", total, " bytes for a tensor.");
    }
#ifdef MADV_HUGEPAGE
    if (huge) madvise(block, total, MADV_HUGEPAGE);
#endif
    return static_cast<char*>(block);
  }

  std::mutex mutex_;
  std::unordered_map<size_t, std::vector<char*>> free_;
  size_t inUse_ = 0;
  size_t peak_ = 0;
  size_t cached_ = 0;
};

/** Never destroyed: tensors may be freed while the process ends. */
Blocks& blocks() {
  static Blocks* const instance = new Blocks;
  return *instance;
}

void giveBack(void* data) { blocks().give(data); }

class CachingAllocator final : public c10::Allocator {
 public:
#if HASTE_TORCH_AT_LEAST(2, 3)
  c10::DataPtr allocate(size_t bytes) override { return take(bytes); }
#else
  c10::DataPtr allocate(size_t bytes) const override { return take(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &giveBack; }
#if HASTE_TORCH_AT_LEAST(2, 1)
  void copy_data(void* target, const void* source, std::size_t bytes) const override {
    default_copy_data(target, source, bytes);
  }
#endif

 private:
  static c10::DataPtr take(size_t bytes) {
    void* data = bytes == 0 ? nullptr : blocks().take(bytes);
    return {data, data, &giveBack, c10::Device(c10::kCPU)};
  }
};

}  // namespace

void installAllocator() {
  static CachingAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/1);
}

HostMemory hostMemory() { return blocks().memory(); }
void resetHostPeak() { blocks().resetPeak(); }
void releaseCached() { blocks().release(); }

}  // namespace haste
