import { HasteError, type Ref } from '@hastejs/plugin-api';

/** The classifier that Haste ships, as a recipe names it. */
export const SHIPPED_CLASSIFIER = 'haste:fashion-mnist-classifier';

/**
 * What samples of a run are compared with: the test images of the data set that it learns from.
 * @param data resolved, with every default filled in.
 * @throws HasteError USAGE when the data set has no splits.
 */
export function testSplitOf(data: Ref<'dataset'>): Ref<'dataset'> {
  if ('split' in data.with) return { ...data, with: { ...data.with, split: 'test' } };
  throw new HasteError('USAGE', {
    what: `${data.id} has no test images that samples could be compared with.`,
    where: 'against',
    fix: 'Name the data set to compare with (`against`), of the same kind of images.',
  });
}

/** Labels of `count` samples: class after class, equally many of each, the first classes one more where it does not divide. */
export function evenLabels(classes: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * classes) / count));
}
