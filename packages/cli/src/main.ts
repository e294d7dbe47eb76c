import { HasteError } from '@hastejs/plugin-api';
import { type Command, CommanderError } from 'commander';
import type { Act, Context } from './context.js';
import type { Engine } from './engine.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import type { SignalSource } from './interrupt.js';
import type { Io } from './io.js';
import { Output } from './output/output.js';
import { translateSystemError } from './output/system-error.js';
import { createProgram } from './program.js';

export interface Surroundings {
  readonly io: Io;
  readonly signals: SignalSource;
  readonly engine: () => Promise<Engine>;
  readonly version: string;
}

/**
 * One call of `haste`, without the process around it.
 * @param argv what follows the program's name.
 */
export async function main(argv: readonly string[], { io, signals, engine, version }: Surroundings): Promise<ExitCode> {
  const output = new Output(io, argv.includes('--json'), argv.includes('--debug'));
  const context: Context = { io, output, signals, engine };
  let code: ExitCode = EXIT.ok;
  const act: Act =
    (body) =>
    async (...args) => {
      code = await body(context, ...args);
    };
  try {
    const program = createProgram(act, io, version);
    await program.parseAsync(helped(program, argv), { from: 'user' });
    return code;
  } catch (raw) {
    if (raw instanceof CommanderError && isHelp(raw)) return raw.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const error = raw instanceof CommanderError ? usageError(raw, argv) : translateSystemError(raw);
    output.fault(error);
    return exitCodeOf(error);
  }
}

/** Commander's `help trian` shows all help and no error: asked without `help`, it knows what was meant. */
function helped({ commands }: Command, argv: readonly string[]): string[] {
  const [first, name] = argv;
  const unknown = first === 'help' && name !== undefined && !commands.some((command) => command.name() === name);
  return unknown && name !== 'help' ? argv.slice(1) : [...argv];
}

/** Commander reports that it has shown help or the version as an error, too. */
function isHelp({ code }: CommanderError): boolean {
  return code === 'commander.help' || code === 'commander.helpDisplayed' || code === 'commander.version';
}

function usageError({ message, code }: CommanderError, argv: readonly string[]): HasteError {
  const sentence = message.replace(/^error: /, '').replaceAll('\n', ' ');
  const command = argv.find((argument) => !argument.startsWith('-'));
  const help =
    command === undefined || code === 'commander.unknownCommand' ? 'haste --help' : `haste ${command} --help`;
  const about =
    code === 'commander.unknownOption' ? 'Learning rates and the like live in the recipe, not in flags. ' : '';
  return new HasteError('USAGE', {
    what: `${sentence[0]!.toUpperCase()}${sentence.slice(1)}${/[.)?]$/.test(sentence) ? '' : '.'}`,
    fix: `${about}${help} lists what there is.`,
  });
}
