// T patch tokens, D width, H heads, d head size.
import { type DataSpec, type Taps, type TeacherSpec, type TokenSite, gridTokens } from '@hastejs/plugin-api';
import type { SafetensorsDtype } from '@hastejs/tensor';
import { z } from 'zod';

/*
 * Features are safetensors files, one or many. A file holds rows [first, first + n) of any tensors of these names:
 *   tokens.<block> and tokens.final [n, T, D];  queries.<block> and keys.<block> [n, H, T, d], as F32, F16 or BF16.
 * Row `variant × length + index` belongs to image `index` of the data set in its augmentation variant `variant`.
 */

/** Where a file's metadata keeps, as JSON, the description of its rows and tensors. */
export const METADATA_KEY = 'haste.features';

const count = z.int().positive();

export const featureMetadata = z.strictObject({
  version: z.literal(1),
  /** The teacher that the features are of. */
  teacher: z.strictObject({
    name: z.string().min(1),
    blocks: count,
    width: count,
    heads: count,
    headDim: count,
    grid: z.strictObject({ height: count, width: count }),
  }),
  /** The data set that they were computed on. */
  data: z.strictObject({
    name: z.string(),
    length: count,
    fingerprint: z.string(),
    variants: z.array(z.string()).min(1),
  }),
  /** The file's first row among all. */
  first: z.int().nonnegative().default(0),
});
export type FeatureMetadata = z.output<typeof featureMetadata>;

/** Whose features, of which images. */
export type FeatureSource = Omit<FeatureMetadata, 'first' | 'version'>;

/** The precisions that features are kept in. */
export const STORAGES = { float32: 'F32', bf16: 'BF16', float16: 'F16' } as const satisfies Record<
  string,
  SafetensorsDtype
>;
export type Storage = keyof typeof STORAGES;
export type StorageDtype = (typeof STORAGES)[Storage];

export const totalRows = ({ data }: Pick<FeatureSource, 'data'>): number => data.length * data.variants.length;

/** One tensor of the format: its name and the shape of a row. */
export interface FeatureTensor {
  readonly name: string;
  readonly row: readonly number[];
}

export const tokensName = (site: TokenSite): string => `tokens.${site}`;
export const queriesName = (block: number): string => `queries.${block}`;
export const keysName = (block: number): string => `keys.${block}`;

/** The tensors that hold these taps. */
export function tensorsOf({ tokens, attention }: Taps, teacher: TeacherSpec): FeatureTensor[] {
  const T = gridTokens(teacher.grid);
  return [
    ...tokens.map((site) => ({ name: tokensName(site), row: [T, teacher.width] })),
    ...attention.flatMap((block) =>
      [queriesName(block), keysName(block)].map((name) => ({ name, row: [teacher.heads, T, teacher.headDim] })),
    ),
  ];
}

/** The taps whose tensors are all among the names given: attention needs its queries and its keys. */
export function tapsAmong(names: ReadonlySet<string>, { blocks }: Pick<TeacherSpec, 'blocks'>): Taps {
  const every = Array.from({ length: blocks }, (_, block) => block);
  const sites: TokenSite[] = [...every, 'final'];
  return {
    tokens: sites.filter((site) => names.has(tokensName(site))),
    attention: every.filter((block) => names.has(queriesName(block)) && names.has(keysName(block))),
  };
}

/** What features must be told of a data set; null when its augmentation cannot be counted. */
export function dataOf({ name, length, fingerprint, variants }: DataSpec): FeatureSource['data'] | null {
  return variants ? { name, length, fingerprint, variants: [...variants] } : null;
}

/** What features must be told of a teacher. */
export function teacherOf({ name, blocks, width, heads, headDim, grid }: TeacherSpec): FeatureSource['teacher'] {
  return { name, blocks, width, heads, headDim, grid: { height: grid.height, width: grid.width } };
}
