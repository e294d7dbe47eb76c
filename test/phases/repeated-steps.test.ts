import type { TermWeight } from '@hastejs/core';
import { cloneTaps } from '@hastejs/features';
import { pairs } from '@hastejs/layers';
import { attentionAlignment } from '@hastejs/loss-attention';
import { featureAlignment } from '@hastejs/loss-feature';
import { makeSit } from '@hastejs/models';
import type {
  AlignmentLoss,
  Backend,
  Optimizer,
  Student,
  TapValues,
  TargetLayers,
  TeacherEncoder,
} from '@hastejs/plugin-api';
import { type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { Alignment, type StepRecipe, Stepper, type TeacherValues, type Weights, adamw } from '@hastejs/trainer';
import { begin, computeIn } from '@hastejs/trainer';
import { disposeBatch, trainStep } from '@hastejs/trainer';
import { TORCH_DEVICE, activateBackend, describeEachBackend, whereItRuns } from '#support/backends.js';

/** What the torch backend tells of its memory. */
interface TorchBackend {
  readonly torch: {
    readonly device: string;
    readonly addon: { alive(): number; memory(device: string): [inUse: number] };
  };
}

const [B, SIDE, BLOCKS] = [2, 8, 3];
const sit = makeSit({
  ...{ hiddenSize: 16, depth: BLOCKS, numHeads: 2, patchSize: 4, mlpRatio: 2, qkNorm: false },
  input: { channels: 1, height: SIDE, width: SIDE },
  classes: 3,
});

/** A linear map of patches, as tokens and as queries and keys. */
function teacher(change: Partial<TeacherEncoder> = {}): TeacherEncoder {
  const weight = tf.tensor2d(rng(7).normal(16 * 16), [16, 16]);
  const tokens = (images_BCHW: Tensor4D): Tensor3D =>
    tf.reshape(tf.matMul(tf.reshape(images_BCHW, [-1, 16]), weight), [B, 4, 16]);
  const heads = (images_BCHW: Tensor4D) => tf.transpose(tf.reshape(tokens(images_BCHW), [B, 4, 2, 8]), [0, 2, 1, 3]);
  return {
    spec: { name: 'linear', blocks: BLOCKS, width: 16, heads: 2, headDim: 8, grid: sit.spec.grid },
    repeatable: true,
    encode: (images, taps) => ({
      tokens: new Map(taps.tokens.map((site) => [site, tokens(images)])),
      attention: new Map(
        taps.attention.map((site) => [site, { q_BHTd: heads(images) as Tensor4D, k_BHTd: heads(images) as Tensor4D }]),
      ),
    }),
    dispose: () => weight.dispose(),
    ...change,
  };
}

function alignmentTo(encoder: TeacherEncoder, weight: TermWeight = 0.5): Alignment {
  const layers = (list: [number, number | 'final'][]) =>
    pairs.create({ pairs: list, grids: 'refuse' }, {}) as TargetLayers;
  const feature = featureAlignment.create({ hidden: 8 }, {}) as AlignmentLoss;
  const attention = attentionAlignment.create({}, {}) as AlignmentLoss;
  return new Alignment(sit.spec, [
    { name: 'feature', weight, teacher: encoder, loss: feature, layers: layers([[1, 'final']]) },
    {
      name: 'attention',
      weight: 0.5,
      teacher: encoder,
      loss: attention,
      layers: layers([
        [1, 1],
        [2, 2],
      ]),
    },
  ]);
}

function batch(step: number) {
  const draws = rng(3).stream('batch').at(step);
  const shape = [B, 1, SIDE, SIDE] as const;
  const normal = (name: string) => tf.tensor4d(draws.stream(name).normal(B * SIDE * SIDE), [...shape]);
  return {
    images_BCHW: normal('images'),
    x0_BCHW: normal('x0'),
    noise_BCHW: normal('noise'),
    t_B: tf.tensor1d(draws.stream('t').uniform(B)),
    y_B: tf.tensor1d(draws.stream('y').integers(B, 3), 'int32') as Tensor1D,
  };
}

/** The step recipe of these tests: a learning rate that changes in every step, so that it must come anew. */
function recipe(backend: Backend, change: Partial<StepRecipe> = {}): StepRecipe {
  const optimizer = adamw.create(adamw.options.parse({ lr: 1e-2, warmup: 6, weightDecay: 0.1 }), {}) as Optimizer;
  const compute = computeIn(backend, 'float32');
  return { student: sit, path: 'linear', optimizer, gradientClip: 1, emaDecay: 0.9, compute, ...change };
}

const flat = ({ params, ema, optimizer }: Weights): Tensor[] =>
  [params, ema, ...Object.values(optimizer)].flatMap((group) => Object.values(group));

interface Taken {
  readonly losses: number[][];
  readonly weights: number[][];
  readonly notRepeated: (string | null)[];
}

interface Trial {
  readonly backend: Backend;
  readonly steps?: number;
  readonly change?: Partial<StepRecipe>;
  readonly alignment?: Alignment | null;
  /** What was read ahead for a step. */
  readonly fetched?: (step: number) => TeacherValues;
  /** Called before a step; may hand out something to dispose after it. */
  readonly before?: (step: number, weights: Weights) => Tensor[];
  /** What a trigger leaves of the weights. */
  readonly factor?: (step: number) => number;
  readonly stepper?: boolean;
}

/** Takes steps from fresh weights and returns everything that came of them. */
function take({
  backend,
  steps = 7,
  change,
  alignment = null,
  fetched,
  before,
  factor = () => 1,
  stepper: repeats = true,
}: Trial): Taken {
  const made = recipe(backend, change);
  let { weights } = begin(made.student, made.optimizer, alignment, null, rng(5));
  const stepper = new Stepper(made, backend);
  const taken: Taken = { losses: [], weights: [], notRepeated: [] };
  for (let step = 0; step < steps; step++) {
    const held = before?.(step, weights) ?? [];
    const drawn = { ...batch(step), ...(fetched && { fetched: fetched(step) }) };
    const result = repeats
      ? stepper.step(weights, drawn, alignment, step, factor(step))
      : trainStep(made, weights, drawn, alignment, step, factor(step));
    weights = result.weights;
    taken.losses.push([...result.losses_N.dataSync()]);
    taken.notRepeated.push(stepper.notRepeated);
    disposeBatch(drawn);
    tf.dispose([result.losses_N, ...held]);
  }
  taken.weights.push(...flat(weights).map((tensor) => [...tensor.dataSync()]));
  tf.dispose(flat(weights));
  stepper.dispose();
  return taken;
}

/** The same steps by the code alone must give the same bits. */
function expectSameAsCode(trial: Trial): Taken {
  const taken = take(trial);
  const byCode = take({ ...trial, stepper: false });
  expect(taken.losses).toEqual(byCode.losses);
  expect(taken.weights).toEqual(byCode.weights);
  return taken;
}

describeEachBackend('Stepper', () => {
  it('takes the steps that the code takes, or repeats them, to the bit', async () => {
    const backend = await activateBackend(tf.getBackend() as never);
    const before = tf.memory().numTensors;
    const alignment = alignmentTo(teacher());
    const { notRepeated } = expectSameAsCode({ backend, alignment });
    await alignment.close();
    expect(tf.memory().numTensors).toBe(before);
    if (!backend.record) expect(new Set(notRepeated)).toEqual(new Set(['the backend does not record']));
  });
});

/** On a processor a repeated step is a list of calls; on a GPU it may also be one graph. */
const WAYS = TORCH_DEVICE === 'cpu' ? [{ graphs: false }] : [{ graphs: false }, { graphs: true }];

describe.each(WAYS)('repeated steps, %j', (way) => {
  whereItRuns('torch', () => {
    let backend: Backend;
    beforeEach(async () => {
      backend = await activateBackend('torch', way);
    });
    const aligned = (encoder = teacher()) => ({ backend, alignment: alignmentTo(encoder) });

    it.each(['float32', 'bf16'] as const)('begin with the fourth, in %s', async (precision) => {
      const trial = { ...aligned(), change: { compute: computeIn(backend, precision) } };
      const { notRepeated } = expectSameAsCode(trial);
      // The first step is unlike the others: moving averages share the parameters' memory, and get their own.
      expect(notRepeated[1]).toMatch(/calls once and/);
      expect(notRepeated.slice(2)).toEqual(['it was held against the recording', null, null, null, null]);
      await trial.alignment.close();
    });

    it('are those of plain training, too', () => {
      expect(expectSameAsCode({ backend }).notRepeated.at(-1)).toBeNull();
    });

    it('stop for a step when somebody sees the parameters, and leave what was seen alone', () => {
      const seen: number[][] = [];
      const before = (step: number, { params }: Weights): Tensor[] => {
        if (step !== 4) return [];
        const clone = tf.clone(params['x_embedder.proj.weight']!);
        seen.push([...clone.dataSync()]);
        return [clone];
      };
      const { notRepeated } = expectSameAsCode({ backend, steps: 9, before });
      expect(notRepeated[4]).toMatch(/calls once and/);
      expect(notRepeated.at(-1)).toBeNull();
    });

    it('follow weights that change by a schedule and by a ramp of the trigger', async () => {
      const alignment = alignmentTo(teacher(), { value: 0.2, ramp: { to: 1, start: 2, steps: 6, shape: 'cosine' } });
      const trial = { backend, alignment, steps: 9 };
      const ramped = expectSameAsCode({ ...trial, factor: (step) => (step < 5 ? 1 : 1 - (step - 5) / 4) });
      expect(ramped.notRepeated.slice(4)).toEqual([null, null, null, null, null]);
      expect(take(trial).losses.at(-1)).not.toEqual(ramped.losses.at(-1));
      await alignment.close();
    });

    it('are none where a weight depends on the times of the samples', async () => {
      const alignment = alignmentTo(teacher(), {
        value: 0.5,
        overTime: [
          { until: 0.5, factor: 0 },
          { until: 1, factor: 1 },
        ],
      });
      const { notRepeated } = expectSameAsCode({ backend, alignment });
      expect(notRepeated.at(-1)).toContain("the weight over time of the term 'feature'");
      await alignment.close();
    });

    it('read what is kept of the images from the batch', async () => {
      const [own, other] = [teacher(), teacher()];
      const kept = teacher({ needs: 'items', encode: (_images, _taps, context) => cloneTaps(context!.fetched!) });
      // Of other images than the batch's, so that it shows where they come from.
      const taps = { tokens: ['final' as const], attention: [1, 2] };
      const fetched = (step: number) => {
        let values!: TapValues;
        const images = batch(step).images_BCHW;
        tf.tidy(() => {
          values = own.encode(tf.add(images, 1) as Tensor4D, taps);
          return [...values.tokens.values(), ...[...values.attention.values()].flatMap((qk) => Object.values(qk))];
        });
        return new Map([[kept, values]]);
      };
      const { losses, weights, notRepeated } = expectSameAsCode({ ...aligned(kept), fetched });
      expect(notRepeated.slice(3)).toEqual([null, null, null, null]);
      const live = { ...other, encode: (images: Tensor4D) => other.encode(tf.add(images, 1) as Tensor4D, taps) };
      expect(take({ ...aligned(live), stepper: false })).toMatchObject({ losses, weights });
      for (const each of [own, other, kept]) each.dispose();
    });

    it('are none where a part does not state that it is repeatable', async () => {
      const trial = aligned(teacher({ repeatable: false }));
      const { notRepeated } = expectSameAsCode(trial);
      expect(notRepeated.at(-1)).toBe('the teacher linear does not state that it is repeatable');
      await trial.alignment.close();
    });

    describe('are none where a part states it in error:', () => {
      let calls = 0;
      const FAULTS: Record<string, [Student['forward'], RegExp]> = {
        'numbers that change': [
          (params, input, taps) => {
            const x_BCHW = tf.mul<Tensor4D>(input.x_BCHW, tf.scalar(1 + calls++));
            return sit.forward(params, { ...input, x_BCHW }, taps);
          },
          /numbers that it puts on the backend change/,
        ],
        'another number of calls': [
          (params, input, taps) => {
            const x_BCHW = calls++ % 2 === 0 ? tf.mul<Tensor4D>(input.x_BCHW, 2) : input.x_BCHW;
            return sit.forward(params, { ...input, x_BCHW }, taps);
          },
          /calls once and/,
        ],
        'a value read to the host': [
          (params, input, taps) => {
            const scale = input.t_B.dataSync()[0]! > 0.5 ? 2 : 1;
            return sit.forward(params, { ...input, x_BCHW: tf.mul(input.x_BCHW, scale) }, taps);
          },
          /reads values/,
        ],
      };
      it.each(Object.entries(FAULTS))('%s', (_, [forward, reason]) => {
        const reset = (step: number) => {
          if (step === 0) calls = 0;
          return [];
        };
        const { notRepeated } = expectSameAsCode({ backend, change: { student: { ...sit, forward } }, before: reset });
        expect(notRepeated.at(-1)).toMatch(reason);
      });
    });

    it('follow an optimizer that replaces its tensors instead of writing to them', () => {
      const sgd: Optimizer = {
        repeatable: true,
        init: () => ({}),
        update: ({ params, grads, clock }) => {
          const lr = clock.scalar((step) => 0.1 / (step + 1));
          const next = Object.entries(params).map(([name, param]) => {
            if (!grads[name]) return [name, param];
            const moved = tf.tidy(() => tf.sub(param, tf.mul(grads[name]!, lr)));
            param.dispose();
            return [name, moved];
          });
          return { params: Object.fromEntries(next), state: {} };
        },
      };
      expect(expectSameAsCode({ backend, change: { optimizer: sgd } }).notRepeated.at(-1)).toBeNull();
    });

    it('are none where the optimizer moves tensors from one place to another', () => {
      const real = recipe(backend).optimizer;
      const swapping: Optimizer = {
        ...real,
        update: (update) => {
          const { params, state } = real.update(update);
          return { params, state: { m: state['v']!, v: state['m']! } };
        },
      };
      expect(expectSameAsCode({ backend, change: { optimizer: swapping } }).notRepeated.at(-1)).toBe(
        'it moves tensors from one place to another',
      );
    });

    it('give back every handle and byte, over a thousand of them', async () => {
      const { addon, device } = (tf.backend() as unknown as TorchBackend).torch;
      const inUse = () => [addon.alive(), addon.memory(device)[0], tf.memory().numTensors];
      const start = inUse();
      const alignment = alignmentTo(teacher());
      const during: number[][] = [];
      take({
        ...{ backend, alignment, steps: 1001 },
        before: (step) => {
          if (step === 10 || step === 1000) during.push(inUse());
          return [];
        },
      });
      await alignment.close();
      expect(during[1]).toEqual(during[0]);
      expect(inUse()).toEqual(start);
    });
  });
});
