import { HasteError } from '@hastejs/plugin-api';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Env, setupHome } from '../home.js';
import { checkItRuns, compileBinding } from './binding.js';
import { fetchLibtensorflow } from './libtensorflow.js';
import { MANIFEST, describeSetup, isReady } from './manifest.js';
import { type Run, run as runProgram } from './run.js';
import { installTfjsNode } from './tfjs-node.js';
import { findTools } from './tools.js';
import type { Work } from './work.js';

export interface SetupOptions {
  readonly cwd: string;
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
  readonly run?: Run;
  readonly platform?: string;
}

export interface SetupResult {
  readonly home: string;
  /** False if there was nothing to do. */
  readonly made: boolean;
}

/**
 * Makes a tfjs-node that needs nothing from TensorFlow's download host: the package from npm, libtensorflow from the wheel
 * tensorflow-cpu, the native part compiled here. It is put together beside its place and renamed when it has computed.
 * @throws HasteError BACKEND_UNAVAILABLE: not on this system, a tool is missing, or a step failed. Nothing half-made stays.
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const { cwd, env, signal, say, run = runProgram, platform = `${process.platform}-${process.arch}` } = options;
  const home = setupHome(cwd, env);
  if (isReady(home)) return { home, made: false };
  refuseElsewhere(platform);
  const part = `${home}.part-${process.pid}`;
  await forgetDead(home);
  try {
    await mkdir(part, { recursive: true });
    await make({ part, env, run, signal, say });
    await rm(home, { recursive: true, force: true });
    await rename(part, home);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { home, made: true };
}

async function make(work: Work): Promise<void> {
  const tools = await findTools(work);
  await installTfjsNode(work);
  await fetchLibtensorflow(work, tools.python);
  await compileBinding(work, tools);
  await checkItRuns(work);
  await rm(join(work.part, 'venv'), { recursive: true, force: true });
  await writeFile(join(work.part, MANIFEST), describeSetup());
}

function refuseElsewhere(platform: string): void {
  if (platform === 'linux-x64') return;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: 'This setup is for Linux on x86-64: for other systems there is no wheel of TensorFlow that it knows.',
    where: `this is ${platform}`,
    fix: 'Install the official package with its own download: npm install @tensorflow/tfjs-node@4.22.0',
  });
}

/** Removes what setups left behind that were killed; those that are at work stay. */
async function forgetDead(home: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  const prefix = `${basename(home)}.part-`;
  for (const name of await readdir(dirname(home))) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    await rm(join(dirname(home), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
