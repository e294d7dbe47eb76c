// Trains the small vision transformer that Haste ships as a teacher for Fashion-MNIST: plain DINOv2 layout, supervised,
// on class token and mean patch token together, so that the patches learn too.
//
//   npm run teacher:fashion-mnist -- --out packages/haste/assets
//
// Everything drawn is a function of (seed, step): the same seed gives the same weights on the same backend.
import { Progress } from '@hastejs/cli';
import { createHost } from '@hastejs/core';
import { Loader } from '@hastejs/data';
import { adamw, builtins, fashionMnist } from '@hastejs/haste';
import { initParameters, vitForward, vitParameters, vitSpec } from '@hastejs/models';
import {
  StepClock,
  clipByGlobalNorm,
  disposeParams,
  linear,
  omitParams,
  paramsToHost,
  rng as makeRng,
  tf,
  valueAndGrads,
  writeSafetensors,
} from '@hastejs/tensor';
import { METADATA_KEY } from '@hastejs/encoders';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { augment } from './augment.mjs';
import { knnAccuracy } from './knn.mjs';

const NAME = 'fashion-mnist-teacher';
/** Mean and standard deviation of the training pixels in [0, 1]. */
const NORMALISATION = { mean: [0.286], std: [0.353] };
const SMOOTHING = 0.1;
const SPEC = vitSpec({
  hiddenSize: 96,
  depth: 4,
  numHeads: 4,
  patchSize: 4,
  channels: 1,
  grid: { height: 7, width: 7 },
  layerScale: 1,
});

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/fashion-mnist-teacher' },
    steps: { type: 'string', default: '12000' },
    batch: { type: 'string', default: '64' },
    seed: { type: 'string', default: '0' },
    source: { type: 'string', default: 'auto' },
    backend: { type: 'string' },
    // Training images that neighbours are looked for among, and test images that look for them.
    bank: { type: 'string', default: '10000' },
    test: { type: 'string', default: '10000' },
  },
});
const [steps, batchSize, seed] = [flags.steps, flags.batch, flags.seed].map(Number);
const [bankSize, testSize] = [flags.bank, flags.test].map(Number);

const host = await createHost({ plugins: builtins });
const backend = await host.selectBackend(flags.backend);
const recipe = host.resolve({
  name: NAME,
  seed,
  student: studentOfNoUse(),
  data: fashionMnist({ source: flags.source }),
  steps,
  batchSize,
});
const run = host.openRun(recipe, process.cwd());
const train = await run.create(recipe.data);
const test = await run.create(fashionMnist({ source: flags.source, split: 'test' }));
const optimizer = await run.create(
  adamw({ lr: 1.5e-3, weightDecay: 0.05, warmup: Math.ceil(steps / 20), decay: { until: steps } }),
);

const params = await fit();
const report = await measure(params);
await save(params, report);
await host.close();

/** Cross-entropy with label smoothing, AdamW, a cosine to zero. */
async function fit() {
  const rng = makeRng(seed);
  const loader = new Loader(train, batchSize, rng);
  let params = {
    ...initParameters(vitParameters(SPEC), rng.stream('init')),
    ...initParameters(headParameters(), rng.stream('head')),
  };
  let state = optimizer.init(params);
  const progress = new Progress({ err: process.stderr, env: process.env });
  progress.start('teacher', 0, steps);
  for (let step = 0; step < steps; step++) {
    const { images_BCHW, labels_B } = await loader.next(step);
    const x = toInput(augment(images_BCHW, rng.stream('flip-and-shift').at(step)), labels_B.length);
    const { loss, grads } = valueAndGrads(
      () => ({ loss: smoothedCrossEntropy(classify(params, x), labels_B) }),
      params,
    );
    const clipped = clipByGlobalNorm(grads, 1);
    const clock = new StepClock(step);
    ({ params, state } = optimizer.update({ params, grads: clipped.grads, state, clock }));
    clock.dispose();
    const value = (await loss.data())[0];
    disposeParams(clipped.grads);
    tf.dispose([x, loss, clipped.norm]);
    progress.update(step + 1, [`loss ${value.toFixed(3)}`]);
  }
  progress.end();
  for (const slot of Object.values(state)) disposeParams(slot);
  return params;
}

function headParameters() {
  return {
    'head.weight': { shape: [10, 2 * SPEC.hiddenSize], init: { kind: 'normal', std: 0.02 } },
    'head.bias': { shape: [10], init: { kind: 'zeros' } },
  };
}

/** Raw pixels to normalised images, [B, 1, 28, 28]. */
function toInput(pixels, B) {
  const [mean, std] = [NORMALISATION.mean[0], NORMALISATION.std[0]];
  return tf.tensor4d(
    Float32Array.from(pixels, (value) => (value / 255 - mean) / std),
    [B, 1, 28, 28],
  );
}

/** Class token and mean patch token, [B, 2·D]. */
function features(params, x_BCHW) {
  const final_BND = vitForward(SPEC, params, x_BCHW, { tokens: ['final'], attention: [] }).tokens.get('final');
  const [class_B1D, patches_BTD] = tf.split(final_BND, [1, final_BND.shape[1] - 1], 1);
  return tf.concat([tf.squeeze(class_B1D, [1]), tf.mean(patches_BTD, 1)], 1);
}

function classify(params, x_BCHW) {
  return linear(features(params, x_BCHW), params['head.weight'], params['head.bias']);
}

/** logsumexp(z) − (1 − s)·z_y − s·mean(z), mean over the batch. */
function smoothedCrossEntropy(logits_BC, labels_B) {
  const picked = tf.sum(tf.mul(logits_BC, tf.oneHot(tf.tensor1d(labels_B, 'int32'), 10)), 1);
  const target = tf.add(tf.mul(picked, 1 - SMOOTHING), tf.mul(tf.mean(logits_BC, 1), SMOOTHING));
  return tf.mean(tf.sub(tf.logSumExp(logits_BC, 1), target));
}

/** Accuracy of the head, and of the k nearest neighbours of what a student aligns to. */
async function measure(params) {
  const bank = await embed(params, train, Math.min(bankSize, train.spec.length));
  const probes = await embed(params, test, Math.min(testSize, test.spec.length));
  const half = (rows, from) => rows.map((row) => row.subarray(from, from + SPEC.hiddenSize));
  const knn = (from) =>
    knnAccuracy({ ...bank, rows: half(bank.rows, from) }, { ...probes, rows: half(probes.rows, from) });
  return {
    headAccuracy: probes.correct / probes.labels.length,
    knnMeanPatchToken: knn(SPEC.hiddenSize),
    knnClassToken: knn(0),
  };
}

async function embed(params, dataset, count) {
  const [rows, labels] = [[], []];
  let correct = 0;
  const rng = makeRng(0);
  for (let from = 0; from < count; from += 250) {
    const indices = Int32Array.from({ length: Math.min(250, count - from) }, (_, i) => from + i);
    const { images_BCHW, labels_B } = await dataset.read(indices, rng);
    const [embedded, guesses] = tf.tidy(() => {
      const both = features(params, toInput(images_BCHW, indices.length));
      return [both.dataSync(), tf.argMax(linear(both, params['head.weight'], params['head.bias']), 1).dataSync()];
    });
    labels_B.forEach((label, i) => {
      rows.push(embedded.slice(i * 2 * SPEC.hiddenSize, (i + 1) * 2 * SPEC.hiddenSize));
      labels.push(label);
      correct += Number(guesses[i] === label);
    });
  }
  return { rows, labels, correct };
}

/** Weights without the head under the released DINOv2 names, and where they come from beside them. */
async function save(params, report) {
  await mkdir(flags.out, { recursive: true });
  const tensors = await paramsToHost(omitParams(params, Object.keys(headParameters())));
  const metadata = { [METADATA_KEY]: JSON.stringify({ numHeads: SPEC.numHeads, normalisation: NORMALISATION }) };
  await writeSafetensors(join(flags.out, `${NAME}.safetensors`), tensors, metadata);
  const { device, version } = await backend.probe();
  const provenance = {
    what: `ViT of width ${SPEC.hiddenSize}, depth ${SPEC.depth}, patch ${SPEC.patchSize}, DINOv2 layout, supervised`,
    command: `npm run teacher:fashion-mnist -- --steps ${steps} --batch ${batchSize} --seed ${seed}`,
    data: {
      train: train.spec.name,
      trainImages: train.spec.length,
      test: test.spec.name,
      fingerprint: train.spec.fingerprint,
    },
    licence: 'MIT, as the data (Zalando SE, 2017) and this repository',
    seed,
    steps,
    batchSize,
    backend: { name: backend.name, device, version },
    accuracyOnTest: { images: testSize, ...report, neighbours: { k: 20, similarity: 'cosine', bank: bankSize } },
  };
  const path = join(flags.out, `${NAME}.json`);
  await writeFile(`${path}.draft`, `${JSON.stringify(provenance, null, 2)}\n`);
  await rename(`${path}.draft`, path);
  process.stdout.write(`${JSON.stringify(provenance.accuracyOnTest)}\n${path}\n`);
}

/** A recipe needs a student; this program only borrows the data set and the optimizer of one. */
function studentOfNoUse() {
  return { id: 'student/sit', with: { hiddenSize: 16, depth: 1, numHeads: 2, patchSize: 4 } };
}
