// Capture of a whole step in a graph of the device: one launch instead of a thousand. Device-neutral since libtorch 2.13.
#include <memory>
#include <unordered_map>

#include "device.h"
#include "version.h"

#if HASTE_TORCH_AT_LEAST(2, 13)
#include <ATen/accelerator/Graph.h>
#endif

namespace haste {
#if HASTE_TORCH_AT_LEAST(2, 13)
namespace {

using Graphs = std::unordered_map<uint32_t, std::unique_ptr<at::accelerator::Graph>>;

Graphs& graphs() {
  static auto* const instance = new Graphs;
  return *instance;
}

at::accelerator::Graph& graphOf(const Arguments& arguments) {
  const auto found = graphs().find(static_cast<uint32_t>(toDouble(arguments.env, arguments[0])));
  if (found == graphs().end()) throw std::runtime_error("there is no such captured graph");
  return *found->second;
}

}  // namespace

napi_value captureBegin(const Arguments& arguments) {
  static uint32_t last = 0;
  auto graph = std::make_unique<at::accelerator::Graph>();
  graph->capture_begin();
  graphs().emplace(++last, std::move(graph));
  return fromUint(arguments.env, last);
}

napi_value captureEnd(const Arguments& arguments) {
  graphOf(arguments).capture_end();
  return nullptr;
}

napi_value replay(const Arguments& arguments) {
  graphOf(arguments).replay();
  return nullptr;
}

napi_value captureFree(const Arguments& arguments) {
  graphs().erase(static_cast<uint32_t>(toDouble(arguments.env, arguments[0])));
  return nullptr;
}
#else
namespace {
[[noreturn]] napi_value tooOld() { throw std::runtime_error("capturing a graph needs libtorch 2.13 or newer"); }
}  // namespace

napi_value captureBegin(const Arguments&) { tooOld(); }
napi_value captureEnd(const Arguments&) { tooOld(); }
napi_value replay(const Arguments&) { tooOld(); }
napi_value captureFree(const Arguments&) { tooOld(); }
#endif
}  // namespace haste
