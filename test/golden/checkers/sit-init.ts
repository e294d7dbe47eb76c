import type { AlignmentSpecs, TokenAlignmentLoss } from '@hastejs/plugin-api';
import { featureAlignment } from '@hastejs/loss-feature';
import {
  SIT_FROZEN,
  SIT_PRESETS,
  type SitConfig,
  type SitPreset,
  countTable,
  initParameters,
  sitParameters,
} from '@hastejs/models';
import { type Params, prefixParams, rng } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';

interface Statistics {
  readonly shape: readonly number[];
  readonly requires_grad: boolean;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
}

interface Counts {
  readonly total: number;
  readonly trainable: number;
  readonly projectors: number;
  readonly tensors: number;
}

/** The released statistics pool this many seeds, and so do ours. */
const SEEDS = 4;
/** Two sample moments may differ by this many standard errors of their difference. */
const SIGMAS = 6;

/** Position table exactly; every other parameter by name, shape and the statistics of its distribution; counts. */
export function checkSitInit(golden: GoldenCase): void {
  const config = sitConfigOf(golden.config);
  const seeds = Array.from({ length: SEEDS }, (_, seed) => initialise(golden, config, seed));
  golden.expect('out/pos_embed', seeds[0]!['pos_embed']!);

  const official = golden.scalars['official_init'] as Record<string, Statistics>;
  const names = Object.keys(official).sort().join();
  golden.require(names === Object.keys(seeds[0]!).sort().join(), 'the parameters have other names');
  const frozen = Object.keys(official).filter((name) => !official[name]!.requires_grad);
  golden.require(frozen.join() === SIT_FROZEN.join(), `the frozen parameters are ${frozen.join()}`);
  for (const [name, theirs] of Object.entries(official)) {
    const fault = difference(pooled(seeds.map((params) => params[name]!.dataSync())), theirs);
    const shape = seeds[0]![name]!.shape.join();
    golden.require(shape === theirs.shape.join(), `${name}: shape [${shape}] instead of [${theirs.shape.join()}]`);
    golden.require(fault === null, `${name}: ${fault}`);
  }
  const counts = golden.scalars['official_param_counts'] as Record<string, Counts>;
  for (const [preset, theirs] of Object.entries(counts)) checkCounts(golden, preset as SitPreset, theirs);
}

/** The student and one projector for every teacher width, under their released names. */
function initialise(golden: GoldenCase, config: SitConfig, seed: number): Params {
  const widths = golden.config['z_dims'] as number[];
  const hidden = golden.config['projector_dim'] as number;
  const random = rng(seed);
  const projectors = widths.map((width, i) =>
    prefixParams(initProjector(config.hiddenSize, hidden, width, seed + SEEDS * i), `projectors.${i}.`),
  );
  return Object.assign({}, initParameters(sitParameters(config), random), ...projectors) as Params;
}

function initProjector(from: number, hidden: number, to: number, seed: number): Params {
  const loss = featureAlignment.create({ hidden }, {}) as TokenAlignmentLoss;
  return loss.init!({ student: { width: from }, teacher: { width: to } } as AlignmentSpecs, rng(seed));
}

interface Pool extends Omit<Statistics, 'shape' | 'requires_grad'> {
  readonly n: number;
}

function pooled(samples: readonly ArrayLike<number>[]): Pool {
  const values = samples.flatMap((sample) => Array.from(sample));
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return { n, mean, std: Math.sqrt(variance), min, max };
}

/** Whether two pools can come from one distribution: moments within their standard errors, extremes alike. */
function difference(ours: Pool, theirs: Statistics): string | null {
  const shown = `[${ours.min}, ${ours.max}], mean ${ours.mean}, std ${ours.std}`;
  const wanted = `[${theirs.min}, ${theirs.max}], mean ${theirs.mean}, std ${theirs.std}`;
  const standardError = (SIGMAS * theirs.std) / Math.sqrt(ours.n);
  // A uniform distribution ends sharply; the extremes of a normal one wander by most of a deviation.
  const uniform = theirs.max < 2 * theirs.std;
  const reach = uniform ? 0.02 * theirs.max : 2 * theirs.std;
  const fits =
    Math.abs(ours.mean - theirs.mean) <= standardError * Math.SQRT2 + 1e-7 &&
    Math.abs(ours.std - theirs.std) <= standardError + 1e-7 &&
    Math.abs(ours.max - theirs.max) <= reach &&
    Math.abs(ours.min - theirs.min) <= reach;
  return fits ? null : `${shown} instead of ${wanted}`;
}

/** The released models as trained: 32×32×4 latents of ImageNet, one projector to a width of 768. */
function checkCounts(golden: GoldenCase, preset: SitPreset, theirs: Counts): void {
  const input = { channels: 4, height: 32, width: 32 };
  const table = sitParameters({ ...SIT_PRESETS[preset], mlpRatio: 4, qkNorm: false, input, classes: 1000 });
  const { hiddenSize } = SIT_PRESETS[preset];
  const [hidden, width] = [2048, 768];
  const projector = (hiddenSize + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * width;
  const frozen = SIT_FROZEN.reduce((sum, name) => sum + countTable({ [name]: table[name]! }), 0);
  const total = countTable(table) + projector;
  const ours: Counts = {
    total,
    trainable: total - frozen,
    projectors: projector,
    tensors: Object.keys(table).length + 6,
  };
  for (const key of Object.keys(theirs) as (keyof Counts)[]) {
    golden.require(ours[key] === theirs[key], `${preset} ${key}: ${ours[key]} instead of ${theirs[key]}`);
  }
}
