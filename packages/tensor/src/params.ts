import { type Tensor, tf } from './tf.js';

/** Named tensors: a model's parameters, their gradients, or moments. Keys are released state-dict names. */
export type Params = Readonly<Record<string, Tensor>>;

/** Frees every tensor. Tensors that are already disposed are left alone. */
export function disposeParams(params: Params): void {
  for (const tensor of Object.values(params)) tensor.dispose();
}

/** New tensors with the same values. Memory is shared until either side changes: tensors are immutable. */
export function cloneParams(params: Params): Params {
  return mapParams(params, (tensor) => tf.clone(tensor));
}

/** Number of scalars. */
export function countParams(params: Params): number {
  return Object.values(params).reduce((sum, tensor) => sum + tensor.size, 0);
}

/**
 * The named entries, in the order of `names`: the same tensors, not copies.
 * @throws Error naming the first name that is absent.
 */
export function pickParams(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = params[name];
      if (!tensor) throw new Error(`There is no parameter named '${name}'.`);
      return [name, tensor];
    }),
  );
}

/** Everything but the named entries: the same tensors, not copies. Names that are absent are ignored. */
export function omitParams(params: Params, names: readonly string[]): Params {
  const omitted = new Set(names);
  return Object.fromEntries(Object.entries(params).filter(([name]) => !omitted.has(name)));
}

/** Applies `map` to every tensor; names stay. */
export function mapParams(params: Params, map: (tensor: Tensor, name: string) => Tensor): Params {
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, map(tensor, name)]));
}

/** The same tensors under longer names: `prefixParams(p, 'projectors.0.')`. */
export function prefixParams(params: Params, prefix: string): Params {
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [prefix + name, tensor]));
}

/** The same tensors whose names begin with `prefix`, without it: `subParams(p, 'blocks.3.')`. */
export function subParams(params: Params, prefix: string): Params {
  const inside = Object.entries(params).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(inside.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
