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
  /** Whether the inputs that are written lie where they lay when the work was captured. */
  virtual bool fits(const std::vector<at::Tensor>& inputs) const = 0;
  /** Runs what was captured. Inputs that are only read are copied to the memory that it was captured on. */
  virtual std::vector<at::Tensor> launch(const std::vector<at::Tensor>& inputs) = 0;
};

using GraphWork = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

/**
 * Captures `work` on the inputs' device; nothing is run yet. The graph owns no input that is written: whoever owns it goes on
 * being its only owner.
 * @param written of each input, whether `work` writes to it.
 * @throws Error where libtorch is older than 2.13, the device cannot, or the work does what cannot be captured.
 */
std::unique_ptr<Graph> captureGraph(const std::vector<at::Tensor>& inputs, const std::vector<bool>& written,
                                    const GraphWork& work);

}  // namespace haste
