import { Bag, CheckpointError, StoredTensor } from './values.js';

export type StateDict = ReadonlyMap<string, StoredTensor>;

/** How deep a state dict may lie in a checkpoint: { state: { model: { … } } }. */
const DEEPEST = 4;
/** How deep modules of a scripted model lie in each other. */
const DEEPEST_MODULE = 64;
/** Dicts and modules that are looked through; checkpoints of detectors have some thousands. */
const MOST_VISITED = 100_000;
const MOST_LISTED = 20;

/** What checkpoints call the weights of a model, as opposed to statistics, buffers of a loss and the like. */
const USUAL = new Set([
  ...['model', 'state_dict', 'model_state_dict', 'module', 'net', 'network'],
  ...['teacher', 'student', 'target_encoder', 'ema', 'model_ema', 'ema_model'],
]);
/** What holds tensors by name that are no weights. */
const NEVER = new Set(['optimizer', 'optim', 'opt', 'scaler', 'scheduler', 'lr_scheduler']);

/**
 * The tensors by name that a checkpoint means: the dict that was saved, or the one in it that holds weights; of a scripted model,
 * all parameters and buffers under the names of its state dict.
 * @param entry its path, such as 'teacher' or 'state.model'; default: the only one there is.
 * @throws CheckpointError listing the choices when it is not clear which, or when there is none.
 */
export function findStateDict(root: unknown, entry?: string): StateDict {
  if (root instanceof Bag && entry === undefined) {
    const tensors = moduleTensors(root);
    if (tensors.size > 0) return tensors;
  }
  const all = collect(root);
  if (entry !== undefined) {
    const chosen = all.get(entry);
    if (chosen) return chosen;
    throw new CheckpointError(`it has no tensors under '${entry}'; ${choices(all)}`, true);
  }
  const usual = [...all].filter(([path]) => path !== '' && path.split('.').every((name) => USUAL.has(name)));
  const [one, other] = usual.length > 0 ? usual : all.has('') ? [['', all.get('')!] as const] : [...all];
  if (one && !other) return one[1];
  throw new CheckpointError(
    one ? `it has weights in several places; ${choices(all)}` : 'it has no named tensors',
    true,
  );
}

function choices(all: ReadonlyMap<string, StateDict>): string {
  if (all.size === 0) return 'it has none anywhere';
  const list = [...all].slice(0, MOST_LISTED).map(([path, { size }]) => `'${path}' (${size} tensors)`);
  const more = all.size > MOST_LISTED ? `, and ${all.size - MOST_LISTED} others` : '';
  return `choose by the option entry: ${list.join(', ')}${more}`;
}

/** Every dict that itself holds tensors by name, by its path. A dict that is there twice counts where it is met first. */
function collect(root: unknown): ReadonlyMap<string, StateDict> {
  const found = new Map<string, StateDict>();
  const seen = new Set<unknown>();
  const waiting: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }];
  for (const { value, path } of waiting) {
    if (!(value instanceof Map) || seen.has(value)) continue;
    countVisit(seen, value);
    const own = new Map<string, StoredTensor>();
    for (const [key, inner] of value as Map<unknown, unknown>) {
      if (typeof key !== 'string') continue;
      if (inner instanceof StoredTensor) own.set(key, inner);
      else if (path.length < DEEPEST && !NEVER.has(key)) waiting.push({ value: inner, path: [...path, key] });
    }
    if (own.size > 0) found.set(path.join('.'), own);
  }
  return found;
}

/** Attributes of attributes, joined by dots: what the state dict of a scripted module calls its parameters and buffers. */
function moduleTensors(root: Bag): StateDict {
  const tensors = new Map<string, StoredTensor>();
  const seen = new Set<unknown>();
  const waiting = [{ bag: root, prefix: '', depth: 0 }];
  for (const { bag, prefix, depth } of waiting) {
    if (seen.has(bag) || depth > DEEPEST_MODULE) continue;
    countVisit(seen, bag);
    for (const [key, value] of bag.attributes) {
      if (typeof key !== 'string') continue;
      if (value instanceof StoredTensor) tensors.set(prefix + key, value);
      if (value instanceof Bag) waiting.push({ bag: value, prefix: `${prefix}${key}.`, depth: depth + 1 });
    }
  }
  return tensors;
}

function countVisit(seen: Set<unknown>, value: unknown): void {
  seen.add(value);
  if (seen.size > MOST_VISITED)
    throw new CheckpointError(`it nests more than ${MOST_VISITED} dicts: these are no weights`);
}
