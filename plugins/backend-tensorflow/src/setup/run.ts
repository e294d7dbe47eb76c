import { spawn } from 'node:child_process';
import type { Env } from '../home.js';

export interface RunOptions {
  readonly env: Env;
  readonly cwd?: string;
  /** Ends the process when it fires; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Nothing that the setup starts may hang for ever. */
  readonly minutes?: number;
}

export interface Ran {
  /** Its exit status; null if a signal or the time limit ended it, or it could not be started. */
  readonly status: number | null;
  /** What a person would read last: the ends of its two outputs. */
  readonly output: string;
}

/** Runs a program to its end; a failing one is an answer, not an exception. */
export type Run = (program: string, args: readonly string[], options: RunOptions) => Promise<Ran>;

export const run: Run = (program, args, { env, cwd, signal, minutes = 1 }) => {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    env: env as NodeJS.ProcessEnv,
    cwd,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Not spawn's own limit: its timer outlives a program that could not be started.
  const limit = setTimeout(() => child.kill(), minutes * 60_000);
  let [stdout, stderr, fault] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = tail(stdout + text)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = tail(stderr + text)));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => (fault = error.message));
    // After 'error' too; and only then is all output here.
    child.on('close', (status, killed) => {
      clearTimeout(limit);
      if (signal?.aborted) return reject(signal.reason as Error);
      const ended = killed === null ? '' : `ended by ${killed}, after at most ${minutes} min`;
      const output = [stdout, stderr, fault, ended].map((text) => text.trim()).filter(Boolean);
      resolve({ status: child.pid === undefined ? null : status, output: output.join('\n') });
    });
  });
};

const LAST = 2000;

function tail(text: string): string {
  return text.length <= LAST ? text : text.slice(-LAST);
}
