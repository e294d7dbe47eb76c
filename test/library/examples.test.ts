import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFiles } from '#support/temporary-files.js';
import { build } from 'esbuild';

const ROOT = join(__dirname, '../..');
const LIBRARY = join(ROOT, 'examples/library');
// Beside the installed packages, so that Node finds them as it would in somebody's project.
const COMPILED = join(ROOT, 'node_modules/.cache/haste-examples');
const files = temporaryFiles();

interface Expected {
  /** Packages that it takes besides the one it is about and @hastejs/tensor. A backend is what tensors need to be anywhere. */
  readonly with?: readonly string[];
  readonly args?: readonly string[];
  readonly says: RegExp;
}
const CPU = '@hastejs/backend-cpu';
const VIT = join(ROOT, 'packages/haste/assets/fashion-mnist-teacher.safetensors');
const EXPECTED: Readonly<Record<string, Expected>> = {
  core: { says: /^trigger trigger\/fixed: .+\(@hastejs\/trigger-fixed\)[^]+\ntrue$/ },
  data: { says: /images\.\n2000 images, 28×28: T-shirt[^]+ and 19 more$/ },
  diffusion: { with: [CPU, '@hastejs/models'], says: /^1\/5 2\/5 3\/5 4\/5 5\/5 64 true$/ },
  encoders: { with: [CPU], args: [VIT], says: /blocks of width \d+[^]+patches: \[ 1, \d+, \d+ \]$/ },
  evaluation: { says: /^Fréchet distance (?:0\.9|1\.0)\nCKA 1\.00 effective rank 4\.0$/ },
  features: { says: /^\[ 'final' \] \[ 2, 6, 8 \]$/ },
  haste: { says: /^finished \{\s+step: 4,[^]+ 'align\/feature', 'grad_norm' \]$/ },
  'loss-attention': { with: [CPU], says: /^cross-entropy \d\.\d+; at its least, \d\.\d+$/ },
  'loss-feature': { with: [CPU], says: /^step 0: -?0\.[012]\d+\nstep 49: -0\.[89]\d+$/ },
  models: { with: [CPU], says: /^\d+ parameters[^]+\[ 2, 1, 8, 8 \] \[ 2, 4, 32 \] \[ 2, 2, 4, 16 \]$/ },
  'plugin-api': { with: ['zod'], says: /^\{"kind":"trigger","id":"trigger\/below","with":\{"bound":0\.5\}\}$/ },
  safetensors: { says: /^me bias \[2\], weight \[2,3\]\nFloat32Array\(6\) \[ 1, 2, 3, 4, 5, 6 \]$/ },
  tensor: { with: [CPU], says: /^\[ '1\.00', '-2\.00', '3\.00' \]$/ },
  trainer: { with: [CPU, '@hastejs/models'], says: /^step 0: 1\.9\d\nstep 19: 1\.[0-3]\d$/ },
  'trigger-plateau': { says: /^step \d{3}: validation has not improved over 2 windows/ },
  weights: { args: [VIT], says: /blocks\.0\.[^]+ numbers; the contents are \w+/ },
};

const sources = Object.fromEntries(
  readdirSync(LIBRARY)
    .filter((name) => existsSync(join(LIBRARY, name, 'example.ts')))
    .map((name) => [name, readFileSync(join(LIBRARY, name, 'example.ts'), 'utf8')]),
);

beforeAll(async () => {
  const entryPoints = Object.keys(sources).map((name) => ({ in: join(LIBRARY, name, 'example.ts'), out: name }));
  await build({ entryPoints, outdir: COMPILED, outExtension: { '.js': '.mjs' }, format: 'esm', target: 'node20' });
});

it('each example has its expectation', () => {
  expect(Object.keys(sources).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

it.each(Object.entries(EXPECTED))(
  '%s works on its own',
  async (name, { args = [], says }) => {
    const script = join(COMPILED, `${name}.mjs`);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], { cwd: files.root() });
    expect(stderr).toBe('');
    expect(stdout.trim()).toMatch(says);
  },
  60_000,
);

it.each(Object.entries(EXPECTED))('%s takes no other package, and is short', (name, { with: more = [] }) => {
  const source = sources[name]!;
  const imported = [...source.matchAll(/ from '([^']+)'/g)].map(([, from]) => from!);
  const allowed = ['@hastejs/tensor', `@hastejs/${name}`, ...more];
  expect(imported.filter((from) => !allowed.includes(from))).toEqual([]);
  expect(source.split('\n').length).toBeLessThanOrEqual(45);
});
