// One deliberately broken extension for each check of a contract, and what the check says of it.
import type { Kind } from '@hastejs/plugin-api';
import { type CheckName, type Contract, ContractFault } from '@hastejs/testkit';

/** Checks that every kind has: they are broken in one test for all. */
export type CommonCheck = 'says in one sentence what it is' | 'describes every option' | 'refuses options that it does not know' | 'refuses options of another type' | 'has options that are the same after JSON and a second check' | 'refuses bad options with an error that people can read'; // prettier-ignore

/** Every check of a kind but the common ones and those of a run: what is broken, and the sentence that says so. */
export type BrokenTable<K extends Kind> = Readonly<
  Record<Exclude<CheckName<K>, CommonCheck | RunCheck>, readonly [contract: Contract, what: string | RegExp][]>
>;

export type RunCheck = 'does its part in a run, which goes on from a cut bit for bit';

/** Declares a test for each broken extension: the check must turn red and say what is wrong and how to mend it. */
export function expectCaught(table: Readonly<Record<string, readonly (readonly [Contract, string | RegExp])[]>>): void {
  const all = Object.entries(table).flatMap(([name, list]) =>
    list.map(([contract, what]) => ({ name, contract, what })),
  );
  it.each(all)('$name: $contract.id', async ({ name, contract, what }) => {
    const check = contract.checks.find((one) => one.name === name);
    if (!check) throw new Error(`There is no check "${name}".`);
    expect(check.skipped).toBeUndefined();
    const error = await check.run().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ContractFault)) throw new Error(`The check "${name}" passed, or broke: ${String(error)}`);
    if (typeof what === 'string') expect(error.what).toBe(what);
    else expect(error.what).toMatch(what);
    expect(error.fix).toMatch(/^[A-Z{].{10,}/);
    expect(error.message).toContain('\n  fix:   ');
  });
}
