// What the alignment losses cost: each with its gradient for the student's tokens and its own parameters, on tokens of
// published size, by turns in one process, so that a noisy machine is noisy for all of them.
import { createHost } from '@hastejs/core';
import {
  attentionAlignment,
  builtins,
  dispersive,
  featureAlignment,
  featureAlignmentConv,
  relationAlignment,
  spatialNorm,
  tokenWeights,
} from '@hastejs/haste';
import { Services } from '@hastejs/plugin-api';
import { disposeParams, normalTensor, rng, tf, valueAndGrads } from '@hastejs/tensor';
import { interleave } from './support/interleave.mjs';
import { median, table } from './support/report.mjs';

export const summary =
  'the alignment losses with their gradients, against the feature loss (backend, batch size, rounds)';

/** Tokens of SiT-B/2 at 256 pixels, and of DINOv2-B. */
const SPEC = { blocks: 12, width: 768, heads: 12, headDim: 64, grid: { height: 16, width: 16 } };
const T = 256;
const WARM_UP = 2;

const feature = featureAlignment();
const LOSSES = {
  'loss/feature': feature,
  'loss/feature-conv': featureAlignmentConv(),
  'iREPA (spatial-norm of feature-conv)': spatialNorm({ loss: featureAlignmentConv() }),
  'loss/relation': relationAlignment(),
  'loss/dispersive': dispersive(),
  'loss/token-weights by contrast, of feature': tokenWeights({ loss: feature, by: 'contrast' }),
  'loss/token-weights by attention, of feature': tokenWeights({ loss: feature, by: 'attention' }),
  'loss/attention': attentionAlignment(),
};

export async function run([backendId = 'torch', batch = '4', rounds = '12']) {
  const host = await createHost({ plugins: builtins });
  const backend = await host.selectBackend(backendId);
  const scope = host.openRun({ name: 'bench' }, '.');
  scope.provide(Services.student, SPEC);
  const inputs = inputsOf(Number(batch));
  const arms = [];
  for (const [name, ref] of Object.entries(LOSSES)) arms.push(armOf(name, await scope.create(ref), inputs));
  const results = await interleave(arms, { rounds: Number(rounds) + WARM_UP, turn: 1 });
  const times = new Map([...results].map(([name, { ms }]) => [name, median(ms.slice(WARM_UP))]));
  const rows = [...times].map(([name, ms]) => [name, ms.toFixed(1), (ms / times.get('loss/feature')).toFixed(2)]);
  const { device } = await backend.probe();
  table(
    `Losses with their gradients, batch ${batch} of 256 tokens of width 768, ${backend.name}, ${device}`,
    ['loss', 'ms', 'loss/feature = 1'],
    rows,
  );
  await scope.close();
  await host.close();
}

function inputsOf(B) {
  const tokens = (seed) => normalTensor(rng(seed), [B, T, SPEC.width]);
  const heads = (seed) => normalTensor(rng(seed), [B, SPEC.heads, T, SPEC.headDim]);
  const maps = (seed) => ({ q_BHTd: heads(seed), k_BHTd: heads(seed + 1) });
  const guide = { tokens: new Map(), attention: new Map([[SPEC.blocks - 1, maps(5)]]) };
  return { x: tokens(1), z: tokens(2), student: maps(3), teacher: maps(5), guide };
}

function armOf(name, loss, { x, z, student, teacher, guide }) {
  const own = loss.init?.({ student: SPEC, teacher: SPEC }, rng(7)) ?? {};
  const given = loss.reads === 'attention' ? student : { x };
  const value = () => {
    if (loss.reads === 'attention') return loss.loss(student, teacher, own);
    return loss.reads === 'student' ? loss.loss(x, own) : loss.loss(x, z, own, guide);
  };
  const once = () => {
    const started = performance.now();
    const { loss: result, grads } = valueAndGrads(() => ({ loss: value() }), { ...given, ...own });
    // What was asked for has been computed once a value of the last of it can be read.
    tf.tidy(() => tf.addN(Object.values(grads).map((gradient) => tf.sum(gradient))).dataSync());
    result.dispose();
    disposeParams(grads);
    return performance.now() - started;
  };
  return { name, run: async (turns) => ({ ms: Array.from({ length: turns }, once), peakBytes: 0 }) };
}
