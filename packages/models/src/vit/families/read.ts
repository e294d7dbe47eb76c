import { vitParameters } from '../parameters.js';
import { type Shapes, bindSources } from './bind.js';
import { FAMILIES } from './catalogue.js';
import type { ReadVit, VitConfig, VitFamily, VitHint } from './family.js';
import { type SourceShapes, sourceShapes, unfit } from './source-shapes.js';

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
  const bound = bindSources(family, names, vitParameters(spec), shapes, where);
  return { family: family.id, spec, resampling: family.resampling(spec), ...bound };
}

/** The first family whose marks are all there behind one of its prefixes. */
function recognise(shapes: Shapes, config: VitConfig, hint: VitHint, where: string): [VitFamily, SourceShapes] {
  const candidates = FAMILIES.filter(({ id }) => hint.family === undefined || hint.family === id);
  for (const family of candidates) {
    for (const prefix of family.prefixes) {
      const seen = sourceShapes(shapes, prefix, where);
      if (!family.marks.every((name) => seen.has(name))) continue;
      if (hint.family !== undefined || (family.fits?.(seen, config) ?? true)) return [family, seen];
    }
  }
  if (shapes.size === 0) throw unfit(where, 'it has no tensors');
  const whose = hint.family ? `the names are not those of ${hint.family}` : 'the names are of no family that is known';
  const some = [...shapes.keys()].slice(0, 3).map((name) => `'${name}'`);
  const known = FAMILIES.map(({ id }) => id).join(', ');
  throw unfit(
    where,
    `${whose} (${some.join(', ')}${shapes.size > some.length ? ', …' : ''})`,
    `Known families: ${known}.`,
  );
}
