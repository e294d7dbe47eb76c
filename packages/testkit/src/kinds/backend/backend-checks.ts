// What a backend promises (plugin-api, Backend).
import { type Tensor, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { asPlugin } from '../../bench/toolbox.js';
import { must } from '../../contract/contract-fault.js';
import { expectNoLeaks } from '../../measure/leaks.js';
import { dataDistance } from '../../measure/tensors.js';
import { startTestRun } from '../../run/start-test-run.js';
import { count } from '../../measure/words.js';
import { COMPUTATIONS, compute } from './computations.js';
import { active, inputsOf, made, toReference, valuesOf } from './backend-bench.js';

type Subject = Bench<'backend'>;

export interface BackendCase {
  /** Allowed difference from the reference in values and gradients, relative to the largest; default 1e-4, of float32. */
  readonly tolerance?: number;
}

export const backendChecks = {
  'changes nothing when it is created and looks': async (bench: Subject) => {
    await toReference();
    const before = surroundings();
    const backend = await made(bench);
    const report = await backend.probe();
    const after = surroundings();
    must(after.active === before.active, {
      what: `A look made ${after.active} the backend.`,
      where: 'probe()',
      fix: 'Choose it in activate(): several backends are looked at, and one is chosen.',
    });
    must(after.tensors === before.tensors, {
      what: `A look made ${count(after.tensors - before.tensors, 'tensor')}.`,
      where: 'probe()',
      fix: 'Look at files and versions; compute in activate().',
    });
    const texts = [report.device, report.version];
    must(texts.every((text) => typeof text === 'string') && typeof report.available === 'boolean', {
      what: `It reports ${JSON.stringify(report)}.`,
      where: 'probe()',
      fix: 'Report { available, device, version }.',
    });
    must(report.available || Boolean(report.reason && report.fix), {
      what: `It is not available and says ${JSON.stringify(report)}.`,
      where: 'probe()',
      fix: 'Say why (reason) and how to get it (fix).',
    });
  },
  "becomes TensorFlow.js' backend under its name, however often": async (bench: Subject) => {
    const backend = await active(bench);
    for (const time of ['activated', 'activated again']) {
      must(tf.getBackend() === backend.name, {
        what: `${time[0]!.toUpperCase()}${time.slice(1)}, TensorFlow.js computes on ${tf.getBackend()}, and it calls itself ${backend.name}.`,
        where: 'activate()',
        fix: 'Register the backend and await tf.setBackend(name).',
      });
      await backend.activate();
    }
  },
  'computes what the reference computes, with its gradients': async (bench: Subject) => {
    const { tolerance = 1e-4 } = bench.contractCase as BackendCase;
    await toReference();
    const expected = new Map(Object.entries(COMPUTATIONS).map(([name, one]) => [name, valuesOf(one)]));
    await active(bench);
    for (const [name, one] of Object.entries(COMPUTATIONS)) {
      for (const [part, values] of valuesOf(one)) {
        const distance = dataDistance(values, expected.get(name)!.get(part)!);
        must(distance <= tolerance, {
          what: `Its ${part} of ${name} is off by ${distance.toPrecision(3)} of the largest number, ${tolerance} being allowed.`,
          where: name,
          fix: 'Hold the kernel against backend cpu, with shapes and orientations of many kinds.',
        });
      }
    }
  },
  'frees what is disposed of': async (bench: Subject) => {
    await active(bench);
    const own = tf.backend() as { numDataIds?: () => number };
    const before = own.numDataIds?.();
    await expectNoLeaks(() => Object.values(COMPUTATIONS).forEach((one) => void valuesOf(one)));
    const left = (own.numDataIds?.() ?? 0) - (before ?? 0);
    must(left === 0, {
      what: `It keeps the data of ${count(left, 'tensor')} that nobody has any more.`,
      where: 'disposeData()',
      fix: 'Free data when its last reference goes, also that of intermediate results of kernels.',
    });
  },
  'trains as the reference trains': async (bench: Subject) => {
    const { extension, contractCase, ref } = bench;
    const reference = await startTestRun();
    const plugins = [asPlugin(extension as never), ...(contractCase.plugins ?? [])];
    const run = await startTestRun({ plugins, backend: ref() });
    await reference.close();
    await run.close();
    for (const [step, values] of run.logged) {
      for (const [name, value] of Object.entries(values)) {
        const wanted = reference.logged.get(step)![name]!;
        must(Math.abs(value - wanted) <= 1e-3 * Math.max(1, Math.abs(wanted)), {
          what: `In a run, ${name} is ${value} at step ${step}, and ${wanted} on the reference.`,
          where: 'a run',
          fix: 'See which computation differs; the other checks name it.',
        });
      }
    }
  },
  'computes in the precisions that it names': async (bench: Subject) => {
    const backend = await active(bench);
    for (const precision of backend.precisions ?? ['float32']) {
      if (!backend.compute) {
        must(precision === 'float32', {
          what: `It names ${precision} and has no compute().`,
          where: 'compute()',
          fix: 'Run the function under that precision in compute(precision, f).',
        });
        continue;
      }
      const token = {};
      must(backend.compute(precision, () => token) === token, {
        what: `compute('${precision}', f) did not give what f gave.`,
        where: 'compute()',
        fix: 'Call f at once, once, and return its result.',
      });
      const error = attempt(() => backend.compute!(precision, () => fail()));
      must(error === BOOM, {
        what: `compute('${precision}', f) swallowed what f threw.`,
        where: 'compute()',
        fix: 'Let it pass, and set the precision back (try … finally).',
      });
    }
  },
  'repeats what it has recorded, bit for bit': async (bench: Subject) => {
    const backend = await active(bench);
    if (!backend.record) return;
    const one = COMPUTATIONS['linear layers']!;
    const inputs = (seed: string) => Object.values(inputsOf(one, seed));
    const [first, second] = [inputs('first'), inputs('second')];
    const of = (given: readonly Tensor[]) => {
      const names = Object.keys(one.inputs);
      return compute(one, Object.fromEntries(names.map((name, i) => [name, given[i]!])));
    };
    const { result, recording } = backend.record(first, () => ({ outputs: [of(first)], lateInputs: [] }));
    const expected = of(second);
    if (typeof recording !== 'string') {
      const repeated = recording.replay(second);
      must(typeof repeated !== 'string', {
        what: `It recorded a linear layer, and did not repeat it: ${String(repeated)}`,
        where: 'replay()',
        fix: 'Repeat on inputs of the same shapes.',
      });
      const [output] = repeated;
      must(output !== null && dataDistance(output!.dataSync(), expected.dataSync()) === 0, {
        what: 'Repeated on other inputs, a recording gives other numbers than the code.',
        where: 'replay()',
        fix: 'Take the inputs that replay() is given, in their order.',
      });
      output?.dispose();
      recording.dispose();
    }
    tf.dispose([first, second, expected, [...result.outputs]]);
  },
  'gives memory back without a word': async (bench: Subject) => {
    const backend = await active(bench);
    backend.trim?.();
    const kept = tf.tensor1d([1, 2, 3]);
    backend.trim?.();
    must(kept.dataSync().join() === '1,2,3', {
      what: 'trim() lost the values of a tensor that is alive.',
      where: 'trim()',
      fix: 'Give back only what no tensor uses.',
    });
    kept.dispose();
  },
};

const BOOM = new Error('thrown on purpose');

const fail = (): never => {
  throw BOOM;
};

function attempt(f: () => unknown): unknown {
  try {
    f();
    return null;
  } catch (error) {
    return error;
  }
}

const surroundings = () => ({ active: tf.getBackend(), tensors: tf.memory().numTensors });
