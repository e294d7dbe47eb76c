import { FeatureStatistics, effectiveRank, frechetDistance, linearCka } from '@hastejs/evaluation';
import { rng } from '@hastejs/tensor';

/** Features of real and of generated images, a row each, from whatever network judges. */
const real = rng(1).normal(1000 * 4);
const generated = rng(2)
  .normal(1000 * 4)
  .map((value) => value + 0.5);
const moments = [real, generated].map((rows) => {
  const statistics = new FeatureStatistics(4);
  statistics.add(rows); // batch by batch, if there are more than fit into memory
  return statistics.moments();
});
console.log('Fréchet distance', frechetDistance(moments[0]!, moments[1]!).toFixed(1));

const a = { rows_ND: real, width: 4 };
const mirrored = { rows_ND: real.map((value) => -value), width: 4 };
console.log('CKA', linearCka(a, mirrored).toFixed(2), 'effective rank', effectiveRank(a).toFixed(1));
