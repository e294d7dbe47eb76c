import { spawn } from 'node:child_process';

export type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly env: Env;
  readonly cwd?: string;
  /** Ends the process when it fires; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Hears each whole line of its standard output, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface Ran {
  /** Its exit status; null if a signal or the time limit ended it, or it could not be started. */
  readonly status: number | null;
  /** False if there is no such program, or it may not be run. */
  readonly started: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and keeps what it printed. A failing one is an answer, not an exception. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { env, cwd, signal, timeoutMs, onLine } = options;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    env: env as NodeJS.ProcessEnv,
    cwd,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const lines = lineReader(onLine);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    lines(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // Not spawn's own limit: its timer outlives a program that could not be started, and keeps the process.
  const limit = timeoutMs === undefined ? undefined : setTimeout(() => child.kill(), timeoutMs);
  return new Promise((resolve, reject) => {
    let started = true;
    child.on('error', () => (started = child.pid !== undefined));
    // After 'error' too; and only then is all output here.
    child.on('close', (status) => {
      clearTimeout(limit);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve({ status: started ? status : null, started, ...output });
    });
  });
}

function lineReader(onLine: ((line: string) => void) | undefined): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  };
}
