import { HasteError } from '@hastejs/plugin-api';
import { vitParameters } from '../parameters.js';
import { FAMILIES } from './catalogue.js';
import type { ReadVit, Shapes, VitConfig, VitFamily, VitHint } from './family.js';
import { type SourceShapes, sourceShapes, unfit } from './source-shapes.js';
import { assembleTensor, neededShapes } from './sources.js';

/**
 * Recognises a weight file by its names, reads the architecture off its shapes, and holds every tensor against it, before
 * any data is read.
 * @param config the config.json beside the weights, if there is one: heads, activation, eps, which no shape tells.
 * @throws HasteError WEIGHTS_MISMATCH naming missing, misshapen and unknown tensors as the file names them.
 */
export function readVit(shapes: Shapes, config: VitConfig = {}, hint: VitHint = {}): ReadVit {
  const where = hint.where ?? 'the weight file';
  const [family, seen] = recognise(shapes, config, hint, where);
  const spec = family.spec(seen, config, hint);
  const names = family.names(spec, seen.prefix);
  const sources = neededShapes(names);
  checkSources(family, sources, shapes, where);
  const table = vitParameters(spec);
  return {
    family: family.id,
    spec,
    resampling: family.resampling(spec),
    sources: [...sources.keys()],
    assemble: (tensors) => {
      const given = new Map(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
      checkSources(family, sources, given, where);
      return Object.fromEntries(
        Object.entries(table).map(([name, { shape }]) => [name, assembleTensor(names.get(name)!, shape, tensors)]),
      );
    },
  };
}

/** The first family whose marks are all there behind one of its prefixes. */
function recognise(shapes: Shapes, config: VitConfig, hint: VitHint, where: string): [VitFamily, SourceShapes] {
  const candidates = FAMILIES.filter(({ id }) => hint.family === undefined || hint.family === id);
  for (const family of candidates) {
    for (const prefix of family.prefixes) {
      const seen = sourceShapes(shapes, prefix, where);
      const fits = hint.family !== undefined || (family.fits?.(seen, config) ?? true);
      if (family.marks.every((name) => seen.has(name)) && fits) return [family, seen];
    }
  }
  const some = [...shapes.keys()].slice(0, 3).map((name) => `'${name}'`);
  throw unfit(
    where,
    `${hint.family ? `the names are not those of ${hint.family}` : 'the names are of no family that is known'} (${some.join(', ')}, …)`,
    `Known families: ${FAMILIES.map(({ id }) => id).join(', ')}.`,
  );
}

/** Up to this many faults are named. */
const NAMED = 6;

function checkSources(family: VitFamily, expected: Shapes, found: Shapes, where: string): void {
  const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
  const faults = [
    ...[...expected].flatMap(([name, shape]) => {
      const actual = found.get(name);
      if (!actual) return [`'${name}' ${text(shape)} is missing`];
      return text(actual) === text(shape) ? [] : [`'${name}' is ${text(actual)} instead of ${text(shape)}`];
    }),
    ...[...found].flatMap(([name, shape]) =>
      expected.has(name) || family.ignored.test(name) ? [] : [`'${name}' ${text(shape)} is not part of the encoder`],
    ),
  ];
  if (faults.length === 0) return;
  const more = faults.length > NAMED ? `; and ${faults.length - NAMED} more` : '';
  throw new HasteError('WEIGHTS_MISMATCH', {
    what: `The weights do not fit ${family.summary}: ${faults.slice(0, NAMED).join('; ')}${more}.`,
    where,
    fix: 'Give the whole encoder, and no other tensors than those of its published file.',
  });
}
