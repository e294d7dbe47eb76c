import { HasteError } from '@hastejs/plugin-api';
import type { Shapes } from './bind.js';

/** The tensors of a weight file, seen from behind the prefix that its names share. */
export interface SourceShapes {
  readonly prefix: string;
  readonly where: string;
  has(name: string): boolean;
  /** @throws HasteError WEIGHTS_MISMATCH where the tensor is missing or has another number of axes. */
  shape(name: string, rank: number): readonly number[];
  /** Number of blocks: one more than the greatest index after `stem`, such as 'blocks.' @throws like `shape` */
  depth(stem: string): number;
  /** The same file seen without the part of the prefix that `part` matches. */
  outside(part: RegExp | undefined): SourceShapes;
}

export function sourceShapes(shapes: Shapes, prefix: string, where: string): SourceShapes {
  return {
    prefix,
    where,
    has: (name) => shapes.has(prefix + name),
    shape: (name, rank) => {
      const shape = shapes.get(prefix + name);
      if (!shape) throw unfit(where, `it has no tensor '${prefix}${name}'`);
      if (shape.length === rank) return shape;
      throw unfit(where, `'${prefix}${name}' is [${shape.join(', ')}], which is not of ${rank} axes`);
    },
    depth: (stem) => {
      const indices = [...shapes.keys()].flatMap((name) => indexAfter(prefix + stem, name));
      if (indices.length === 0) throw unfit(where, `it has no tensor '${prefix}${stem}0.…'`);
      return Math.max(...indices) + 1;
    },
    outside: (part) => sourceShapes(shapes, part ? prefix.replace(part, '') : prefix, where),
  };
}

function indexAfter(stem: string, name: string): number[] {
  if (!name.startsWith(stem)) return [];
  const [, index] = /^(\d+)\./.exec(name.slice(stem.length)) ?? [];
  return index === undefined ? [] : [Number(index)];
}

export function unfit(
  where: string,
  reason: string,
  fix = 'Give the whole encoder, under the names that its authors or Hugging Face published.',
): HasteError {
  return new HasteError('WEIGHTS_MISMATCH', {
    what: `The file holds no encoder that can be read: ${reason}.`,
    where,
    fix,
  });
}
