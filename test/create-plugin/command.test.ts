// The command itself, as `npm run build` made it, with and without a terminal.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { useTemporaryFolder } from '#support/images.js';
import { type Ended, run, succeed } from '#support/packed-project.js';

const BIN = join(__dirname, '../../packages/create-plugin/bin/create-plugin.js');
const DOWN = '\u001b[B';
const ENTER = '\r';
const CTRL_C = '\u0003';
const folder = useTemporaryFolder();

const create = (...args: string[]): Promise<Ended> => run([process.execPath, BIN, ...args], folder());

describe('npm create @hastejs/plugin, without a terminal', () => {
  it('writes what its flags say, and tells what to do next', async () => {
    const { code, text } = await create(
      '@me/slope',
      '--kind',
      'trigger',
      '--author',
      'Ada',
      '--license',
      'bsd-3-clause',
    );
    expect(code).toBe(0);
    expect(text).toMatch(/^Wrote @me\/slope \(termination trigger trigger\/slope\): \d+ files\.\n/);
    expect(text).toMatch(/ {2}cd slope\n {2}npm install\n {2}npm test /);
    expect(await readFile(join(folder(), 'slope/LICENSE'), 'utf8')).toMatch(
      /^BSD 3-Clause License\n\nCopyright \(c\) 20\d\d Ada\n/,
    );
    expect(await readFile(join(folder(), 'slope/src/trigger.ts'), 'utf8')).toContain(
      'export const slopeTrigger = defineTrigger',
    );
  });

  it('asks nobody: it says which flag is missing, in one error', async () => {
    const { code, text } = await create('haste-x');
    expect(code).toBe(1);
    expect(text).toBe(
      'error The plugin has no kind, and there is no terminal to ask on.\n  fix:   Say --kind with one of teacher, ' +
        'alignment-loss, target-layers, trigger, metric, student, dataset, sampler, optimizer, logger, backend.\n',
    );
    expect(await readdir(folder())).toEqual([]);
  });

  it('refuses a name that npm would refuse, before it writes anything', async () => {
    const { code, text } = await create('Teacher!', '--kind', 'teacher');
    expect([code, text]).toEqual([
      1,
      expect.stringMatching(/^error "Teacher!" cannot be .*capital letters.*\n {2}fix: {3}Take /),
    ]);
    expect(await readdir(folder())).toEqual([]);
  });

  it('has help that names every kind, and a version', async () => {
    expect((await create('--help')).text).toMatch(/teacher .*\n(.*\n)*.* backend .*\n(.*\n)* {2}--license/);
    expect((await create('-V')).text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('npm create @hastejs/plugin, on a terminal', () => {
  /** @param answers for each thing that is said, the keys that are pressed then. */
  const ask = async (answers: readonly [said: string, keys: readonly string[]][], ...args: string[]) => {
    const script = join(__dirname, 'ask-on-terminal.mjs');
    const told = await succeed([process.execPath, script, folder(), JSON.stringify(answers), ...args], folder());
    return JSON.parse(told) as { code: number; shown: string };
  };

  it('asks for what is open: a choice by arrow keys, texts, and Enter for what is proposed', async () => {
    const { code, shown } = await ask([
      ['What kind', [DOWN, DOWN, DOWN, DOWN, ENTER]],
      ['What is its package called', [...'haste-alike', ENTER]],
      ['What does it do', [ENTER]],
      ['Who holds the copyright', [...'Ada', ENTER]],
      ['which licence', [DOWN, ENTER]],
    ]);
    expect(code).toBe(0);
    expect(shown).toContain('What kind of extension is it?');
    expect(shown).toContain('Wrote haste-alike (metric metric/alike)');
    const manifest: unknown = JSON.parse(await readFile(join(folder(), 'haste-alike/package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      name: 'haste-alike',
      author: 'Ada',
      license: 'Apache-2.0',
      description: 'A Haste metric: how alike the tokens of one image have become, by block.',
    });
  });

  it('says at the question what is wrong with a name', async () => {
    const answers: [string, string[]][] = [
      ['What is its package called', [...'No Name', ENTER]],
      ['It has capital letters, and npm takes none.', [CTRL_C]],
    ];
    const { code } = await ask(answers, '--kind', 'logger');
    expect(code).toBe(130);
  });

  it('writes nothing when a question is cancelled', async () => {
    const { code, shown } = await ask([['What kind', [CTRL_C]]], 'haste-x');
    expect(code).toBe(130);
    expect(shown).toContain('Nothing was written.');
    expect(await readdir(folder())).toEqual([]);
  });
});
