import { type JsonObject, HasteError } from '@hastejs/plugin-api';

/** `blocks.4.…`, and `joint_blocks.4.…` of students with two streams. */
export function inBlocks(blocks: readonly number[]): (parameter: string) => boolean {
  const pattern = new RegExp(`(^|_)blocks\\.(${blocks.join('|')})\\.`);
  return (parameter) => pattern.test(parameter);
}

/** @throws HasteError EXTENSION_OPTIONS for terms that the recipe does not have, or a recipe without alignment */
export function checkedTerms(terms: readonly string[] | undefined, recipe: JsonObject): readonly string[] {
  const alignment = recipe['alignment'] as { terms: JsonObject } | null | undefined;
  const known = Object.keys(alignment?.terms ?? {});
  const unknown = terms?.filter((term) => !known.includes(term) && term !== 'alignment') ?? [];
  if (known.length > 0 && unknown.length === 0) return terms ? [...new Set(terms)] : known;
  throw new HasteError('EXTENSION_OPTIONS', {
    what:
      known.length > 0
        ? `The recipe has no alignment term ${unknown.map((term) => `"${term}"`).join(', ')}.`
        : 'The recipe has no alignment, so there is no gradient to compare with that of denoising.',
    where: 'metric/gradient-angle, terms',
    fix: known.length > 0 ? `Name terms of the recipe: ${known.join(', ')}.` : 'Take the metric out of the recipe.',
  });
}
