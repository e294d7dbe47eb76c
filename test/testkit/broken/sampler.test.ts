import { euler } from '@hastejs/diffusion';
import { type Sampler, type SamplingProblem, defineSampler } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { samplerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Sample = Sampler['sample'];

/** Euler's method with something broken. */
const broken = (name: string, f: (good: Sample, problem: SamplingProblem) => Promise<Float64Array>) =>
  samplerContract(
    defineSampler({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: async (): Promise<Sampler> => {
        const good = await euler.create({ steps: 100 }, {});
        return { sample: (problem) => f((one) => good.sample(one), problem) };
      },
    }),
  );
let calls = 0;

const TABLE: BrokenTable<'sampler'> = {
  'ends in the data, on every path': [
    [broken('backwards', (good, problem) => good({ ...problem, velocity: async (x, t, guided) => negated(await problem.velocity(x, t, guided)) })), /^On the linear path, data of mean 1 and deviation 0\.5 came out as -?[\d.]+ and [\d.]+\.$/], // prettier-ignore
    [broken('mirrored', (good, problem) => good({ ...problem, start: problem.start.map((x) => -x) })), /^On the linear path, a deterministic sampler is off the flow by [\d.]+, of a deviation of 0\.5\.$/], // prettier-ignore
  ],
  'gives float64 state in the size of its start, and leaves the start alone': [
    [broken('float32', async (good, problem) => Float32Array.from(await good(problem)) as never), 'From 24 numbers it made Float32Array of 24.'], // prettier-ignore
    [
      broken('nan', async (good, problem) => (await good(problem)).map(() => NaN)),
      'Its end holds NaN or infinite numbers.',
    ],
    [broken('in-place', async (good, problem) => { problem.start[0] = 9; return good(problem); }), 'It writes into the start.'], // prettier-ignore
  ],
  'gives the same samples for the same noise': [
    [broken('drawn', async (good, problem) => (await good(problem)).map((x) => x + calls++ / 1e6)), 'Asked twice for the same problem, it gave two answers.'], // prettier-ignore
  ],
  'draws each noise once': [
    [broken('again', (good, problem) => { problem.noise(2); problem.noise(2); return good(problem); }), 'It draws noise 2 more than once: its steps are correlated.'], // prettier-ignore
    [broken('by-time', (good, problem) => { problem.noise(0.25); return good(problem); }), 'It draws noise 0.25.'], // prettier-ignore
  ],
  'asks for the velocity between noise and data only': [
    [broken('beyond', (good, problem) => good({ ...problem, velocity: (x, t, guided) => problem.velocity(x, t - 0.2, guided) })), /^It asks for the velocity at t = -0\.0\d*\.$/], // prettier-ignore
    [broken('lazy', async (_good, problem) => Float64Array.from(problem.start)), 'It never asks for the velocity.'],
  ],
  'guides inside the interval, and pays for it there only': [
    [broken('costly', (good, problem) => good({ ...problem, velocity: (x, t) => problem.velocity(x, t, true) })), 'With guidance of scale 1 it asks for the null class too.'], // prettier-ignore
    [broken('everywhere', (good, problem) => good({ ...problem, guidance: { ...problem.guidance, low: 0, high: 1 } })), 'With guidance from 0.3137 to 0.6911 it asks at t = 1.00 with the null class.'], // prettier-ignore
    [broken('never', (good, problem) => good({ ...problem, guidance: { scale: 1, low: 0, high: 1 } })), /^With guidance from 0\.3137 to 0\.6911 it asks at t = 0\.\d+ without the null class\.$/], // prettier-ignore
    [broken('towards', (good, problem) => good({ ...problem, guidance: { ...problem.guidance, scale: 2 - problem.guidance.scale } })), /^Guidance of scale 3 away from the null class moved the mean by -[\d.]+, and not away from it\.$/], // prettier-ignore
  ],
  'tells its progress to the end': [
    [
      broken('silent', (good, problem) => good({ ...problem, onStep: () => undefined })),
      'It told its progress as nothing.',
    ],
    [broken('from-zero', (good, problem) => good({ ...problem, onStep: (done, total) => problem.onStep!(done - 1, total) })), 'It told its progress as 0/100, 1/100, 2/100 … 99/100.'], // prettier-ignore
  ],
  'passes on what the model throws': [
    [broken('swallowing', (good, problem) => good(problem).catch(() => new Float64Array(24))), 'The model failed, and it gave samples.'], // prettier-ignore
    [broken('wrapping', (good, problem) => good(problem).catch(() => Promise.reject(new Error('sampling failed')))), 'The model failed, and it threw another error: Error: sampling failed.'], // prettier-ignore
  ],
  'makes no tensors': [[broken('tensors', (good, problem) => { tf.scalar(1); return good(problem); }), 'It left 1 tensor behind.']], // prettier-ignore
};

function negated({ conditional, unconditional }: Awaited<ReturnType<SamplingProblem['velocity']>>) {
  return { conditional: conditional.map((v) => -v), unconditional };
}

describe('a broken sampler is caught', () => expectCaught(TABLE));
