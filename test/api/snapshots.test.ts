import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '#support/run-script.js';
import { temporaryFiles } from '#support/temporary-files.js';

const files = temporaryFiles();
const declarations = `
import { type Shape } from './shape.js';
/** Words are no promise. */
export declare class Box {
  private held;
  #secret;
  private constructor();
  size(of: Shape): number;
}
/** @deprecated use Box */
export declare function box(): Box;
`;

beforeEach(() =>
  files.write({
    'packages/one/package.json': JSON.stringify({ name: '@hastejs/one' }),
    'packages/one/dist/index.d.ts': declarations,
    'packages/one/dist/shape.d.ts': 'export interface Shape { readonly sides: number }\nexport interface Unseen {}\n',
  }),
);
const committed = () => readFileSync(join(files.root(), 'test/api/snapshots/one.api.md'), 'utf8');

it('the packages of this repository promise what test/api/snapshots says (npm run api)', () => {
  expect(runScript('api', '--check')).toEqual({ code: 0, out: '', err: '' });
}, 300_000);

it('writes what can be imported and what that needs, without private parts and words', () => {
  expect(runScript('api', files.root())).toMatchObject({ code: 0, err: '' });
  expect(committed()).toBe(`# @hastejs/one

What this package promises (docs/stability.md). Written by \`npm run api\`.

\`\`\`ts
class Box {
  private constructor();
  size(of: Shape): number;
}

// @deprecated use Box
function box(): Box;
\`\`\`

## Needed by the above, not exported

They cannot be imported, and yet a change of them changes what is above.

\`\`\`ts
interface Shape {
  readonly sides: number;
}
\`\`\`
`);
}, 120_000);

it('shows what has changed, also in a type that is not exported, and how to say that it is meant', () => {
  runScript('api', files.root());
  const shape = join(files.root(), 'packages/one/dist/shape.d.ts');
  writeFileSync(shape, 'export interface Shape { readonly corners: number }\n');
  const { code, err } = runScript('api', '--check', files.root());
  expect(code).toBe(1);
  expect(err).toContain('--- test/api/snapshots/one.api.md');
  expect(err).toContain('-  readonly sides: number;\n+  readonly corners: number;');
  expect(err).toContain('If it is meant: npm run api, commit the files');
}, 120_000);
