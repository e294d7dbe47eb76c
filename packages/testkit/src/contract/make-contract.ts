import { type AnyExtension, type Kind, type Plugin, isHasteError } from '@hastejs/plugin-api';
import { type Bench, openBench } from '../bench/bench.js';
import type { ContractCase } from './case.js';
import { ContractFault } from './contract-fault.js';
import type { Contract, ContractCheck } from './contract.js';

/** Checks by name. Each gets a bench of its own. */
export type Checks<K extends Kind> = Readonly<Record<string, (bench: Bench<K>) => void | Promise<void>>>;

export interface ContractSource<K extends Kind> {
  readonly extension: AnyExtension<K>;
  readonly contractCase: ContractCase<unknown>;
  readonly checks: Checks<K>;
  /** Checks that the case gives nothing to check by, with the reasons. Names of other kinds' checks may be among them. */
  readonly inapplicable?: Readonly<Record<string, string>>;
  readonly plugin?: Plugin | undefined;
}

/**
 * The contract of an extension in one case.
 * @throws ContractFault for a skip without a reason, or of a check that there is not.
 */
export function makeContract<K extends Kind>(source: ContractSource<K>): Contract {
  const { extension, contractCase, checks, inapplicable = {}, plugin } = source;
  const { kind, id: own } = extension;
  const id = contractCase.name ? `${own} (${contractCase.name})` : own;
  const skip: Readonly<Record<string, string | undefined>> = contractCase.skip ?? {};
  refuseBadSkips(id, skip, Object.keys(checks));
  const all = Object.entries(checks).map(([name, check]): ContractCheck => {
    const run = () => onBench({ extension, contractCase, plugin }, name, check);
    const skipped = skip[name] ?? inapplicable[name];
    return skipped === undefined ? { name, run } : { name, skipped, run };
  });
  return { kind, id, checks: all.every(({ skipped }) => skipped !== undefined) ? [...all, nothingLeft(id)] : all };
}

async function onBench<K extends Kind>(
  source: Omit<ContractSource<K>, 'checks' | 'inapplicable'>,
  name: string,
  check: Checks<K>[string],
): Promise<void> {
  const where = `${source.extension.id}, while it was checked that it ${name}`;
  const bench = await openBench(source).catch((error: unknown) => {
    throw asFault(error, where);
  });
  try {
    await check(bench);
  } catch (error) {
    throw asFault(error, where);
  } finally {
    await bench.close();
  }
}

/** What an extension itself throws ends a check too, under the check's name. */
function asFault(error: unknown, where: string): ContractFault {
  if (error instanceof ContractFault) return error;
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  // What a check found inside a run comes in the run's words around it.
  if (cause instanceof ContractFault) return cause;
  if (isHasteError(error)) {
    const fix = `${error.fix ?? 'See the cause.'} Or give the case what it needs: options, data, student, recipe.`;
    return new ContractFault({ what: `It failed: ${error.what} (${error.where})`, where, fix, cause: error });
  }
  const said =
    error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 6).join('\n') : String(error);
  const fix = 'It must not fail here; the cause has the whole stack. If the case is wrong, mend the case.';
  return new ContractFault({ what: `It failed: ${said}`, where, fix, cause: error });
}

function refuseBadSkips(
  id: string,
  skip: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): void {
  for (const [name, reason] of Object.entries(skip)) {
    if (!known.includes(name)) {
      const fix = `Name one of: ${known.join('; ')}.`;
      throw new ContractFault({ what: `There is no check "${name}" to skip.`, where: id, fix });
    }
    if (typeof reason !== 'string' || reason.trim() === '') {
      const fix = `Give the reason: skip: { '${name}': 'because …' }.`;
      throw new ContractFault({ what: `The check "${name}" is skipped without a reason.`, where: id, fix });
    }
  }
}

function nothingLeft(id: string): ContractCheck {
  const fix = 'Leave out only what cannot hold for this extension; what is never checked does not keep a contract.';
  const what = 'Every check is skipped, so nothing is checked.';
  return {
    name: 'is held to something',
    run: () => Promise.reject(new ContractFault({ what, where: id, fix })),
  };
}
