// B times, C channels, H height, W width.
import {
  type InterpolantName,
  diffusionAt,
  interpolate,
  lognormalTimes,
  pathCoefficients,
  samplePosterior,
  scoreFromVelocity,
  velocityErrors,
} from '@hastejs/diffusion';
import { sinCosPositions } from '@hastejs/models';
import { type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { checkTimestepTable } from './timestep-table.js';

const COEFFICIENTS = { alpha: 'alpha', sigma: 'sigma', d_alpha: 'dAlpha', d_sigma: 'dSigma' } as const;

/** Below this time the released score divides by almost nothing; its entries are left out of the file. */
const FIRST_SCORE_TIME = 0.03;

/** Time sampling, interpolants, targets and scores of both paths; posteriors; embeddings of time and place. */
export function checkPaths(golden: GoldenCase): void {
  for (const path of ['linear', 'cosine'] as const) checkPath(golden, path);
  golden.expect('out/diffusion', Array.from(golden.values('in/t_grid'), diffusionAt));
  checkPosteriors(golden);
  for (const key of golden.outputs) {
    const [, size] = /^out\/timestep_embedding_(\d+)$/.exec(key) ?? [];
    if (size) checkTimestepTable(golden, key, Number(size));
    const [, width, side] = /^out\/sincos_(\d+)_(\d+)$/.exec(key) ?? [];
    if (width) golden.expect(key, sinCosPositions(Number(width), { height: Number(side), width: Number(side) }));
  }
}

function checkPath(golden: GoldenCase, path: InterpolantName): void {
  const times = Array.from(golden.values('in/t_grid'));
  golden.expect(`out/t_lognormal_${path}`, lognormalTimes(path, golden.values('in/normals')));
  for (const [name, key] of Object.entries(COEFFICIENTS)) {
    golden.expect(
      `out/${name}_${path}`,
      times.map((t) => pathCoefficients(path, t)[key]),
    );
  }
  const [x0, noise] = [golden.input<Tensor4D>('in/x'), golden.input<Tensor4D>('in/noise')];
  const { x_BCHW, target_BCHW } = interpolate(path, x0, noise, golden.input<Tensor1D>('in/t_grid'));
  golden.expect(`out/model_input_${path}`, x_BCHW);
  golden.expect(`out/target_${path}`, target_BCHW);
  golden.expect(`out/mean_sq_target_${path}`, velocityErrors(tf.zerosLike(target_BCHW), target_BCHW));
  golden.expect(`out/score_${path}`, scores(golden, path, times));
}

/** The score in float64 wherever the file has one, image by image. */
function scores(golden: GoldenCase, path: InterpolantName, times: readonly number[]): number[] {
  const [v, x] = [golden.values('in/v'), golden.values('in/x')];
  const size = v.length / times.length;
  return times.flatMap((t, image) => {
    if (t < FIRST_SCORE_TIME) return [];
    const coefficients = pathCoefficients(path, t);
    const indices = Array.from({ length: size }, (_, i) => image * size + i);
    return indices.map((i) => scoreFromVelocity(v[i]!, x[i]!, coefficients));
  });
}

function checkPosteriors(golden: GoldenCase): void {
  const noise = golden.input<Tensor4D>('in/post_noise');
  const [std, logvar] = [
    golden.input<Tensor4D>('in/moments_mean_std'),
    golden.input<Tensor4D>('in/moments_mean_logvar'),
  ];
  golden.expect('out/sample_posterior_train', samplePosterior(std, noise, 'mean-std'));
  golden.expect('out/sample_posterior_t2i', samplePosterior(logvar, noise, 'mean-logvar'));
}
