import { cloneTaps } from '@hastejs/features';
import type { Backend, Optimizer, Student, TapValues } from '@hastejs/plugin-api';
import { type Tensor, type Tensor4D, tf } from '@hastejs/tensor';
import { type Weights, computeIn } from '@hastejs/trainer';
import { TORCH_DEVICE, activateBackend, describeEachBackend, whereItRuns } from '#support/backends.js';
import { alignmentTo, batch, expectSameAsCode, recipe, sit, take, teacher } from './step-trial.js';

/** What the torch backend tells of its memory. */
interface TorchBackend {
  readonly torch: {
    readonly device: string;
    readonly addon: { alive(): number; memory(device: string): [inUse: number] };
  };
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
