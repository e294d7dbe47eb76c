import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export const BIN = join(__dirname, '../../packages/cli/dist/bin.js');

export interface HasteResult {
  /** Exit code; null when a signal killed the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HasteOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run as this user; only root can. */
  readonly uid?: number;
  /** Instead of node and the built command, for example to run it inside a pseudo-terminal. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
}

/** A running `haste`: the command that `npm run build` made, in a process of its own. */
export class HasteProcess {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly finished: Promise<HasteResult>;
  private watchers: (() => void)[] = [];

  constructor(args: readonly string[], { cwd, env = {}, uid, wrap = (command) => command }: HasteOptions) {
    const [program, ...rest] = wrap([process.execPath, BIN, ...args]);
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
    const user = uid === undefined ? {} : { uid, gid: uid };
    this.child = spawn(program!, rest, {
      cwd,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => this.heard('stdout', text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => this.heard('stderr', text));
    this.finished = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.heard('stdout', '');
      });
    });
  }

  /** Waits until what it has written fulfils a condition, or it has ended. */
  until(condition: (process: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (condition(this) || this.child.exitCode !== null) resolve();
      };
      this.watchers.push(look);
      look();
    });
  }

  private heard(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const look of this.watchers) look();
  }
}

/** Runs `haste` to its end. */
export function haste(args: readonly string[], options: HasteOptions): Promise<HasteResult> {
  return new HasteProcess(args, options).finished;
}

/** The records that `--json` printed. Throws when a line is not one. */
export function records(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
