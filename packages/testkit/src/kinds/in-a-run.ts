// What every extension of a run promises: it does its part in a real one, and a cut changes nothing.
import type { AnyExtension, Kind, Kinds } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../bench/bench.js';
import { asPlugin } from '../bench/toolbox.js';
import { must } from '../contract/contract-fault.js';
import { fakeLayers, fakeLoss, fakeTrigger } from '../fakes/fake-alignment.js';
import { fakeData } from '../fakes/fake-data.js';
import { type TestRun, type TestRunOptions, startTestRun } from '../run/start-test-run.js';
import type { TestRecipe } from '../run/toy-recipe.js';
import { count } from '../measure/words.js';

/** What a case may say of the run that its extension does its part in. */
export interface RunCase {
  /** Parts of the recipe; whatever is left out is a small fake. */
  readonly recipe?: TestRecipe;
}

type RunKind =
  'teacher' | 'alignmentLoss' | 'targetLayers' | 'trigger' | 'student' | 'dataset' | 'optimizer' | 'logger';

export const runChecks = {
  'does its part in a run, which goes on from a cut bit for bit': async (bench: Bench) => {
    const options = await optionsOf(bench as unknown as Bench<RunKind>);
    const before = tf.memory().numTensors;
    const whole = await startTestRun(options);
    const cut = await startTestRun({ ...options, stopAfter: 2 });
    const rest = await cut.resume();
    await whole.close();
    await cut.close();
    mustBeSound(whole);
    const left = tf.memory().numTensors - before;
    must(left === 0, {
      what: `Three runs have left ${count(left, 'tensor')} behind.`,
      where: 'a run',
      fix: 'Dispose of what create() made when the run disposes of the extension.',
    });
    const differs = [...rest.logged].find(
      ([step, values]) => JSON.stringify(values) !== JSON.stringify(whole.logged.get(step)),
    );
    must(differs === undefined, {
      what: `Cut after step 2 and resumed, step ${differs?.[0]} is ${JSON.stringify(differs?.[1])}, and ${JSON.stringify(whole.logged.get(differs?.[0] ?? 0))} without a cut.`,
      where: 'a resumed run',
      fix: 'Everything it remembers must be in what checkpoints keep, or follow from the step; random numbers come from the rng that it is given.',
    });
  },
};

function mustBeSound({ logged, warnings, report }: TestRun): void {
  const odd = [...logged].flatMap(([step, values]) =>
    Object.entries(values)
      .filter(([, value]) => !Number.isFinite(value))
      .map(([name, value]) => `${name} is ${value} at step ${step}`),
  );
  must(odd.length === 0, { what: `In a run, ${odd[0]}.`, where: 'a run', fix: 'Give finite numbers.' });
  must(warnings.length === 0, { what: `A run warned: ${warnings[0]}`, where: 'a run', fix: 'Mend what it warns of.' });
  must(report.status === 'finished', {
    what: `A run ended as ${report.status}.`,
    where: 'a run',
    fix: 'Let it take its steps.',
  });
}

async function optionsOf(bench: Bench<RunKind>): Promise<TestRunOptions> {
  const { extension, contractCase, ref, data } = bench;
  const { recipe = {} } = contractCase as RunCase;
  const { backend, files, plugins = [] } = contractCase;
  const { channels, height, width } = data.image;
  const made = extension.kind === 'dataset' ? {} : { data: fakeData({ channels: channels as 1 | 3, height, width }) };
  const part = partOf(extension.kind, ref() as never, await bench.create());
  return {
    plugins: [asPlugin(extension as AnyExtension), ...plugins],
    recipe: { steps: 4, ...made, ...part, ...recipe, alignment: { ...part.alignment, ...recipe.alignment } },
    ...(backend && { backend }),
    ...(files !== undefined && { files }),
  };
}

function partOf(kind: RunKind, ref: never, made: Kinds[Kind]): TestRecipe {
  const until = fakeTrigger({ step: 3 });
  const term = (change: object) => ({
    until,
    terms: { feature: { loss: fakeLoss(), layers: fakeLayers(), ...change } },
  });
  switch (kind) {
    case 'teacher':
      return { alignment: { until, teacher: ref } };
    case 'alignmentLoss': {
      const { reads } = made as Kinds['alignmentLoss'];
      const alignment = term({ loss: ref, ...(reads === 'attention' && { layers: fakeLayers({ reads }) }) });
      return { alignment: reads === 'student' ? { ...alignment, teacher: null } : alignment };
    }
    case 'targetLayers':
      return { alignment: term({ layers: ref }) };
    case 'trigger':
      return { alignment: { until: ref } };
    case 'logger':
      return { loggers: [ref] };
    case 'dataset':
      return { data: ref };
    default:
      return { [kind]: ref };
  }
}
