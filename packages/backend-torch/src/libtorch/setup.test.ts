import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';
import { findBuilt } from './find-built.js';
import type { SetupOptions } from './setup-options.js';
import { setup } from './setup.js';
import { PINNED } from './version.js';

jest.mock('./check-loads.js', () => ({ checkLoads: async () => undefined }));
jest.mock('./gpu.js', () => ({ hasNvidiaGpu: async () => false }));

const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);

beforeEach(async () => {
  await machine.program('g++', 'compiler');
  await machine.program('python3', 'python');
  await machine.write({ ...libtorchFiles('wheel'), 'native/a.cc': '', 'package.json': '{}' });
});

async function run(options: Partial<SetupOptions> = {}, env: Record<string, string> = {}) {
  const said: string[] = [];
  const result = await setup(
    { fresh: false, jobs: 1, help: false, ...options },
    {
      cwd: machine.root(),
      env: machine.env({ WHEEL: at('wheel'), ...env }),
      native: at('native'),
      system: at('usr'),
      say: (line) => said.push(line),
    },
  );
  return { ...result, said, calls: await machine.calls() };
}
const installs = (calls: readonly string[]) => calls.filter((line) => line.includes('pip install'));

it('builds for the libtorch that the machine has, and installs nothing', async () => {
  await machine.write(libtorchFiles('usr', { version: '1.13.0' }));
  const { libtorch, build, built, said, calls } = await run();
  expect(libtorch.root).toBe(at('usr'));
  expect(built).toBe(true);
  expect(build.folder).toMatch(join(machine.root(), '.haste/torch/1.13.0-'));
  expect(said[0]).toBe(`found libtorch 1.13.0 (CPU) in ${at('usr')}`);
  expect(installs(calls)).toEqual([]);
});

it('installs one in the project where there is none, once', async () => {
  const first = await run();
  expect(first.libtorch.root).toBe(at('.haste/torch/venv/torch'));
  expect(first.said).toContain(`no libtorch: the system's libtorch-dev (${at('usr')}): there is no such folder`);
  expect(installs(first.calls)[0]).toContain(`torch==${PINNED}+cpu`);
  const second = await run();
  expect(second).toMatchObject({ built: false, build: { folder: first.build.folder } });
  expect(second.calls.filter((line) => /pip install|-shared/.test(line))).toEqual([]);
});

it('does not trust an environment whose installation was interrupted', async () => {
  // pip fails with everything in its place: cut libraries look like whole ones.
  await machine.program(
    'python3',
    `case "$2" in
      venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
      pip) cp -r "$WHEEL" "$(dirname "$0")/../torch"; exit 1 ;;
    esac`,
  );
  await expect(run()).rejects.toThrow(/pip could not install/);
  expect(existsSync(at('.haste/torch/venv/torch/lib/libtorch_cpu.so'))).toBe(true);
  await machine.program('python3', 'python');
  const { said, built } = await run();
  expect(built).toBe(true);
  expect(said[0]).toMatch(/venv\): its installation was interrupted/);
});

it('goes back to an earlier build when its libtorch is asked for again', async () => {
  await machine.write({ ...libtorchFiles('one'), ...libtorchFiles('two') });
  const one = await run({ libtorch: 'one' });
  await run({ libtorch: 'two' });
  const again = await run({ libtorch: 'one' });
  expect(again.built).toBe(false);
  expect(again.build.folder).toBe(one.build.folder);
  const found = findBuilt({ cwd: machine.root(), env: {}, native: at('native') });
  expect(found).toMatchObject({ build: { folder: one.build.folder } });
});

it('installs the version asked for, though another is found, and only if it is not there', async () => {
  await machine.write(libtorchFiles('usr'));
  await machine.write(libtorchFiles('wheel', { version: '2.14.1+cpu' }));
  const first = await run({ version: '2.14.1' });
  expect(first.libtorch.version).toBe('2.14.1+cpu');
  expect(installs((await run({ version: '2.14.1+cpu' })).calls)).toEqual([]);
  await machine.write(libtorchFiles('wheel', { version: '2.12.0+cpu' }));
  expect((await run({ version: '2.12.0' })).libtorch.version).toBe('2.12.0+cpu');
});

it('starts over when asked to', async () => {
  await run();
  await machine.write({ '.haste/torch/venv/mark': '' });
  const { built, calls } = await run({ fresh: true });
  expect(built).toBe(true);
  expect(installs(calls)).toHaveLength(2);
  expect(existsSync(at('.haste/torch/venv/mark'))).toBe(false);
});

it('warns of a libtorch that is newer than any tried', async () => {
  await machine.write(libtorchFiles('usr', { version: '3.1.0' }));
  expect((await run()).said).toContainEqual(expect.stringMatching(/^warning: libtorch 3\.1\.0 is newer/));
});

it('uses no other than the libtorch asked for', async () => {
  await machine.write(libtorchFiles('usr'));
  await expect(run({ libtorch: 'typo' })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    what: 'The libtorch asked for cannot be used.',
    where: `LIBTORCH (${at('typo')}): there is no such folder`,
  });
});

it('says so when what was installed is too old', async () => {
  await machine.write(libtorchFiles('wheel', { version: '1.12.0+cpu' }));
  await expect(run()).rejects.toThrow(/cannot be used: it is libtorch 1\.12\.0\+cpu/);
});
