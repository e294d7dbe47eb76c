import { type ErrorCode, isHasteError } from '@hastejs/plugin-api';

/** What the process tells the shell. `haste --help` lists them; scripts may rely on them. */
export const EXIT = {
  ok: 0,
  /** Something broke while working: a loss was not finite, an extension threw, or Haste has a bug. */
  failure: 1,
  /** The command line does not make sense. */
  usage: 2,
  /** A recipe, plugin, data set, weight file or checkpoint cannot be used as it is. */
  input: 3,
  /** This machine or place cannot do it: disk full, folder read-only or in use, no memory, no such backend, no way to the hub. */
  place: 4,
  /** Ctrl-C or SIGTERM: the run is saved and `haste resume` goes on. Shells report a killed process the same way. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const OF_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  RECIPE_UNREADABLE: EXIT.input,
  RECIPE_INVALID: EXIT.input,
  EXTENSION_UNKNOWN: EXIT.input,
  EXTENSION_OPTIONS: EXIT.input,
  PLUGIN_UNREADABLE: EXIT.input,
  PLUGIN_INVALID: EXIT.input,
  PLUGIN_INCOMPATIBLE: EXIT.input,
  PLUGIN_DUPLICATE: EXIT.input,
  SERVICE_UNKNOWN: EXIT.input,
  SERVICE_DUPLICATE: EXIT.input,
  TEACHER_MISMATCH: EXIT.input,
  LAYERS_INVALID: EXIT.input,
  WEIGHTS_UNREADABLE: EXIT.input,
  WEIGHTS_MISMATCH: EXIT.input,
  DATA_MISSING: EXIT.input,
  DATA_EMPTY: EXIT.input,
  IMAGE_UNREADABLE: EXIT.input,
  CHECKPOINT_DAMAGED: EXIT.input,
  CHECKPOINT_FOREIGN: EXIT.input,
  CHECKPOINT_MISSING: EXIT.input,
  RUN_LOG_MISSING: EXIT.input,
  BACKEND_UNAVAILABLE: EXIT.place,
  WEIGHTS_PULL: EXIT.place,
  BACKEND_MEMORY: EXIT.place,
  RUN_FOLDER: EXIT.place,
  DISK: EXIT.place,
  EXTENSION_FAILED: EXIT.failure,
  SHAPE_MISMATCH: EXIT.failure,
  LOSS_NOT_FINITE: EXIT.failure,
  INTERRUPTED: EXIT.interrupted,
};

/**
 * Anything that is not a HasteError is a bug, hence a failure. A plugin may carry a newer plugin API, with codes unknown here:
 * a failure too.
 */
export function exitCodeOf(error: unknown): ExitCode {
  const known: Readonly<Record<string, ExitCode>> = OF_ERROR;
  return (isHasteError(error) && known[error.code]) || EXIT.failure;
}
