import { HasteError } from '@hastejs/plugin-api';
import type { HostTensor } from '@hastejs/tensor';
import type { ParameterTable } from '../../parameters.js';
import { type NameMap, assembleTensor, neededShapes } from './sources.js';

/** Shapes by tensor name, as a weight file lists them before any data is read. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** A weight file whose tensors fit a model. */
export interface BoundSources {
  /** Names of the tensors that `assemble` needs. */
  readonly sources: readonly string[];
  /**
   * The model's parameters under canonical names. Data is shared with the given tensors where a rename or reshape is all.
   * @throws HasteError WEIGHTS_MISMATCH
   */
  assemble(tensors: Readonly<Record<string, HostTensor>>): Record<string, HostTensor>;
}

interface Naming {
  /** What the weights are of, for errors. */
  readonly summary: string;
  /** Known tensors that the model does not use, by their whole names. */
  readonly ignored: RegExp;
}

/**
 * Holds a file's shapes against a name map.
 * @throws HasteError WEIGHTS_MISMATCH naming missing, misshapen and unknown tensors as the file names them.
 */
export function bindSources(
  naming: Naming,
  names: NameMap,
  table: ParameterTable,
  shapes: Shapes,
  where: string,
): BoundSources {
  const needed = neededShapes(names);
  checkSources(naming, needed, shapes, where);
  return {
    sources: [...needed.keys()],
    assemble: (tensors) => {
      const given = new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
      checkSources(naming, needed, given, where);
      return Object.fromEntries(
        Object.entries(table).map(([name, { shape }]) => [name, assembleTensor(names.get(name)!, shape, tensors)]),
      );
    },
  };
}

/** Up to this many faults are named. */
const NAMED = 6;

function checkSources({ summary, ignored }: Naming, expected: Shapes, found: Shapes, where: string): void {
  const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
  const faults = [
    ...[...expected].flatMap(([name, shape]) => {
      const actual = found.get(name);
      if (!actual) return [`'${name}' ${text(shape)} is missing`];
      return text(actual) === text(shape) ? [] : [`'${name}' is ${text(actual)} instead of ${text(shape)}`];
    }),
    ...[...found].flatMap(([name, shape]) =>
      expected.has(name) || ignored.test(name) ? [] : [`'${name}' ${text(shape)} is not part of it`],
    ),
  ];
  if (faults.length === 0) return;
  const more = faults.length > NAMED ? `; and ${faults.length - NAMED} more` : '';
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The weights do not fit ${summary}: ${faults.slice(0, NAMED).join('; ')}${more}.`,
    where,
    fix: 'Give the whole encoder, and no other tensors than those of its published file.',
  });
}
