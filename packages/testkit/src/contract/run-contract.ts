import type { Contract } from './contract.js';

export interface ContractResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: Error }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Runs a contract without a test runner, every check in order whatever the others say. It does not throw. */
export async function runContract(contract: Contract): Promise<ContractResult> {
  const passed: string[] = [];
  const failed: { name: string; error: Error }[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const check of contract.checks) {
    if (check.skipped !== undefined) {
      skipped.push({ name: check.name, reason: check.skipped });
      continue;
    }
    try {
      await check.run();
      passed.push(check.name);
    } catch (error) {
      failed.push({ name: check.name, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return { passed, failed, skipped };
}
