// Device-neutral graphs came with libtorch 2.13.
#include "graph.h"

#include "version.h"

#if HASTE_TORCH_AT_LEAST(2, 13)
#include <ATen/DeviceAccelerator.h>
#include <ATen/accelerator/Graph.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <unordered_map>
#endif

namespace haste {
#if HASTE_TORCH_AT_LEAST(2, 13)
namespace {

/**
 * Work on the default stream cannot be captured. Always the same other stream of a device: cuBLAS keeps a workspace for
 * each that it has seen.
 */
c10::Stream captureStream(c10::Device device) {
  thread_local std::unordered_map<c10::DeviceIndex, c10::Stream> streams;
  const auto known = streams.find(device.index());
  if (known != streams.end()) return known->second;
  const c10::Stream fresh = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
  return streams.emplace(device.index(), fresh).first->second;
}

class DeviceGraph : public Graph {
 public:
  DeviceGraph(const std::vector<at::Tensor>& inputs, const std::vector<bool>& written, const GraphWork& work)
      : device_(inputs.at(0).device()) {
    std::vector<at::Tensor> places = inputs;
    for (size_t i = 0; i < inputs.size(); i++) {
      written_.push_back(written[i] ? inputs[i].data_ptr() : nullptr);
      copies_.push_back(written[i] ? at::Tensor() : inputs[i].clone());
      if (!written[i]) places[i] = copies_[i];
    }
    // A graph has memory of its own: what earlier steps left for reuse would lie beside it for nothing.
    at::accelerator::emptyCache();
    const c10::StreamGuard aside(captureStream(device_));
    graph_ = std::make_unique<at::accelerator::Graph>();
    // Of other threads, one may be waiting for a read meanwhile.
    graph_->capture_begin({0, 0}, at::GraphCaptureMode::ThreadLocal);
    try {
      outputs_ = work(places);
    } catch (...) {
      abandon();
      throw;
    }
    finish();
  }

  bool fits(const std::vector<at::Tensor>& inputs) const override {
    for (size_t i = 0; i < inputs.size(); i++) {
      if (written_[i] && written_[i] != inputs[i].data_ptr()) return false;
    }
    return true;
  }

  std::vector<at::Tensor> launch(const std::vector<at::Tensor>& inputs) override {
    const c10::DeviceGuard here(device_);
    for (size_t i = 0; i < inputs.size(); i++) {
      if (copies_[i].defined()) copies_[i].copy_(inputs[i], /*non_blocking=*/true);
    }
    graph_->replay();
    std::vector<at::Tensor> outputs;
    // The next launch writes to the same memory.
    for (const at::Tensor& output : outputs_) outputs.push_back(output.defined() ? output.clone() : output);
    return outputs;
  }

 private:
  /** Where it fails, libtorch's allocator goes on asking this graph whose memory is whose: it must outlive the failure. */
  void finish() {
    try {
      graph_->capture_end();
    } catch (...) {
      static_cast<void>(graph_.release());
      throw;
    }
  }

  /** The device must leave its capturing mode, whatever became of the work. */
  void abandon() {
    try {
      finish();
    } catch (...) {
      // The error of the work is the one to tell.
    }
  }

  c10::Device device_;
  /** Freed after the tensors below, which lie in its memory. */
  std::unique_ptr<at::accelerator::Graph> graph_;
  std::vector<const void*> written_;
  std::vector<at::Tensor> copies_, outputs_;
};

}  // namespace

std::unique_ptr<Graph> captureGraph(const std::vector<at::Tensor>& inputs, const std::vector<bool>& written,
                                    const GraphWork& work) {
  return std::make_unique<DeviceGraph>(inputs, written, work);
}
#else
std::unique_ptr<Graph> captureGraph(const std::vector<at::Tensor>&, const std::vector<bool>&, const GraphWork&) {
  throw std::runtime_error("capturing a graph needs libtorch 2.13 or newer");
}
#endif
}  // namespace haste
