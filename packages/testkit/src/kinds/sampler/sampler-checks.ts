// What a sampler promises (plugin-api, Sampler).
import type { InterpolantName } from '@hastejs/diffusion';
import { type Sampler, isHasteError } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { count } from '../../measure/words.js';
import { DEVIATION, MEAN, gaussianProblem } from './gaussian-problem.js';

type Subject = Bench<'sampler'>;
const WHERE = 'sample()';
/** Of mean and deviation, in units of the deviation: 2048 draws leave 0.02 by chance. */
const TOLERANCE = 0.1;

export const samplerChecks = {
  'ends in the data, on every path': async (bench: Subject) => {
    const sampler = await bench.create();
    for (const path of ['linear', 'cosine'] as const) await mustLand(sampler, path);
  },
  'gives float64 state in the size of its start, and leaves the start alone': async (bench: Subject) => {
    const { problem } = gaussianProblem('linear', { size: 24 });
    const start = problem.start.slice();
    const end = await (await bench.create()).sample(problem);
    must(end instanceof Float64Array && end.length === start.length, {
      what: `From ${start.length} numbers it made ${end?.constructor.name} of ${end?.length}.`,
      where: WHERE,
      fix: 'Keep the state as Float64Array: steps are small against it.',
    });
    must(end.every(Number.isFinite), {
      what: 'Its end holds NaN or infinite numbers.',
      where: WHERE,
      fix: 'Look at t = 0 and t = 1, where α or σ is 0.',
    });
    must(
      problem.start.every((value, i) => value === start[i]),
      { what: 'It writes into the start.', where: WHERE, fix: 'Copy it: Float64Array.from(problem.start).' },
    );
  },
  'gives the same samples for the same noise': async (bench: Subject) => {
    const sampler = await bench.create();
    const [one, two] = [
      await sampler.sample(gaussianProblem('linear', { size: 24 }).problem),
      await sampler.sample(gaussianProblem('linear', { size: 24 }).problem),
    ];
    must(
      one.every((value, i) => value === two[i]),
      {
        what: 'Asked twice for the same problem, it gave two answers.',
        where: WHERE,
        fix: 'Take all noise from problem.start and problem.noise(k), and keep no state.',
      },
    );
  },
  'draws each noise once': async (bench: Subject) => {
    const { problem, asked } = gaussianProblem('linear', { size: 24 });
    await (await bench.create()).sample(problem);
    const twice = asked.noises.filter((k, i) => asked.noises.indexOf(k) !== i);
    must(twice.length === 0, {
      what: `It draws noise ${twice.slice(0, 3).join(', ')} more than once: its steps are correlated.`,
      where: 'noise()',
      fix: 'Give each step a number of its own.',
    });
    must(
      asked.noises.every((k) => Number.isInteger(k) && k >= 0),
      {
        what: `It draws noise ${asked.noises.find((k) => !(Number.isInteger(k) && k >= 0))}.`,
        where: 'noise()',
        fix: 'Count draws from 0.',
      },
    );
  },
  'asks for the velocity between noise and data only': async (bench: Subject) => {
    const { problem, asked } = gaussianProblem('linear', { size: 24 });
    await (await bench.create()).sample(problem);
    const beyond = asked.velocities.filter(({ t }) => !(t >= 0 && t <= 1));
    must(beyond.length === 0, {
      what: `It asks for the velocity at t = ${beyond[0]?.t}.`,
      where: 'velocity()',
      fix: 'Times go from 1 (noise) to 0 (data); count steps, and do not add up differences.',
    });
    must(asked.velocities.length > 0, {
      what: 'It never asks for the velocity.',
      where: 'velocity()',
      fix: 'Integrate the field that the problem gives.',
    });
  },
  'guides inside the interval, and pays for it there only': async (bench: Subject) => {
    const sampler = await bench.create();
    const off = gaussianProblem('linear', { size: 24 });
    await sampler.sample(off.problem);
    must(
      off.asked.velocities.every(({ guided }) => !guided),
      {
        what: 'With guidance of scale 1 it asks for the null class too.',
        where: 'velocity()',
        fix: 'A scale of 1 is off: ask with guided = false, which costs half.',
      },
    );
    const guidance = { scale: 3, low: 0.3137, high: 0.6911 };
    const on = gaussianProblem('linear', { size: 24, guidance });
    const plain = await sampler.sample(gaussianProblem('linear', { size: 24 }).problem);
    const guided = await sampler.sample(on.problem);
    const times = [...new Set(on.asked.velocities.map(({ t }) => t))].sort();
    const longest = Math.max(...times.slice(1).map((t, i) => t - times[i]!));
    // A step of several evaluations may decide by the time at which it begins.
    const atEdge = (t: number) => Math.min(Math.abs(t - guidance.low), Math.abs(t - guidance.high)) <= longest;
    const inInterval = (t: number) => t >= guidance.low && t <= guidance.high;
    const wrong = on.asked.velocities.filter(({ t, guided: asked }) => !atEdge(t) && asked !== inInterval(t));
    must(wrong.length === 0, {
      what: `With guidance from ${guidance.low} to ${guidance.high} it asks at t = ${wrong[0]?.t.toPrecision(3)} ${wrong[0]?.guided ? 'with' : 'without'} the null class.`,
      where: 'velocity()',
      fix: 'Guide where low ≤ t ≤ high, and nowhere else.',
    });
    const inside = on.asked.velocities.some(({ guided: asked }) => asked);
    const shift = mean(guided) - mean(plain);
    must(!inside || shift > 0.05, {
      what: `Guidance of scale 3 away from the null class moved the mean by ${shift.toPrecision(3)}, and not away from it.`,
      where: WHERE,
      fix: 'Take u + scale·(c − u), u the velocity of the null class and c that of the class.',
    });
  },
  'tells its progress to the end': async (bench: Subject) => {
    const { problem, asked } = gaussianProblem('linear', { size: 24 });
    await (await bench.create()).sample(problem);
    const { progress } = asked;
    const [done, total] = progress.at(-1) ?? [0, 0];
    const rises = progress.every(([now, of], i) => of === total && now > (progress[i - 1]?.[0] ?? 0));
    must(progress.length > 0 && done === total && rises, {
      what: `It told its progress as ${
        progress.length === 0
          ? 'nothing'
          : `${progress
              .slice(0, 3)
              .map(([now, of]) => `${now}/${of}`)
              .join(', ')} … ${done}/${total}`
      }.`,
      where: 'onStep()',
      fix: 'Call problem.onStep?.(done, total) after each step, from 1 to total.',
    });
  },
  'passes on what the model throws': async (bench: Subject) => {
    const boom = new Error('the model failed');
    const { problem } = gaussianProblem('linear', { size: 24 });
    const sampling = (await bench.create()).sample({ ...problem, velocity: () => Promise.reject(boom) });
    const error = await sampling.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    // Core says of an error that is no HasteError through whose call it came.
    const told = isHasteError(error, 'EXTENSION_FAILED') ? error.cause : error;
    must(told === boom, {
      what: `The model failed, and it ${told === null ? 'gave samples' : `threw another error: ${String(told)}`}.`,
      where: WHERE,
      fix: 'Await problem.velocity(), and let its error pass: it says what to do.',
    });
  },
  'makes no tensors': async (bench: Subject) => {
    const before = tf.memory().numTensors;
    await (await bench.create()).sample(gaussianProblem('linear', { size: 24 }).problem);
    must(tf.memory().numTensors === before, {
      what: `It left ${count(tf.memory().numTensors - before, 'tensor')} behind.`,
      where: WHERE,
      fix: 'The state lives on the host, in float64.',
    });
  },
};

async function mustLand(sampler: Sampler, path: InterpolantName): Promise<void> {
  const { problem, asked } = gaussianProblem(path);
  const end = await sampler.sample(problem);
  const [centre, spread] = [mean(end), deviation(end)];
  const fits =
    Math.abs(centre - MEAN) <= TOLERANCE * DEVIATION && Math.abs(spread - DEVIATION) <= TOLERANCE * DEVIATION;
  must(fits, {
    what: `On the ${path} path, data of mean ${MEAN} and deviation ${DEVIATION} came out as ${centre.toPrecision(3)} and ${spread.toPrecision(3)}.`,
    where: WHERE,
    fix: 'Check signs and the direction of time (from 1 to 0); give the case enough steps.',
  });
  if (asked.noises.length > 0) return;
  const errors = end.map((value, i) => value - (MEAN + DEVIATION * problem.start[i]!));
  const error = Math.sqrt(mean(errors.map((e) => e * e)));
  must(error <= TOLERANCE * DEVIATION, {
    what: `On the ${path} path, a deterministic sampler is off the flow by ${error.toPrecision(3)}, of a deviation of ${DEVIATION}.`,
    where: WHERE,
    fix: 'It must follow dx = v dt; give the case enough steps.',
  });
}

const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
function deviation(x: Float64Array): number {
  const centre = mean(x);
  return Math.sqrt(mean(x.map((value) => (value - centre) ** 2)));
}
