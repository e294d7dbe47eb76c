// All parameters of a model at once: lists of tensors, cut into pieces like one long tensor.
#pragma once
#include <vector>

#include "check.h"
#include "parallel.h"

namespace haste {

/** Elements [begin, end) of one tensor of the list. */
struct Piece {
  int64_t tensor;
  int64_t begin;
  int64_t end;
  int64_t count() const { return end - begin; }
};

/** The pieces of all tensors, in their order. */
inline std::vector<Piece> piecesOf(at::TensorList tensors) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < tensors.size(); i++) {
    const int64_t count = tensors[i].numel();
    for (int64_t begin = 0; begin < count; begin += kPiece) {
      pieces.push_back({static_cast<int64_t>(i), begin, std::min(begin + kPiece, count)});
    }
  }
  return pieces;
}

/** The elements of each tensor. Copies of those that are not contiguous live as long as this does. */
class Elements {
 public:
  /** To be read. */
  static Elements read(const char* op, const char* name, at::TensorList tensors) {
    Elements elements(op, name, tensors);
    for (const at::Tensor& tensor : tensors) elements.add(tensor.contiguous());
    return elements;
  }

  /** To be written in place: a copy would not do. */
  static Elements written(const char* op, const char* name, at::TensorList tensors) {
    Elements elements(op, name, tensors);
    for (const at::Tensor& tensor : tensors) {
      TORCH_CHECK(tensor.is_contiguous(), op, ": ", name, " are written in place and have to be contiguous; one of ",
                  "shape ", tensor.sizes(), " has strides ", tensor.strides(), ".");
      elements.add(tensor);
    }
    return elements;
  }

  /** Those of a piece. */
  float* operator[](const Piece& piece) const { return pointers_[piece.tensor] + piece.begin; }

 private:
  Elements(const char* op, const char* name, at::TensorList tensors) {
    for (const at::Tensor& tensor : tensors) checkFloat({op, name, tensor});
  }
  void add(const at::Tensor& tensor) {
    held_.push_back(tensor);
    pointers_.push_back(tensor.data_ptr<float>());
  }
  std::vector<at::Tensor> held_;
  std::vector<float*> pointers_;
};

/** Every tensor of the list has the shape of its parameter. */
inline void checkLike(const char* op, const char* name, at::TensorList tensors, at::TensorList params) {
  TORCH_CHECK(tensors.size() == params.size(), op, ": ", tensors.size(), " ", name, " for ", params.size(), " params.");
  for (size_t i = 0; i < params.size(); i++) checkShape({op, name, tensors[i]}, params[i].sizes(), "its parameter");
}

}  // namespace haste
