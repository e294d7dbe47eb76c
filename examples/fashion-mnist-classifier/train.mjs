// Trains the small convolutional network that Haste ships to judge samples of Fashion-MNIST by. It shares nothing with the
// teacher: another architecture, other weights, another seed.
//
//   npm run classifier:fashion-mnist -- --out packages/haste/assets
//
// Everything drawn is a function of (seed, step): the same seed gives the same weights on the same backend.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Progress } from '@hastejs/cli';
import { createHost } from '@hastejs/core';
import { Loader } from '@hastejs/data';
import {
  CLASSIFIER_METADATA,
  Classifier,
  judgeDataset,
  networkFeatures,
  networkLogits,
  networkParameters,
  toInput,
} from '@hastejs/evaluation';
import { adamw, builtins, fashionMnist } from '@hastejs/haste';
import { initParameters } from '@hastejs/models';
import {
  StepClock,
  clipByGlobalNorm,
  disposeParams,
  paramsToHost,
  rng as makeRng,
  tf,
  valueAndGrads,
  writeSafetensors,
} from '@hastejs/tensor';

const NAME = 'fashion-mnist-classifier';
/** Mean and standard deviation of the training pixels in [0, 1]. */
const SPEC = {
  channels: 1,
  side: 28,
  widths: [16, 48, 64],
  features: 96,
  classes: 10,
  normalisation: { mean: 0.286, std: 0.353 },
};

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/fashion-mnist-classifier' },
    steps: { type: 'string', default: '5000' },
    batch: { type: 'string', default: '64' },
    // Not the teacher's.
    seed: { type: 'string', default: '20' },
    source: { type: 'string', default: 'auto' },
    backend: { type: 'string' },
    // Test images to measure on.
    test: { type: 'string', default: '10000' },
  },
});
const [steps, batchSize, seed, testSize] = [flags.steps, flags.batch, flags.seed, flags.test].map(Number);

const host = await createHost({ plugins: builtins });
const backend = await host.selectBackend(flags.backend);
const data = (split) => fashionMnist({ source: flags.source, split });
const recipe = host.resolve({ name: NAME, seed, student: studentOfNoUse(), data: data('train'), steps, batchSize });
const run = host.openRun(recipe, process.cwd());
const train = await run.create(recipe.data);
const test = await run.create(data('test'));
const optimizer = await run.create(
  adamw({ lr: 2e-3, weightDecay: 0.05, warmup: Math.ceil(steps / 20), decay: { until: steps } }),
);

const params = await fit();
const classifier = new Classifier(SPEC, params);
await save(await measure());
classifier.dispose();
await run.close();
await host.close();

/** Cross-entropy, AdamW, a cosine to zero. */
async function fit() {
  const rng = makeRng(seed);
  const loader = new Loader(train, batchSize, rng);
  let params = initParameters(networkParameters(SPEC), rng.stream('init'));
  let state = optimizer.init(params);
  const progress = new Progress({ err: process.stderr, env: process.env });
  progress.start('classifier', 0, steps);
  for (let step = 0; step < steps; step++) {
    const { images_BCHW, labels_B } = await loader.next(step);
    const x_BHWC = toInput(SPEC, images_BCHW);
    const { loss, grads } = valueAndGrads(() => ({ loss: crossEntropy(params, x_BHWC, labels_B) }), params);
    const clipped = clipByGlobalNorm(grads, 1);
    const clock = new StepClock(step);
    ({ params, state } = optimizer.update({ params, grads: clipped.grads, state, clock }));
    clock.dispose();
    const value = (await loss.data())[0];
    disposeParams(clipped.grads);
    tf.dispose([x_BHWC, loss, clipped.norm]);
    progress.update(step + 1, [`loss ${value.toFixed(3)}`]);
  }
  progress.end();
  await loader.dispose();
  for (const slot of Object.values(state)) disposeParams(slot);
  return params;
}

/** logsumexp(z) − z_y, mean over the batch. */
function crossEntropy(params, x_BHWC, labels_B) {
  const logits_BC = networkLogits(params, networkFeatures(params, x_BHWC));
  const picked_B = tf.sum(tf.mul(logits_BC, tf.oneHot(tf.tensor1d(labels_B, 'int32'), SPEC.classes)), 1);
  return tf.mean(tf.sub(tf.logSumExp(logits_BC, 1), picked_B));
}

async function measure() {
  const { accuracy, moments } = await judgeDataset(classifier, test, testSize);
  return { images: moments.count, accuracy };
}

/** Weights that say what they are, and where they come from beside them. */
async function save(accuracyOnTest) {
  await mkdir(flags.out, { recursive: true });
  await writeSafetensors(join(flags.out, `${NAME}.safetensors`), await paramsToHost(params), {
    [CLASSIFIER_METADATA]: JSON.stringify(SPEC),
  });
  const { device, version } = await backend.probe();
  const provenance = {
    what: `convolutional network of widths ${SPEC.widths.join(', ')}, ${SPEC.features} features before its last layer`,
    use: 'judges samples: Fréchet distance between its features, accuracy of samples on their label',
    command: `npm run classifier:fashion-mnist -- --steps ${steps} --batch ${batchSize} --seed ${seed}`,
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
    accuracyOnTest,
  };
  const path = join(flags.out, `${NAME}.json`);
  await writeFile(`${path}.draft`, `${JSON.stringify(provenance, null, 2)}\n`);
  await rename(`${path}.draft`, path);
  process.stdout.write(`${JSON.stringify(accuracyOnTest)}\n${path}\n`);
}

/** A recipe needs a student; this program only borrows the data set and the optimizer of one. */
function studentOfNoUse() {
  return { id: 'student/sit', with: { hiddenSize: 16, depth: 1, numHeads: 2, patchSize: 4 } };
}
