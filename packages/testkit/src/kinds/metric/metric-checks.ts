// What a metric promises (plugin-api, Metric), in a run of the real trainer.
import { isDeepStrictEqual } from 'node:util';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { countRequests } from '../../measure/journal.js';
import { count } from '../../measure/words.js';
import { runWithMetric, runWithout } from './metric-runs.js';

type Subject = Bench<'metric'>;
const WHERE = 'measure()';

export const metricChecks = {
  'yields what it names, in finite numbers, in both phases': async (bench: Subject) => {
    const { run, metric, calls } = await runWithMetric(bench);
    await run.close();
    const { names } = metric!;
    const twice = names.filter((name, i) => names.indexOf(name) !== i);
    must(names.length > 0 && twice.length === 0, {
      what: `It names ${names.length === 0 ? 'nothing' : `${twice.join(', ')} twice`}.`,
      where: 'names',
      fix: 'Name each value that it yields once: triggers and loggers know it by name.',
    });
    must(calls.length > 0, {
      what: 'It was never measured.',
      where: 'every',
      fix: 'Give the case options and a recipe in which it is.',
    });
    // That it yields only what it names, the run itself watches over.
    for (const { step, values } of calls) {
      const odd = Object.entries(values).filter(([, value]) => !Number.isFinite(value));
      must(odd.length === 0, {
        what: `At step ${step}, ${odd.map(([name, value]) => `${name} is ${value}`).join(', ')}.`,
        where: WHERE,
        fix: 'Leave a value out where it cannot be measured.',
      });
    }
    const yielded = new Set(calls.flatMap(({ values }) => Object.keys(values)));
    must(
      names.some((name) => yielded.has(name)),
      {
        what: `It never yields what it names: ${names.join(', ')}.`,
        where: WHERE,
        fix: 'Yield under the names of `names`, without "metric/".',
      },
    );
  },
  'measures the same when it is asked twice': async (bench: Subject) => {
    const { run } = await runWithMetric(bench, {
      look: async (metric, context) => {
        const [one, two] = [await metric.measure(context), await metric.measure(context)];
        must(isDeepStrictEqual(one, two), {
          what: `At step ${context.step} it measured ${JSON.stringify(one)}, then ${JSON.stringify(two)}.`,
          where: WHERE,
          fix: 'Take images, noise and times from the context, and draw nothing: a resumed run measures what the first one did.',
        });
      },
    });
    await run.close();
  },
  'changes nothing of the run': async (bench: Subject) => {
    const [{ run }, plain] = [await runWithMetric(bench), await runWithout(bench)];
    const moved = [...plain.logged].find(([step, losses]) =>
      Object.entries(losses).some(([name, value]) => !Object.is(run.logged.get(step)![name], value)),
    );
    await run.close();
    await plain.close();
    must(moved === undefined, {
      what: `With it in the recipe, the losses differ from step ${moved?.[0]} on.`,
      where: WHERE,
      fix: 'Leave params, batches and random streams of the run alone: work on copies, and dispose of nothing that is not yours.',
    });
  },
  'measures the same after a cut': async (bench: Subject) => {
    const { run: whole } = await runWithMetric(bench);
    const { run: cut } = await runWithMetric(bench, { stopAfter: 3 });
    const rest = await cut.resume();
    const differs = [...rest.logged].find(([step, values]) => !isDeepStrictEqual(values, whole.logged.get(step)));
    await whole.close();
    await cut.close();
    must(differs === undefined, {
      what: `Cut after step 3 and resumed, it logs ${JSON.stringify(differs?.[1])} at step ${differs?.[0]}, and ${JSON.stringify(whole.logged.get(differs?.[0] ?? 0))} without a cut.`,
      where: WHERE,
      fix: 'Keep nothing between measurements: a resumed run creates its metrics anew.',
    });
  },
  'costs nothing while nobody wants it': async (bench: Subject) => {
    const plain = await countRequests(async () => (await runWithout(bench, true)).close());
    const idle = await countRequests(async () => (await runWithMetric(bench, { unlogged: true })).run.close());
    must(idle === plain, {
      what: `With no logger and no trigger that wants it, it asks the backend for ${count(idle - plain, 'thing')}.`,
      where: 'create()',
      fix: 'Do the work in measure(), which is called when somebody wants the values.',
    });
  },
  'leaves no tensors behind': async (bench: Subject) => {
    const before = tf.memory().numTensors;
    let first = -1;
    const { run } = await runWithMetric(bench, {
      look: async (metric, context) => {
        await metric.measure(context);
        if (first < 0) first = tf.memory().numTensors; // what is made on the first call may stay until the run ends
        await metric.measure(context);
        const more = tf.memory().numTensors - first;
        first = tf.memory().numTensors;
        must(more <= 0, {
          what: `A measurement leaves ${count(more, 'tensor')} behind.`,
          where: WHERE,
          fix: 'Compute inside tf.tidy, dispose of gradients that context.gradients gave, and of what an asynchronous function holds.',
        });
      },
    });
    await run.close();
    const left = tf.memory().numTensors - before;
    must(left === 0, {
      what: `The run leaves ${count(left, 'tensor')} behind.`,
      where: 'dispose()',
      fix: 'A metric that keeps tensors has dispose(), which is called with the end of the run.',
    });
  },
};
