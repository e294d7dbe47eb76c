// Work of a device, captured once and launched as a whole: one launch instead of a thousand.
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <vector>

namespace haste {

class Graph {
 public:
  virtual ~Graph() = default;
  /** Runs what was captured on these inputs. They are copied to the memory that it was captured on, unless they lie there. */
  virtual std::vector<at::Tensor> launch(const std::vector<at::Tensor>& inputs) = 0;
};

/**
 * Captures `work` on the inputs' device, and runs it once.
 * @param fixed of each input, whether `work` writes to it, so that it must stay where it is.
 * @throws Error where libtorch is older than 2.13 or the device cannot.
 */
std::unique_ptr<Graph> captureGraph(
    const std::vector<at::Tensor>& inputs, const std::vector<bool>& fixed,
    const std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>& work);

}  // namespace haste
