// Every built-in extension keeps the contract of its kind: what authors are held to, Haste is held to.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';
import { KINDS } from '@hastejs/plugin-api';
import * as kit from '@hastejs/testkit';
import { builtinCases } from './builtin-cases.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'haste-contracts-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const contracts = Object.fromEntries(
  KINDS.map((kind) => [kind, (kit as never)[`${kind}Contract`] as typeof kit.teacherContract]),
);

it('all', async () => {
  const cases = await builtinCases(root);
  const only = process.env['ONLY'];
  const out: string[] = [];
  for (const { extensions } of builtins)
    for (const e of extensions) {
      if (only && !new RegExp(only).test(e.id)) continue;
      for (const one of [cases[e.id] ?? []].flat()) {
        const t = performance.now();
        const r = await kit.runContract(contracts[e.kind]!(e as never, one as never));
        out.push(`${e.id} ${r.passed.length} ok ${Math.round(performance.now() - t)} ms`);
        for (const f of r.failed.slice(0, 4)) out.push(`   FAIL ${f.name} :: ${f.error.message.slice(0, 500)}`);
      }
    }
  process.stdout.write(out.join('\n') + '\n');
}, 600000);
