// N rows, D width, C classes.
import {
  FeatureStatistics,
  type Moments,
  cknna,
  frechetDistance,
  inceptionScore,
  linearCka,
  manifoldOf,
  mutualNeighbours,
  nearestNeighbours,
  precisionRecall,
  softmaxRows,
} from '@hastejs/evaluation';
import type { GoldenCase } from '../runner/golden-case.js';

/** Every entry of the config, with what it says; one that is not here may change what is to be computed. */
const KNOWN = ['seed', 'dim', 'n_ref', 'n_gen', 'classes', 'n_is', 'is_split', 'n_align', 'topk'];
/** Neighbours of the manifold of precision and recall, as in the names of the scalars. */
const MANIFOLD_K = 3;

/** Fréchet distance, inception score, precision and recall, and what compares feature spaces. */
export function checkMetrics(golden: GoldenCase): void {
  const unknown = Object.keys(golden.config).filter((key) => !KNOWN.includes(key));
  golden.require(unknown.length === 0, `the config has entries that this checker does not know: ${unknown.join(', ')}`);
  checkSizes(golden);
  const scalars: Readonly<Record<string, number>> = {
    ...frechetScalars(golden),
    ...inceptionScalars(golden),
    ...manifoldScalars(golden),
    ...alignmentScalars(golden),
  };
  const names = Object.keys(golden.fact('scalars_float64_run') as object);
  for (const name of names) golden.require(name in scalars, `scalars_float64_run.${name}: not computed`);
  golden.expect('out/scalars', names.map((name) => scalars[name] ?? NaN)); // prettier-ignore
}

const number = (golden: GoldenCase, key: string): number => golden.config[key] as number;
const rowsOf = (golden: GoldenCase, key: string) => ({ rows_ND: golden.values(key), width: golden.shape(key)[1]! });

/** The sizes that the config promises are those of the inputs. */
function checkSizes(golden: GoldenCase): void {
  const sizes = { feat_ref: ['n_ref', 'dim'], feat_gen: ['n_gen', 'dim'], logits: ['n_is', 'classes'], align_a: ['n_align'], align_b: ['n_align'] }; // prettier-ignore
  for (const [input, keys] of Object.entries(sizes)) {
    keys.forEach((key, axis) => {
      const size = golden.shape(`in/${input}`)[axis];
      golden.require(
        size === number(golden, key),
        `in/${input} has ${size} on axis ${axis}, the config's ${key} differs`,
      );
    });
  }
}

function frechetScalars(golden: GoldenCase): Record<string, number> {
  const momentsOf = (input: string): Moments => {
    const { rows_ND, width } = rowsOf(golden, `in/${input}`);
    const statistics = new FeatureStatistics(width);
    statistics.add(rows_ND);
    return statistics.moments();
  };
  const [real, generated, few] = ['feat_ref', 'feat_gen', 'feat_small'].map(momentsOf) as [Moments, Moments, Moments];
  golden.expect('out/mu_ref', real.mean_D);
  golden.expect('out/sigma_ref', real.covariance_DD);
  golden.expect('out/mu_gen', generated.mean_D);
  golden.expect('out/sigma_gen', generated.covariance_DD);
  return {
    fid: frechetDistance(real, generated),
    fid_small_rank_deficient: frechetDistance(real, few),
    fid_trace_mean_term: real.mean_D.reduce((sum, mean, d) => sum + (mean - generated.mean_D[d]!) ** 2, 0),
  };
}

function inceptionScalars(golden: GoldenCase): Record<string, number> {
  const [N, classes] = [number(golden, 'n_is'), number(golden, 'classes')];
  const p_NC = softmaxRows(golden.values('in/logits'), classes);
  golden.expect('out/softmax', p_NC);
  return {
    inception_score_single: inceptionScore(p_NC, classes, N),
    inception_score_splits: inceptionScore(p_NC, classes, number(golden, 'is_split')),
  };
}

function manifoldScalars(golden: GoldenCase): Record<string, number> {
  const real = manifoldOf(rowsOf(golden, 'in/feat_ref'), MANIFOLD_K);
  const generated = manifoldOf(rowsOf(golden, 'in/feat_gen'), MANIFOLD_K);
  golden.expect('out/radii_sq_ref', real.radii_N);
  golden.expect('out/radii_sq_gen', generated.radii_N);
  const { precision, recall, margin } = precisionRecall(real, generated);
  return { [`precision_k${MANIFOLD_K}`]: precision, [`recall_k${MANIFOLD_K}`]: recall, pr_min_margin: margin };
}

/** `cknna` is the official float32 result, `cknna64` the same in float64: both are ours to meet. */
function alignmentScalars(golden: GoldenCase): Record<string, number> {
  const [a, b] = [rowsOf(golden, 'in/align_a'), rowsOf(golden, 'in/align_b')];
  const byK = (golden.config['topk'] as number[]).map((k): Record<string, number> => {
    const [near, nearB] = [nearestNeighbours(a, k), nearestNeighbours(b, k)];
    const value = cknna(near, nearB);
    return { [`cknna_k${k}`]: value, [`cknna64_k${k}`]: value, [`mutual_knn_k${k}`]: mutualNeighbours(near, nearB) };
  });
  return {
    ...Object.assign({}, ...byK),
    cka_linear_biased: linearCka(a, b),
    cka_linear_unbiased: linearCka(a, b, { unbiased: true }),
  };
}
