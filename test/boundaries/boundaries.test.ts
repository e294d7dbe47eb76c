import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FIXTURES = join(__dirname, 'fixtures');
/** Rules of the scripts themselves; all others are in .dependency-cruiser.cjs. */
const OWN_RULES = ['seen', 'length', 'no-export-star', 'extension-known', 'extension-public'];

interface Fault {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

function check(roots: readonly string[]): Record<string, Fault[]> {
  const script = join(ROOT, 'scripts/check-boundaries.mjs');
  const env = { ...process.env, BOUNDARIES_JSON: '1' };
  return JSON.parse(execFileSync(process.execPath, [script, ...roots], { env, encoding: 'utf8' })) as Record<
    string,
    Fault[]
  >;
}

// A fixture is called `<rule>` or `<rule>.<variant>` and breaks that rule, once, and no other.
const names = readdirSync(FIXTURES).filter((name) => name !== 'allowed');
let found: Record<string, Fault[]>;
beforeAll(() => {
  found = check([ROOT, ...readdirSync(FIXTURES).map((name) => join(FIXTURES, name))]);
}, 60_000);

it('this repository breaks no rule', () => expect(found[ROOT]).toEqual([]));

it('what is allowed passes', () => expect(found[join(FIXTURES, 'allowed')]).toEqual([]));

it.each(names)('%s turns red', (name) => {
  expect(found[join(FIXTURES, name)]!.map(({ rule }) => rule)).toEqual([name.split('.')[0]]);
});

it('every rule has a fixture', () => {
  const { forbidden } = jest.requireActual<{ forbidden: { name: string }[] }>('../../.dependency-cruiser.cjs');
  const rules = [...forbidden.map(({ name }) => name), ...OWN_RULES];
  expect([...new Set(names.map((name) => name.split('.')[0]))].toSorted()).toEqual(rules.toSorted());
});

it('the command fails when a rule is broken, and says which, where and why', () => {
  const script = join(ROOT, 'scripts/check-boundaries.mjs');
  const run = () =>
    execFileSync(process.execPath, [script, join(FIXTURES, 'arrow-core')], { encoding: 'utf8', stdio: 'pipe' });
  expect(run).toThrow(
    /arrow-core: packages\/core\/src\/index\.ts → packages\/trainer\/src\/index\.ts\n {2}core may import tensor, plugin-api/,
  );
});
