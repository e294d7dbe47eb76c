// Every built-in extension keeps the contract of its kind: what authors are held to, Haste is held to. A file a group of
// kinds, since Jest runs files side by side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';
import type { Kind } from '@hastejs/plugin-api';
import { type PluginCases, pluginContract } from '@hastejs/testkit';

/**
 * Declares the contracts of every built-in extension of some kinds.
 * @param casesIn the ways each is used, by id, with a folder for files.
 */
export function testBuiltins(
  kinds: readonly Kind[],
  casesIn: (root: string) => PluginCases | Promise<PluginCases>,
): void {
  let root = '';
  let cases: PluginCases = {};
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'haste-contracts-'));
    cases = await casesIn(root);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const all = builtins.flatMap((plugin) => plugin.extensions.map(({ kind, id }) => ({ kind, id, plugin })));
  const held = all.filter(({ kind }) => kinds.includes(kind));
  it('has a case for each', () => {
    expect(Object.keys(cases).sort()).toEqual(held.map(({ id }) => id).sort());
  });
  it.each(held)(
    '$id keeps its contract',
    async ({ id, plugin }) => {
      const contract = pluginContract(plugin, { cases: { [id]: cases[id]! } });
      const own = contract.checks.filter((check) => check.extension === id && check.skipped === undefined);
      expect(own.length).toBeGreaterThan(8);
      const failed: string[] = [];
      for (const { name, run } of own) await run().catch((error: Error) => failed.push(`${name}: ${error.message}`));
      expect(failed).toEqual([]);
    },
    600_000,
  );
}
