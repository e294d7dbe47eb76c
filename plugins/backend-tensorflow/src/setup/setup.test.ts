import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { thrownBy } from '#support/samples.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { frameworkCore } from '../find-package.js';
import { locate } from '../locate.js';
import { type Run, run } from './run.js';
import { setup } from './setup.js';

const files = temporaryFiles();
const home = () => join(files.root(), '.haste/tensorflow');

/** Which step a command is, by what it is called with. */
const STEPS = {
  npm: /^npm install/,
  pip: /pip download/,
  unpack: /^python\S* -c/,
  compile: /^g\+\+ .*-o/,
  check: /--eval/,
};
type Step = keyof typeof STEPS | 'none';

/** Leaves files where the real programs would; the one at fault fails. */
function machine(fault: Step = 'none', absent: readonly string[] = []): { run: Run; commands: string[] } {
  const commands: string[] = [];
  const write = async (path: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  };
  const after = (args: readonly string[], option: string) => args[args.indexOf(option) + 1]!;
  const run: Run = async (program, args) => {
    const command = [program, ...args].join(' ');
    commands.push(command);
    if (absent.some((each) => command.startsWith(each))) return { status: null, output: 'no such command' };
    const step = Object.entries(STEPS).find(([, pattern]) => pattern.test(command))?.[0];
    if (step === fault) return { status: 1, output: `a page of words\nand the reason why ${step} failed` };
    if (step === 'npm') {
      const scope = join(after(args, '--prefix'), 'node_modules/@tensorflow');
      await write(join(scope, 'tfjs-node/binding/tfjs_binding.cc'));
      await writeFile(join(scope, 'tfjs-node/package.json'), '{ "version": "4.22.0" }');
      for (const name of ['tfjs', 'tfjs-core']) await write(join(scope, name, 'package.json'));
    }
    if (step === 'pip') await write(join(after(args, '--dest'), 'tensorflow_cpu.whl'));
    if (step === 'unpack') await write(join(args.at(-1)!, 'tensorflow/libtensorflow_cc.so.2'));
    if (step === 'compile') await write(after(args, '-o'));
    return { status: 0, output: '' };
  };
  return { run, commands };
}

const start = ({ run }: { run: Run }, lines: string[] = [], platform = 'linux-x64') =>
  setup({ cwd: files.root(), env: {}, say: (line) => lines.push(line), run, platform });

describe('the setup', () => {
  beforeEach(() => files.write({ 'package.json': '{}' }));

  it('makes what the plugin finds, sharing the tfjs-core of the framework, and says what it does', async () => {
    const lines: string[] = [];
    expect(await start(machine(), lines)).toEqual({ home: home(), made: true });
    const folder = join(home(), 'node_modules/@tensorflow/tfjs-node');
    expect(locate({ package: 'tfjs-node', folders: [home()] }).candidates).toEqual([{ name: 'tfjs-node', folder }]);
    expect(await readlink(join(home(), 'node_modules/@tensorflow/tfjs-core'))).toBe(frameworkCore());
    expect(await readdir(join(files.root(), '.haste'))).toEqual(['tensorflow']);
    expect(existsSync(join(home(), 'wheel'))).toBe(false);
    expect(lines).toHaveLength(5);
  });

  it('never runs the install script, nor writes to the project', async () => {
    const { run, commands } = machine();
    await start({ run });
    expect(commands.find((command) => command.startsWith('npm install'))).toMatch(/--prefix \S+ .*--ignore-scripts/);
    expect(await readdir(files.root())).toEqual(['.haste', 'package.json']);
    expect(await readFile(join(files.root(), 'package.json'), 'utf8')).toBe('{}');
  });

  it('does nothing the second time, and begins anew when what it made is of another kind or not whole', async () => {
    await start(machine());
    const second = machine('npm');
    expect(await start(second)).toEqual({ home: home(), made: false });
    expect(second.commands).toEqual([]);
    await files.write({ '.haste/tensorflow/setup.json': '{ "format": 0 }' });
    expect(await start(machine())).toMatchObject({ made: true });
  });

  it.each(['npm', 'pip', 'unpack', 'compile', 'check'] as const)(
    'leaves nothing behind when %s fails',
    async (step) => {
      expect(await thrownBy(() => start(machine(step)))).toMatchObject({
        code: 'BACKEND_UNAVAILABLE',
        where: expect.stringContaining(`and the reason why ${step} failed`),
      });
      expect(await readdir(join(files.root(), '.haste'))).toEqual([]);
    },
  );

  it('keeps the setup that was there when a new one fails', async () => {
    await start(machine());
    await files.write({ '.haste/tensorflow/setup.json': '{ "format": 0 }' });
    await thrownBy(() => start(machine('check')));
    expect(existsSync(join(home(), 'setup.json'))).toBe(true);
  });

  it.each([
    ['npm', ['npm'], /nodejs\.org/],
    ['a C++ compiler', ['g++', 'c++', 'clang++'], /apt-get install g\+\+/],
    ['Python with pip', ['python'], /apt-get install python3-venv/],
  ])('asks for %s before anything is fetched', async (what, absent, fix) => {
    const here = machine('none', absent);
    expect(await thrownBy(() => start(here))).toMatchObject({
      message: expect.stringContaining(what),
      fix: expect.stringMatching(fix),
    });
    expect(here.commands.filter((command) => STEPS.npm.test(command) || STEPS.pip.test(command))).toEqual([]);
  });

  it('takes pip from an environment of its own where the Python has none', async () => {
    const here = machine('none', ['python3 -m pip', 'python -m pip']);
    await start(here);
    expect(here.commands.find((command) => STEPS.pip.test(command))).toMatch(/part-\d+\/venv\/bin\/python -m pip/);
    expect(existsSync(join(home(), 'venv'))).toBe(false);
  });

  it('removes what a killed setup left, and nothing of one that is at work', async () => {
    await files.write({ '.haste/tensorflow.part-999999999/a': '', [`.haste/tensorflow.part-${process.ppid}/a`]: '' });
    await start(machine());
    expect(await readdir(join(files.root(), '.haste'))).toEqual(['tensorflow', `tensorflow.part-${process.ppid}`]);
  });

  it('says at once where it cannot work', async () => {
    const here = machine();
    expect(await thrownBy(() => start(here, [], 'darwin-arm64'))).toMatchObject({ where: 'this is darwin-arm64' });
    expect(here.commands).toEqual([]);
  });
});

describe('a program that the setup runs', () => {
  const node = (script: string, more = {}) => run(process.execPath, ['-e', script], { env: process.env, ...more });

  it('answers with its status and the ends of its outputs', async () => {
    const script = `console.log('x'.repeat(5000) + 'out'); console.error('err'); process.exitCode = 3`;
    const { status, output } = await node(script);
    expect([status, output.length]).toEqual([3, expect.any(Number)]);
    expect(output.length).toBeLessThan(2100);
    expect(output).toMatch(/xout\nerr$/);
  });

  it('is ended at its limit, and by a signal', async () => {
    const wait = 'setTimeout(() => 0, 60_000)';
    expect(await node(wait, { minutes: 0.005 })).toMatchObject({
      status: null,
      output: expect.stringMatching(/SIGTERM/),
    });
    await expect(node(wait, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout|abort/i);
    expect(await run('no-such-program', [], { env: {} })).toMatchObject({ status: null });
  });
});
