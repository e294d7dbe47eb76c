import type { Command } from 'commander';
import { EventEmitter } from 'node:events';
import { type CapturedIo, captureIo } from '#support/capture-io.js';
import { main } from './main.js';
import { createProgram } from './program.js';

async function haste(...argv: string[]): Promise<CapturedIo & { code: number }> {
  const io = captureIo();
  const engine = () => Promise.reject(new Error('the framework was loaded'));
  const code = await main(argv, { io, engine, signals: new EventEmitter(), version: '1.2.3' });
  return { ...io, code };
}

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

describe('the flags', () => {
  it('are these and no more: what a run does is said in its recipe', () => {
    const program = createProgram(() => async () => undefined, captureIo(), '1.2.3');
    const flags = Object.fromEntries(
      withSubcommands(program).map((command) => [command.name(), command.options.map(({ long }) => long)]),
    );
    expect(flags).toEqual({
      haste: ['--version', '--debug'],
      train: ['--dir', '--fresh', '--backend', '--json'],
      resume: ['--backend', '--json'],
      fork: ['--until', '--dir', '--fresh', '--backend', '--json'],
      sweep: ['--stops', '--dir', '--backend', '--json'],
      sample: [
        '--classes',
        '--per-class',
        '--sampler',
        '--steps',
        '--guidance',
        '--seed',
        '--out',
        '--weights',
        '--backend',
        '--json',
      ],
      evaluate: [
        '--samples',
        '--sampler',
        '--steps',
        '--guidance',
        '--seed',
        '--weights',
        '--classifier',
        '--backend',
        '--json',
      ],
      plot: ['--out', '--json'],
      doctor: ['--json'],
      plugins: ['--recipe', '--json'],
      schema: ['--out'],
      teachers: [],
      list: ['--json'],
      pull: ['--json'],
      cache: ['--backend', '--json'],
      check: ['--entry', '--image', '--size', '--block', '--heads', '--out', '--backend', '--json'],
      triggers: [],
      replay: ['--until', '--out', '--json'],
    });
  });
});

describe('help', () => {
  it('lists commands, examples and exit codes, without loading the framework', async () => {
    const { code, out, err } = await haste('--help');
    expect(code).toBe(0);
    expect(err.text).toBe('');
    for (const text of ['train [options] <recipe>', 'Examples:', 'Exit codes:', '130', 'NO_COLOR']) {
      expect(out.text).toContain(text);
    }
  });

  it.each(['train', 'resume', 'fork', 'sweep', 'sample', 'evaluate', 'plot', 'doctor', 'plugins', 'schema'])(
    'teaches %s with examples',
    async (command) => {
      const { code, out } = await haste(command, '--help');
      expect(code).toBe(0);
      expect(out.text).toMatch(new RegExp(`Examples:\n  haste ${command}`));
      expect(Math.max(...out.lines.map((line) => line.length))).toBeLessThanOrEqual(100);
      expect((await haste('help', command)).out.text).toBe(out.text);
    },
  );

  it('is what a call without a command gets, as an error', async () => {
    const { code, out, err } = await haste();
    expect(code).toBe(2);
    expect(out.text).toBe('');
    expect(err.text).toContain('Usage: haste');
  });

  it('knows its version', async () => {
    expect((await haste('--version')).out.text).toBe('1.2.3\n');
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    [['trian', 'x'], "Unknown command 'trian' (Did you mean train?)", 'haste --help'],
    [['help', 'trian'], "Unknown command 'trian' (Did you mean train?)", 'haste --help'],
    [['train'], "Missing required argument 'recipe'.", 'haste train --help'],
    [['teachers', 'poll'], "Unknown command 'teachers poll'", 'haste teachers --help'],
    [['train', 'a', 'b'], 'Too many arguments', 'haste train --help'],
    [['train', 'a', '--lr', '1e-3'], "Unknown option '--lr'.", 'live in the recipe'],
    [['sample', 'a', '--steps', '0'], 'whole number, 1 or more', 'haste sample --help'],
    [['sample', 'a', '--weights', 'old'], 'Allowed choices are ema, raw', 'haste sample --help'],
    [['sample', 'a', '--guidance', '2:1:0'], 'scale:low:high', 'haste sample --help'],
  ])('%p exits with 2 and says how to go on', async (argv, what, fix) => {
    const { code, out, err } = await haste(...argv);
    expect(code).toBe(2);
    expect(out.text).toBe('');
    expect(err.text).toMatch(/^error .* \[USAGE\]\n {2}fix: {3}.*\n$/);
    expect(err.text).toContain(what);
    expect(err.text).toContain(fix);
  });

  it('is one JSON line for machines', async () => {
    const { code, out } = await haste('train', '--json');
    expect(code).toBe(2);
    expect(out.lines.map((line) => JSON.parse(line))).toEqual([
      {
        event: 'error',
        code: 'USAGE',
        what: "Missing required argument 'recipe'.",
        fix: expect.stringContaining('--help'),
      },
    ]);
  });
});

describe('a bug', () => {
  it('exits with 1, and shows its stack only with --debug', async () => {
    const { code, err } = await haste('doctor');
    expect(code).toBe(1);
    expect(err.text).toContain('error the framework was loaded [INTERNAL]');
    expect(err.text).not.toMatch(/^ +at /m);
    expect((await haste('doctor', '--debug')).err.text).toMatch(/^ +at /m);
  });
});
