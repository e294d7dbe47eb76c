// Work for several threads whose results do not depend on how many there are: it is cut into pieces by the sizes of the
// tensors alone, and whatever thread takes a piece computes the same.
#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace haste {

/** Elements of a piece: 64 KiB of float32, some microseconds of work. A tensor no larger is left to one thread. */
constexpr int64_t kPiece = 16384;

/** Rows of `width` elements that make a piece. */
inline int64_t rowsOfPiece(int64_t width) { return std::max<int64_t>(1, kPiece / std::max<int64_t>(1, width)); }

/** f(begin, end) for consecutive pieces of [0, count), each of `size` but for the last. */
template <class F>
void forPieces(int64_t count, int64_t size, const F& f) {
  const int64_t pieces = (count + size - 1) / size;
  at::parallel_for(0, pieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t piece = first; piece < last; piece++) f(piece * size, std::min(count, (piece + 1) * size));
  });
}

/** f(row) for every row of `width` elements. */
template <class F>
void forRows(int64_t rows, int64_t width, const F& f) {
  forPieces(rows, rowsOfPiece(width), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) f(row);
  });
}

}  // namespace haste
