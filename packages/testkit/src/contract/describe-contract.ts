import type { Contract } from './contract.js';

/** What a test runner must offer: jest, vitest, mocha and node:test do. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  readonly it: {
    (name: string, body: () => Promise<void>): unknown;
    skip(name: string, body: () => Promise<void>): unknown;
  };
}

/**
 * Registers a contract's checks as tests: one `describe` with an `it` for each check, and a skipped one, with its reason in
 * its name, for each that is left out.
 * @param runner default: the globals of jest, vitest or mocha. For node:test pass `{ describe, it }` of it.
 * @throws Error when there is neither a runner nor such globals.
 */
export function describeContract(contract: Contract, runner: TestRunner = globalRunner()): void {
  const { describe, it } = runner;
  describe(`${contract.id} keeps the contract of a ${contract.kind}`, () => {
    for (const { name, skipped, run } of contract.checks) {
      if (skipped === undefined) it(name, run);
      else it.skip(`${name} (skipped: ${skipped})`, run);
    }
  });
}

function globalRunner(): TestRunner {
  const { describe, it } = globalThis as Partial<TestRunner>;
  if (describe && it) return { describe, it };
  throw new Error(
    "No test runner was found among the globals. Pass one: describeContract(contract, { describe, it }) with `import { describe, it } from 'node:test'`.",
  );
}
