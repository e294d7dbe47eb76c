import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';
import { locate, rejections } from './locate.js';

const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);
const look = (env: Record<string, string> = {}) =>
  locate({ env: machine.env(env), cwd: machine.root(), home: at('home'), system: at('usr') });

it('takes LIBTORCH, then what the setup installed, then python3, then python, then the system', async () => {
  for (const name of ['own', 'home/venv/torch', 'three', 'two', 'usr']) await machine.write(libtorchFiles(name));
  await machine.program('home/venv/bin/python', 'python');
  await machine.write({ 'home/venv/haste-installed': '' });
  await machine.program('python3', `echo ${at('three')}`);
  await machine.program('python', `echo ${at('two')}`);
  const roots = async (env = {}) => (await look(env)).found?.libtorch.root;
  expect(await roots({ LIBTORCH: 'own' })).toBe(at('own'));
  expect(await roots()).toBe(at('home/venv/torch'));
  await rm(at('home'), { recursive: true });
  expect(await roots()).toBe(at('three'));
  await rm(at('bin/python3'));
  expect(await roots()).toBe(at('two'));
  await rm(at('two'), { recursive: true });
  expect(await roots()).toBe(at('usr'));
});

it('goes on after each that will not do, and keeps the reasons', async () => {
  await machine.write({
    ...libtorchFiles('old', { version: '1.12.0' }),
    ...libtorchFiles('usr', { version: '1.13.0' }),
  });
  await machine.program('python3', `echo ${at('old')}`);
  await machine.program('python', 'echo "ImportError: no site" >&2; exit 1');
  const located = await look();
  expect(located.found).toMatchObject({ place: 'system', libtorch: { version: '1.13.0' } });
  expect(rejections(located)).toEqual([
    `the setup's environment (${at('home/venv')}): there is none`,
    `Python on the path (${at('old')}): it is libtorch 1.12.0, and Haste needs 1.13 or newer`,
    'Python on the path (python): ImportError: no site',
  ]);
});

it('takes no other than the one that LIBTORCH names', async () => {
  await machine.write(libtorchFiles('usr'));
  const located = await look({ LIBTORCH: '/nowhere' });
  expect(located.found).toBeUndefined();
  expect(rejections(located)).toEqual(['LIBTORCH (/nowhere): there is no such folder']);
});

describe('a real Python', () => {
  const look = () => {
    const env = { PATH: process.env.PATH ?? '', PYTHONPATH: at('site'), PYTHONNOUSERSITE: '1' };
    return locate({ env, cwd: machine.root(), home: at('home'), system: at('usr') });
  };

  it('is asked without importing torch', async () => {
    // A package that would end the process if it were imported.
    await machine.write({ 'site/torch/__init__.py': 'raise SystemExit(9)', ...libtorchFiles('site/torch') });
    expect((await look()).found).toMatchObject({ place: 'python', libtorch: { root: at('site/torch') } });
  });

  it('does not take a folder of the working directory for the package', async () => {
    await machine.write({ 'torch/__init__.py': '', ...libtorchFiles('torch') });
    const before = process.cwd();
    process.chdir(machine.root());
    try {
      expect((await look()).found?.libtorch.root).not.toBe(at('torch'));
    } finally {
      process.chdir(before);
    }
  });
});
