// Writes a model's tensors as a published file would: the inverse of what readVit does, spelled independently of it.
import { type HostTensor, rng, tf } from '@hastejs/tensor';

export type HostTensors = Readonly<Record<string, HostTensor>>;
type Rewrite = (tensor: HostTensor) => HostTensor;

export interface Publication {
  /** Stands before every name, those of `extras` excepted. */
  readonly prefix?: string;
  /**
   * Canonical name, or its stem without '.weight' and '.bias', to the published one; '#' is the block. A list cuts the
   * first axis into equal parts, of which neighbours of one name stay together. A leading '/' means: not behind the prefix.
   * Other names stay as they are.
   */
  readonly stems: Readonly<Record<string, string | readonly string[]>>;
  /** Published names, without prefix, that the file does not have. */
  readonly absent?: RegExp;
  /** Published names, without prefix, of tensors that are stored in another form. */
  readonly rewrite?: Readonly<Record<string, Rewrite>>;
  /** Tensors that lie in the file besides, by whole names. */
  readonly extras?: Readonly<Record<string, readonly number[]>>;
}

/** Random tensors of a table's shapes. */
export function randomTensors(table: Readonly<Record<string, { readonly shape: readonly number[] }>>): HostTensors {
  return Object.fromEntries(
    Object.entries(table).map(([name, { shape }]) => {
      const data = rng(5)
        .stream(name)
        .normal(tf.util.sizeFromShape([...shape]));
      return [name, { dtype: 'F32', shape, data: data.map((value) => 0.2 * value) }];
    }),
  );
}

/** The file of a model. */
export function publish(tensors: HostTensors, publication: Publication): HostTensors {
  const { prefix = '', absent = /$^/, rewrite = {}, extras = {} } = publication;
  const file = Object.entries(tensors).flatMap(([name, tensor]) => pieces(name, tensor, publication));
  return Object.fromEntries([
    ...file
      .filter(([name]) => !absent.test(name))
      .map(([name, tensor]) => [whole(prefix, name), rewrite[name]?.(tensor) ?? tensor] as const),
    ...Object.entries(extras).map(([name, shape]) => {
      return [name, { dtype: 'F32', shape, data: new Float32Array(tf.util.sizeFromShape([...shape])) }] as const;
    }),
  ]);
}

const whole = (prefix: string, name: string): string => (name.startsWith('/') ? name.slice(1) : prefix + name);

function pieces(name: string, tensor: HostTensor, { stems }: Publication): [string, HostTensor][] {
  const block = /^blocks\.(\d+)\./.exec(name)?.[1] ?? '';
  const general = block ? name.replace(`blocks.${block}`, 'blocks.#') : name;
  const [, stem, kind = ''] = /^(.*?)(\.weight|\.bias)?$/.exec(general)!;
  const [target, rest] = stems[general] ? [stems[general], ''] : [stems[stem!] ?? stem!, kind];
  const names = [target].flat().map((to) => {
    return to.replace('#', block) + (to.endsWith('_') ? rest.slice(1) : rest);
  });
  const rows = tensor.shape[0]! / names.length;
  return [...new Set(names)].map((to) => {
    return [to, sliceRows(tensor, names.indexOf(to) * rows, (names.lastIndexOf(to) + 1) * rows)];
  });
}

function sliceRows({ dtype, shape, data }: HostTensor, from: number, to: number): HostTensor {
  const size = data.length / shape[0]!;
  return { dtype, shape: [to - from, ...shape.slice(1)], data: data.slice(from * size, to * size) };
}

/** Without its first axes, which are 1: [1, N, D] → [N, D] → [D]. */
export const squeezed =
  (rank: number): Rewrite =>
  ({ dtype, shape, data }) => ({ dtype, shape: shape.slice(-rank), data });

/** [P, D] → [D, P] */
export const transposed: Rewrite = ({ dtype, shape, data }) => {
  const [rows, columns] = shape as [number, number];
  const out = Float32Array.from(
    data as Float32Array,
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number,
  );
  return { dtype, shape: [columns, rows], data: out };
};

/** The shapes that a reader sees before any data. */
export const shapesOf = (file: HostTensors): Map<string, readonly number[]> =>
  new Map(Object.entries(file).map(([name, { shape }]) => [name, shape]));

/** Tensors of a table's shapes without any elements: for what is read off shapes alone, at published sizes. */
export function hollowTensors(table: Readonly<Record<string, { readonly shape: readonly number[] }>>): HostTensors {
  const data = new Float32Array(0);
  return Object.fromEntries(Object.entries(table).map(([name, { shape }]) => [name, { dtype: 'F32', shape, data }]));
}
