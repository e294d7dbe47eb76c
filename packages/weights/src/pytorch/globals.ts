// The names that a pickle of weights may mention, and what is made instead of calling them. Everything else is refused by its
// name: the list is what torch.save, torch.jit.save and the checkpoints of published encoders need, and every entry makes data.
import { ELEMENT_TYPES, STORAGE_TYPES } from './element-types.js';
import { storedTensor } from './stored-tensor.js';
import { Bag, CheckpointError, Global, Storage } from './values.js';

type Maker = (args: readonly unknown[]) => unknown;

/**
 * Nothing is copied: a pickle may name one list of a million items a million times over. For the same reason a list of pairs,
 * which Python 2 writes, becomes a dict once.
 */
const ofPairs = new WeakMap<readonly unknown[], ReadonlyMap<unknown, unknown>>();
const dict: Maker = ([items]) => {
  if (items === undefined) return new Map();
  if (items instanceof Map) return items;
  if (!Array.isArray(items)) throw new CheckpointError('it makes a dict of something that is none');
  if (!ofPairs.has(items)) {
    const pairs = items.every((pair) => Array.isArray(pair) && pair.length === 2);
    if (!pairs) throw new CheckpointError('it makes a dict of something that is none');
    ofPairs.set(items, new Map(items as [unknown, unknown][]));
  }
  return ofPairs.get(items);
};
const list: Maker = ([items = []]) => {
  if (Array.isArray(items)) return items;
  throw new CheckpointError('it makes a list of something that is none');
};
const first: Maker = ([value = null]) => value;
/** Devices, and numpy's numbers (losses, learning rates): no weight depends on them. */
const nothing: Maker = () => null;
const tensor: Maker = ([storage, offset, shape, strides, , , facts]) => {
  // A view that is negated or conjugated on reading: its numbers are not those of the storage.
  if (facts instanceof Map && facts.size > 0) throw new CheckpointError('one of its tensors is a view by a sign', true);
  return storedTensor({ storage, offset, shape, strides });
};

const WITH_ATTRIBUTES = 'torch._tensor._rebuild_from_type_v2';

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['collections.OrderedDict', dict],
  ['collections.defaultdict', ([, items]) => dict(items === undefined ? [] : [items])],
  ['builtins.dict', dict],
  ['builtins.list', list],
  ['builtins.tuple', list],
  ['builtins.set', list],
  ['builtins.frozenset', list],
  ['argparse.Namespace', () => new Bag('argparse.Namespace')],
  ['_codecs.encode', first],
  ['numpy.dtype', nothing],
  ['numpy.core.multiarray.scalar', nothing],
  ['numpy._core.multiarray.scalar', nothing],
  ['torch.Size', list],
  ['torch.device', nothing],
  ['torch._utils._rebuild_tensor', tensor],
  ['torch._utils._rebuild_tensor_v2', tensor],
  [
    'torch._utils._rebuild_tensor_v3',
    ([storage, offset, shape, strides, , , type]) => storedTensor({ storage, offset, shape, strides, type }),
  ],
  ['torch._utils._rebuild_parameter', first],
  ['torch._utils._rebuild_parameter_with_state', first],
  // A tensor with attributes of its own: what makes the tensor, its class, and what the former is called with.
  [
    WITH_ATTRIBUTES,
    ([callee, , args]) => make(callee instanceof Global && callee.name === WITH_ATTRIBUTES ? null : callee, args),
  ],
  // TorchScript's tagged lists.
  ['torch.jit._pickle.build_intlist', list],
  ['torch.jit._pickle.build_doublelist', list],
  ['torch.jit._pickle.build_boollist', list],
  ['torch.jit._pickle.build_tensorlist', list],
  ['torch.jit._pickle.restore_type_tag', first],
]);

/** Named, but never called. */
const CLASSES: ReadonlySet<string> = new Set(['torch.Tensor', 'torch._tensor.Tensor', 'torch.nn.parameter.Parameter']);
/** What Python 2 and old numpy call by other names. */
const RENAMED: ReadonlyMap<string, string> = new Map([['__builtin__', 'builtins']]);
/** Classes of a scripted model: their code is in the archive and is not looked at. */
const SCRIPTED = /^__torch__\./;

/** @throws CheckpointError for a name that is not on the list. */
export function globalNamed(module: unknown, name: unknown): Global {
  if (typeof module !== 'string' || typeof name !== 'string')
    throw new CheckpointError('it needs something without a name');
  const full = `${RENAMED.get(module) ?? module}.${name}`;
  const allowed = MAKERS.has(full) || STORAGE_TYPES.has(full) || ELEMENT_TYPES.has(full) || CLASSES.has(full);
  if (allowed || SCRIPTED.test(full)) return new Global(full);
  throw new CheckpointError(`it needs '${module}.${name}', which is neither a tensor nor plain data`, true);
}

/** What stands for the result of calling a global. @throws CheckpointError for a call that makes no sense. */
export function make(callee: unknown, args: unknown): unknown {
  if (!(callee instanceof Global) || !Array.isArray(args)) throw new CheckpointError('it calls what cannot be called');
  if (SCRIPTED.test(callee.name)) return new Bag(callee.name);
  const maker = MAKERS.get(callee.name);
  if (maker) return maker(args as unknown[]);
  throw new CheckpointError(`it calls '${callee.name}', which is neither a tensor nor plain data`, true);
}

/** The storage that a persistent id of torch.save names: ('storage', class, key, device, length). */
export function storageOf(id: unknown): Storage {
  const [kind, type, key, , length, view = null] = Array.isArray(id) ? (id as unknown[]) : [];
  const known = type instanceof Global && STORAGE_TYPES.has(type.name);
  const counted = typeof length === 'number' && Number.isSafeInteger(length) && length >= 0;
  if (kind === 'storage' && known && typeof key === 'string' && counted && view === null) {
    return new Storage(key, STORAGE_TYPES.get(type.name)!, length);
  }
  if (kind === 'module') throw new CheckpointError('it holds a whole module, not its weights', true);
  throw new CheckpointError('it refers to something outside of it that is no storage');
}
