import { type AnyExtension, type Metric, type MetricContext, type Plugin, definePlugin } from '@hastejs/plugin-api';
import type { Bench } from '../../bench/bench.js';
import { asPlugin } from '../../bench/toolbox.js';
import { ContractFault } from '../../contract/contract-fault.js';
import { type TestRun, type TestRunOptions, startTestRun } from '../../run/start-test-run.js';
import type { TestRecipe } from '../../run/toy-recipe.js';

export interface MetricCase {
  /** The run that is measured; what is left out is a small fake, with one alignment term called `feature`. */
  readonly recipe?: TestRecipe;
}

/** Steps that a metric may ask to wait in its case. */
const MOST_STEPS = 2;

/** What became of a metric in a run. */
export interface Measured {
  readonly run: TestRun;
  /** The metric, as the run created it; absent: it never did. */
  readonly metric: Metric | undefined;
  /** What each call of `measure` gave, with the step. */
  readonly calls: readonly { readonly step: number; readonly values: Readonly<Record<string, number>> }[];
}

type Look = (metric: Metric, context: MetricContext) => Promise<void> | void;

/**
 * Trains for some steps with the metric in the recipe, letting go in the middle.
 * @param look is called before each measurement, with the run's own context.
 */
export async function runWithMetric(
  bench: Bench<'metric'>,
  options: Partial<TestRunOptions> & { readonly unlogged?: boolean; readonly look?: Look } = {},
): Promise<Measured> {
  const { look, unlogged, ...rest } = options;
  const calls: Measured['calls'][number][] = [];
  const seen: { metric?: Metric } = {};
  const spied = spying(bench, seen, async (metric, context) => {
    await look?.(metric, context);
    const values = await metric.measure(context);
    calls.push({ step: context.step, values });
    return values;
  });
  const run = await startTestRun({ ...optionsOf(bench, [spied], unlogged === true), ...rest });
  const { metric } = seen;
  if (metric && metric.every > MOST_STEPS) {
    await run.close();
    throw new ContractFault({
      what: `It measures every ${metric.every} steps: not once in the short runs of this contract.`,
      where: 'every',
      fix: `Give the case options that let it measure every ${MOST_STEPS} steps or more often, such as { every: 2 }.`,
    });
  }
  return { run, metric, calls };
}

/** The same run without the metric. */
export function runWithout(bench: Bench<'metric'>, unlogged = false): Promise<TestRun> {
  const { recipe, ...options } = optionsOf(bench, [], unlogged);
  return startTestRun({ ...options, recipe: { ...recipe, metrics: [] } });
}

function optionsOf({ contractCase, ref }: Bench<'metric'>, own: readonly Plugin[], unlogged: boolean): TestRunOptions {
  const { recipe } = contractCase as MetricCase;
  const { backend, files, plugins = [] } = contractCase;
  return {
    plugins: [...own, ...plugins],
    recipe: { steps: 4, ...recipe, metrics: [ref()], ...(unlogged && { loggers: [] }) },
    ...(backend && { backend }),
    ...(files !== undefined && { files }),
  };
}

/** The extension under the same id, looked over when it measures. */
function spying(
  { extension }: Bench<'metric'>,
  seen: { metric?: Metric },
  measure: (metric: Metric, context: MetricContext) => ReturnType<Metric['measure']>,
): Plugin {
  const create = async (...given: Parameters<typeof extension.create>): Promise<Metric> => {
    const metric = await extension.create(...given);
    seen.metric = metric;
    return new Proxy(metric, {
      get: (target, name) =>
        name === 'measure'
          ? (context: MetricContext) => measure(metric, context)
          : (Reflect.get(target, name, target) as unknown),
    });
  };
  const plain = asPlugin(extension as AnyExtension);
  return definePlugin({ ...plain, extensions: [{ ...extension, create } as unknown as AnyExtension] });
}
