// Device-neutral graphs came with libtorch 2.13.
#include "graph.h"

#include "version.h"

#if HASTE_TORCH_AT_LEAST(2, 13)
#include <ATen/accelerator/Graph.h>
#endif

namespace haste {
#if HASTE_TORCH_AT_LEAST(2, 13)
namespace {

class DeviceGraph : public Graph {
 public:
  using Work = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

  DeviceGraph(const std::vector<at::Tensor>& inputs, const std::vector<bool>& fixed, const Work& work) {
    for (size_t i = 0; i < inputs.size(); i++) inputs_.push_back(fixed[i] ? inputs[i] : inputs[i].clone());
    graph_.capture_begin();
    try {
      outputs_ = work(inputs_);
    } catch (...) {
      abandon();
      throw;
    }
    graph_.capture_end();
  }

  std::vector<at::Tensor> launch(const std::vector<at::Tensor>& inputs) override {
    for (size_t i = 0; i < inputs.size(); i++) {
      if (!inputs_[i].is_same(inputs[i])) inputs_[i].copy_(inputs[i], /*non_blocking=*/true);
    }
    graph_.replay();
    std::vector<at::Tensor> outputs;
    // The next launch writes to the same memory.
    for (const at::Tensor& output : outputs_) outputs.push_back(output.defined() ? output.clone() : output);
    return outputs;
  }

 private:
  /** The device must leave its capturing mode, whatever became of the work. */
  void abandon() {
    try {
      graph_.capture_end();
    } catch (...) {
      // The error of the work is the one to tell.
    }
  }

  at::accelerator::Graph graph_;
  std::vector<at::Tensor> inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Graph> captureGraph(const std::vector<at::Tensor>& inputs, const std::vector<bool>& fixed,
                                    const DeviceGraph::Work& work) {
  auto graph = std::make_unique<DeviceGraph>(inputs, fixed, work);
  return graph;
}
#else
std::unique_ptr<Graph> captureGraph(const std::vector<at::Tensor>&, const std::vector<bool>&,
                                    const std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>&) {
  throw std::runtime_error("capturing a graph needs libtorch 2.13 or newer");
}
#endif
}  // namespace haste
