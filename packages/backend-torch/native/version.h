#pragma once
#include <torch/version.h>

/** Whether the libtorch that this is compiled against is of version major.minor or newer. */
#define HASTE_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))
