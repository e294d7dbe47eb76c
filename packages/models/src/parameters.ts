import { HasteError } from '@hastejs/plugin-api';
import { type Params, type Rng, type Tensor, tf } from '@hastejs/tensor';

/** How a fresh parameter is filled. `table` is a fixed tensor, such as sin-cos positions. */
export type Init =
  | { readonly kind: 'zeros' | 'ones' | 'xavier' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'table'; readonly values: () => Float32Array };

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly init: Init;
}

/** Every parameter of a model by its released state-dict name: what initialisation, loading and counting share. */
export type ParameterTable = Readonly<Record<string, ParameterSpec>>;

/** Looks parameters up under a prefix. */
export type Lookup = (name: string) => Tensor;

/** @throws HasteError WEIGHTS_MISMATCH naming the parameter that is absent. */
export function within(params: Params, prefix = ''): Lookup {
  return (name) => {
    const tensor = params[prefix + name];
    if (tensor) return tensor;
    throw new HasteError('WEIGHTS_MISMATCH', {
      what: `The model has no parameter '${prefix}${name}'.`,
      where: prefix + name,
      fix: 'Use the weights of a model of this size and kind.',
    });
  };
}

/**
 * Fresh parameters. Every one draws from a stream under its own name, so that adding one changes no other.
 * @returns tensors that the caller owns.
 */
export function initParameters(table: ParameterTable, rng: Rng): Params {
  return Object.fromEntries(
    Object.entries(table).map(([name, { shape, init }]) => {
      return [name, tf.tensor(initialValues(shape, init, rng.stream(name)), [...shape], 'float32')];
    }),
  );
}

function initialValues(shape: readonly number[], init: Init, rng: Rng): Float32Array {
  const size = tf.util.sizeFromShape([...shape]);
  switch (init.kind) {
    case 'zeros':
      return new Float32Array(size);
    case 'ones':
      return new Float32Array(size).fill(1);
    case 'constant':
      return new Float32Array(size).fill(init.value);
    case 'normal':
      return rng.normal(size).map((value) => value * init.std);
    case 'table':
      return init.values();
    case 'xavier': {
      // A convolution over patches counts as the linear layer it is: [out, in·p·p].
      const bound = Math.sqrt(6 / (shape[0]! + size / shape[0]!));
      return rng.uniform(size).map((u) => (2 * u - 1) * bound);
    }
  }
}

/** Number of scalars, without making any. */
export function countTable(table: ParameterTable): number {
  return Object.values(table).reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
}

/** Named tensors, on the host or on a backend. */
type Shaped = Readonly<Record<string, { readonly shape: readonly number[] }>>;

/**
 * Holds loaded weights against the model's table.
 * @throws HasteError WEIGHTS_MISMATCH listing up to five missing, extra and misshapen tensors.
 */
export function checkParameters(table: ParameterTable, found: Shaped, where: string): void {
  const faults = [
    ...Object.entries(table).flatMap(([name, { shape }]) => {
      const actual = found[name]?.shape;
      if (!actual) return [`'${name}' is missing`];
      const same = tf.util.arraysEqual([...actual], [...shape]);
      return same ? [] : [`'${name}' is [${actual.join(', ')}] instead of [${shape.join(', ')}]`];
    }),
    ...Object.keys(found)
      .filter((name) => !table[name])
      .map((name) => `'${name}' is not part of the model`),
  ];
  if (faults.length === 0) return;
  const more = faults.length > 5 ? `; and ${faults.length - 5} more` : '';
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The weights do not fit the model: ${faults.slice(0, 5).join('; ')}${more}.`,
    where,
    fix: 'Check the size, patch and number of classes given against the file.',
  });
}
