// What a recipe says reaches the run: its draws are written out by hand, and every field that changes training changes it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { Loader } from '@hastejs/data';
import { makeSit } from '@hastejs/models';
import type { Dataset } from '@hastejs/plugin-api';
import { type Params, type Tensor4D, disposeParams, normalTensor, paramsToHost, readSafetensors, rng, tf } from '@hastejs/tensor'; // prettier-ignore
import { type SampleOptions, adamw, begin, readLosses, sampleImages, trainStep } from '@hastejs/trainer';
import { toyData } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const [SEED, STEPS, B, CLASSES] = [3, 4, 4, 3];
const SIT = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false } as const;
/** Quick enough that what four steps learned is seen. */
const LR = 0.03;
const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());

const plain = (change: Partial<RecipeInput> = {}): RecipeInput =>
  toyRecipe({
    steps: STEPS,
    alignment: null,
    optimizer: { kind: 'optimizer', id: 'optimizer/adamw', with: { lr: LR } },
    gradientClip: null,
    ...change,
  });
const train = (name: string, change?: Partial<RecipeInput>) =>
  toyTrain(host, plain(change), { folder: folder.path(name) });
const checkpointOf = ({ report }: ToyRun) => report.checkpoints.at(-1)!.path;
const bytesOf = (run: ToyRun, file: string) => readFile(join(checkpointOf(run), `${file}.safetensors`), 'hex');

it('takes the steps that seed and step number say, drop by drop', async () => {
  const run = await train('whole', { labelDropout: 0.5, gradientClip: 1 });
  const byHand = await trainByHand();
  expect([...run.losses.values()].map((losses) => losses['loss/denoise'])).toEqual(byHand.losses);
  for (const file of ['params', 'ema'] as const) {
    const { tensors } = await readSafetensors(join(checkpointOf(run), `${file}.safetensors`));
    const expected = byHand[file];
    expect([...tensors.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [name, { data }] of tensors) expect([name, data]).toEqual([name, expected[name]!.data]);
  }
});

/** The same training with no session, no batch source and no draw of the trainer's. */
async function trainByHand() {
  await (await host.selectBackend('wasm')).activate();
  const data = (await toyData.create({}, {})) as Dataset;
  const student = makeSit({ ...SIT, input: data.spec.image, classes: CLASSES });
  const optimizer = await adamw.create(adamw.options.parse({ lr: LR }), {});
  const random = rng(SEED);
  const loader = new Loader(data, B, random);
  const recipe = { student, path: 'linear', optimizer, gradientClip: 1, emaDecay: 0.9 } as const;
  let { weights } = begin(student, optimizer, null, null, random);
  const first = { ema: await paramsToHost(weights.ema), params: await paramsToHost(weights.params) };
  for (const [name, { data: values }] of Object.entries(first.ema)) expect(values).toEqual(first.params[name]!.data);
  const losses: number[] = [];
  let dropped = 0;
  for (let step = 0; step < STEPS; step++) {
    const { images_BCHW, labels_B } = await loader.next(step);
    const drop_B = random.stream('label-dropout').at(step).uniform(B);
    const y = [...labels_B].map((label, b) => (drop_B[b]! < 0.5 ? CLASSES : label));
    dropped += y.filter((label) => label === CLASSES).length;
    const raw_BCHW = tf.tensor4d(Float32Array.from(images_BCHW), [B, 1, 8, 8]);
    const batch = {
      images_BCHW: raw_BCHW,
      x0_BCHW: tf.tidy(() => tf.sub(tf.div(raw_BCHW, 127.5), 1) as Tensor4D),
      noise_BCHW: normalTensor(random.stream('noise').at(step), [B, 1, 8, 8]) as Tensor4D,
      t_B: tf.tensor1d(random.stream('time').at(step).uniform(B)),
      y_B: tf.tensor1d(y, 'int32'),
    };
    const result = trainStep(recipe, weights, batch, null, step);
    weights = result.weights;
    losses.push((await readLosses(result, step + 1))['loss/denoise']!);
    tf.dispose(Object.values(batch));
  }
  expect(dropped).toBeGreaterThan(0);
  const [params, ema] = [await paramsToHost(weights.params), await paramsToHost(weights.ema)];
  for (const group of [weights.params, weights.ema, ...Object.values(weights.optimizer)] as Params[])
    disposeParams(group);
  return { params, ema, losses };
}

describe('a field of the recipe', () => {
  let base: ToyRun;
  beforeAll(async () => {
    base = await train('base');
  });

  it.each<[string, Partial<RecipeInput>, 'params' | 'ema']>([
    ['path', { path: 'cosine' }, 'params'],
    ['time', { time: 'lognormal' }, 'params'],
    ['labelDropout', { labelDropout: 1 }, 'params'],
    ['gradientClip', { gradientClip: 1e-3 }, 'params'],
    ['seed', { seed: 4 }, 'params'],
    ['batchSize', { batchSize: 5 }, 'params'],
    ['ema', { ema: { decay: 0.5 } }, 'ema'],
  ])('%s changes what is trained', async (name, change, file) => {
    const run = await train(name, change);
    expect((await bytesOf(run, file)) === (await bytesOf(base, file))).toBe(false);
  });

  it('ema changes nothing else', async () => {
    const run = await train('ema-only', { ema: { decay: 0.5 } });
    expect((await bytesOf(run, 'params')) === (await bytesOf(base, 'params'))).toBe(true);
  });

  it('precision is what the backend must be able to do', async () => {
    await expect(train('bf16', { precision: 'bf16' })).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });
});

describe('sampling', () => {
  let checkpoint: string;
  beforeAll(async () => {
    const sampling = { guidance: { scale: 4 }, seed: 5 };
    checkpoint = checkpointOf(await train('sampled', { sampling, labelDropout: 0 }));
  });
  const draw = async (options: Partial<SampleOptions> = {}) => {
    const { images_BCHW } = await sampleImages({ host, checkpoint, labels_B: Int32Array.of(0, 1), ...options });
    return Buffer.from(images_BCHW).toString('hex');
  };

  it.each<[string, Partial<SampleOptions>]>([
    ['the class', { labels_B: Int32Array.of(1, 2) }],
    ['guidance', { guidance: { scale: 1 } }],
    ['the sampler', { sampler: { kind: 'sampler', id: 'sampler/euler', with: { steps: 3 } } }],
    ['the seed', { seed: 6 }],
    ['the weights', { weights: 'raw' }],
  ])('%s decides what is drawn', async (_, options) => {
    expect((await draw(options)) === (await draw())).toBe(false);
  });

  it('takes guidance and seed from the recipe where nothing else is said', async () => {
    expect((await draw({ guidance: { scale: 4 }, seed: 5 })) === (await draw())).toBe(true);
  });
});

it('goes on with the backend that the run began on, where the recipe names none', async () => {
  const { backend: _named, ...recipe } = plain();
  const place = folder.path('unnamed');
  await toyTrain(host, recipe, { folder: place, backend: 'cpu', stopAfter: 2 });
  const { report } = await toyTrain(host, recipe, { folder: place, resume: true });
  expect([report.backend.name, report.step]).toEqual(['cpu', STEPS]);
});
