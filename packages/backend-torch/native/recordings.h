// Recordings of steps (recording.h), for JavaScript. One can be under way at a time.
#pragma once
#include "napi.h"

namespace haste {

/** recordBegin(inputs): from here on every call is noted, besides being made. */
napi_value recordBegin(const Arguments& arguments);
/**
 * recordEnd(outputs, late inputs): [id, why it cannot be repeated or '', indices of the inputs that are written in place, of
 * each output the index of the input that it is, or null].
 */
napi_value recordEnd(const Arguments& arguments);
/** recordAbort(): forgets what was noted, if anything. */
napi_value recordAbort(const Arguments& arguments);
/** recordingDifference(id, id): where two recordings of the same code part, or ''. */
napi_value recordingDifference(const Arguments& arguments);
/**
 * recordingReplay(id, inputs, asGraph): handles of the outputs, described; null for one that is an input written in place.
 * Or, as a string, why nothing was run.
 */
napi_value recordingReplay(const Arguments& arguments);
/** recordingFree(id) */
napi_value recordingFree(const Arguments& arguments);

}  // namespace haste
