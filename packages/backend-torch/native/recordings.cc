#include "recordings.h"

#include "environment.h"
#include "recording.h"

namespace haste {
namespace {

std::vector<uint32_t> handlesOf(napi_env env, napi_value list) {
  std::vector<uint32_t> handles;
  forEachNumber(env, list, [&](double handle) { handles.push_back(static_cast<uint32_t>(handle)); });
  return handles;
}

std::vector<at::Tensor> tensorsOf(napi_env env, napi_value list) {
  std::vector<at::Tensor> tensors;
  for (const uint32_t handle : handlesOf(env, list)) tensors.push_back(environmentOf(env).handles.get(handle));
  return tensors;
}

/** Negative ones become null. */
napi_value indices(napi_env env, const std::vector<int64_t>& list) {
  napi_value array;
  HASTE_NAPI(napi_create_array_with_length(env, list.size(), &array));
  for (uint32_t i = 0; i < list.size(); i++) {
    HASTE_NAPI(napi_set_element(env, array, i, list[i] < 0 ? null(env) : fromDouble(env, static_cast<double>(list[i]))));
  }
  return array;
}

Recording& recordingOf(const Arguments& arguments, size_t index) {
  const auto& recordings = environmentOf(arguments.env).recordings;
  const auto found = recordings.find(static_cast<uint32_t>(toDouble(arguments.env, arguments[index])));
  if (found == recordings.end()) throw std::runtime_error("there is no such recording");
  return *found->second;
}

}  // namespace

napi_value recordBegin(const Arguments& arguments) {
  Environment& environment = environmentOf(arguments.env);
  if (environment.recording) throw std::runtime_error("a step is being recorded already");
  environment.recording = std::make_shared<Recording>(environment, handlesOf(arguments.env, arguments[0]));
  return nullptr;
}

napi_value recordEnd(const Arguments& arguments) {
  const napi_env env = arguments.env;
  Environment& environment = environmentOf(env);
  if (!environment.recording) throw std::runtime_error("no step is being recorded");
  const std::shared_ptr<Recording> recording = std::move(environment.recording);
  recording->finish(tensorsOf(env, arguments[0]), tensorsOf(env, arguments[1]));
  const uint32_t id = ++environment.lastRecording;
  environment.recordings.emplace(id, recording);
  const napi_value parts[] = {fromUint(env, id), fromString(env, recording->spoiled()),
                              indices(env, recording->written()), indices(env, recording->kept())};
  napi_value result;
  HASTE_NAPI(napi_create_array(env, &result));
  for (uint32_t i = 0; i < 4; i++) HASTE_NAPI(napi_set_element(env, result, i, parts[i]));
  return result;
}

napi_value recordAbort(const Arguments& arguments) {
  environmentOf(arguments.env).recording.reset();
  return nullptr;
}

napi_value recordingDifference(const Arguments& arguments) {
  const Environment& environment = environmentOf(arguments.env);
  return fromString(arguments.env, recordingOf(arguments, 0).difference(recordingOf(arguments, 1), environment));
}

napi_value recordingReplay(const Arguments& arguments) {
  const napi_env env = arguments.env;
  Environment& environment = environmentOf(env);
  Recording& recording = recordingOf(arguments, 0);
  if (environment.recording) throw std::runtime_error("a step is being recorded");
  auto replayed = recording.replay(environment, handlesOf(env, arguments[1]), toBool(env, arguments[2]));
  if (!replayed.refused.empty()) return fromString(env, replayed.refused);
  environment.description[0] = 0;
  environment.described = 1;
  napi_value handles;
  HASTE_NAPI(napi_create_array_with_length(env, replayed.outputs.size(), &handles));
  uint32_t i = 0;
  for (at::Tensor& output : replayed.outputs) {
    const napi_value handle = output.defined() ? giveTensor(env, std::move(output)) : null(env);
    HASTE_NAPI(napi_set_element(env, handles, i++, handle));
  }
  return handles;
}

napi_value recordingFree(const Arguments& arguments) {
  environmentOf(arguments.env).recordings.erase(static_cast<uint32_t>(toDouble(arguments.env, arguments[0])));
  return nullptr;
}

}  // namespace haste
