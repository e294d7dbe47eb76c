import type { Engine } from './engine.js';
import type { ExitCode } from './exit-codes.js';
import type { SignalSource } from './interrupt.js';
import type { Io } from './io.js';
import type { Output } from './output/output.js';

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly output: Output;
  readonly signals: SignalSource;
  /** Loads the framework; not before a command needs it, so that `--help` answers at once. */
  engine(): Promise<Engine>;
}

/** Turns a command's body into what commander calls. */
export type Act = <A extends unknown[]>(
  body: (context: Context, ...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>;
