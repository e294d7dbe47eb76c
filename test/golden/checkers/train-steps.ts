// Whole optimisation steps: losses, clip, AdamW and EMA, with alignment stopped on the way.
import { makeSit } from '@hastejs/models';
import type { Optimizer } from '@hastejs/plugin-api';
import { type Params, cloneParams, emaUpdate, omitParams, pickParams, tf } from '@hastejs/tensor';
import {
  type Alignment,
  type StepRecipe,
  type StepResult,
  type Weights,
  adamw,
  retire,
  trainStep,
} from '@hastejs/trainer';
import { z } from 'zod';
import type { GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';
import { alignmentOf, batchOf, hasteConfig } from './haste-setup.js';

const trainConfig = hasteConfig.extend({
  steps: z.int(),
  /** The first step without alignment. */
  early_stop_point: z.int(),
  lr: z.number(),
  weight_decay: z.number(),
  max_grad_norm: z.number(),
  ema_decay: z.number(),
});

/** Parameters and moving averages, with those of the projectors kept where they stood when alignment ended. */
interface Books {
  weights: Weights;
  /** A second moving average, fast enough to be told from its start. */
  fast: Params;
  retired: { readonly params: Params; readonly ema: Params };
}
const FAST_DECAY = 0.9;

export function checkTrainSteps(golden: GoldenCase): void {
  const config = trainConfig.parse(golden.config);
  const recipe = stepRecipe(golden, config);
  const params = golden.weights();
  const optimizer = recipe.optimizer.init(omitParams(params, recipe.student.frozen));
  const books: Books = {
    weights: { params, ema: cloneParams(params), optimizer },
    fast: cloneParams(params),
    retired: { params: {}, ema: {} },
  };
  const log: number[] = [];
  let alignment: Alignment | null = null;
  for (let step = 0; step < config.steps; step++) {
    const inputs = golden.at(`step${step}`);
    if (step === config.early_stop_point && alignment) letGo(books, alignment);
    alignment = step < config.early_stop_point ? alignmentOf(inputs, config, recipe.student.spec) : null;
    const result = trainStep(recipe, books.weights, batchOf(inputs, config), alignment, step);
    keep(books, result.weights, config.ema_decay);
    log.push(...logRow(result));
    for (const [name, tensor] of Object.entries(everything(books).params)) {
      if (golden.outputs.includes(`step${step}/${name}`)) golden.expect(`step${step}/${name}`, tensor);
    }
  }
  golden.expect('out/log', tf.tensor2d(log, [config.steps, log.length / config.steps]));
  expectFinal(golden, books);
}

function stepRecipe(golden: GoldenCase, config: z.output<typeof trainConfig>): StepRecipe {
  const options = adamw.options.parse({ lr: config.lr, weightDecay: config.weight_decay });
  return {
    student: makeSit(sitConfigOf(golden.config)),
    path: config.path_type,
    optimizer: adamw.create(options, {}) as Optimizer,
    gradientClip: config.max_grad_norm,
    emaDecay: config.ema_decay,
  };
}

/** Retires alignment as a run does, but remembers what the case still lists. */
function letGo(books: Books, alignment: Alignment): void {
  const names = Object.keys(books.weights.params).filter((name) => alignment.owns(name));
  const { params, ema } = books.weights;
  books.retired = { params: cloneParams(pickParams(params, names)), ema: cloneParams(pickParams(ema, names)) };
  books.weights = retire(books.weights, alignment);
}

function keep(books: Books, weights: Weights, decay: number): void {
  books.weights = weights;
  books.retired = { ...books.retired, ema: emaUpdate(books.retired.ema, books.retired.params, decay) };
  books.fast = emaUpdate(books.fast, everything(books).params, FAST_DECAY);
}

function everything({ weights, retired }: Books): { params: Params; ema: Params } {
  return { params: { ...weights.params, ...retired.params }, ema: { ...weights.ema, ...retired.ema } };
}

/** Total, denoise, attention, projection, gradient norm before the clip; 0 for what no longer exists. */
function logRow({ names, losses_N }: StepResult): number[] {
  const values = losses_N.dataSync();
  const of = (name: string): number => (names.includes(name) ? values[names.indexOf(name)]! : 0);
  const features = names.filter((name) => name.startsWith('feature'));
  const projection = features.reduce((sum, name) => sum + of(name) / features.length, 0);
  return [of('total'), of('denoise'), of('attention'), projection, of('grad_norm')];
}

function expectFinal(golden: GoldenCase, books: Books): void {
  const { params, ema } = everything(books);
  const byKind: Readonly<Record<string, Params>> = { final: params, ema, 'ema0.9': books.fast };
  for (const key of golden.outputs) {
    const slash = key.indexOf('/');
    const tensor = byKind[key.slice(0, slash)]?.[key.slice(slash + 1)];
    if (tensor) golden.expect(key, tensor);
  }
}
