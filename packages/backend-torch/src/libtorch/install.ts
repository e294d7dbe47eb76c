import { HasteError } from '@hastejs/plugin-api';
import { hasNvidiaGpu } from './gpu.js';
import { markInstalled, ownPython, ownVenv, removeOwn } from './own.js';
import { type Env, type Ran, run } from './run.js';

export interface InstallOptions {
  readonly home: string;
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/** Where PyTorch keeps the builds that PyPI has not: those without CUDA (`cpu`), and those for other CUDA versions (`cu128`). */
const WHEELS = 'https://download.pytorch.org/whl';

/**
 * Makes a Python environment of the project's own and installs PyTorch in it, whose wheel is a libtorch with headers. Without
 * an NVIDIA GPU it is the CPU build (200 MB); the other would come with gigabytes of CUDA libraries.
 * @param version `2.13.0`, or with the build that it shall be: `2.13.0+cpu`.
 * @throws HasteError BACKEND_UNAVAILABLE with pip's words.
 */
export async function installTorch(version: string, options: InstallOptions): Promise<void> {
  const { home, env, signal, say } = options;
  const cuda = !version.includes('+') && (await hasNvidiaGpu(env, signal));
  const wanted = version.includes('+') || cuda ? version : `${version}+cpu`;
  say(`installing torch ${wanted} in ${ownVenv(home)}`);
  await makeEnvironment(options);
  const label = wanted.split('+')[1];
  const index = label === undefined ? [] : ['--extra-index-url', `${WHEELS}/${label}`];
  // A CUDA build runs on libraries that come as other packages. A CPU build is whole: nothing else can stop it.
  const bare = label === 'cpu' ? ['--no-deps'] : [];
  const installed = await pip([...bare, ...index, `torch==${wanted}`], options);
  if (installed.status !== 0) throw installFault(wanted, installed);
  await markInstalled(home);
  if (label !== 'cpu') return;
  say('installing what this Python needs to run PyTorch itself');
  const { status } = await pip([`torch==${wanted}`, 'numpy'], options);
  if (status !== 0) say('could not; Haste does not need it');
}

async function makeEnvironment({ home, env, signal }: InstallOptions): Promise<void> {
  const folder = ownVenv(home);
  await removeOwn(home);
  const { started, status, stdout, stderr } = await run('python3', ['-m', 'venv', folder], { env, signal });
  if (status === 0) return;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: started
      ? 'Python cannot make an environment for PyTorch.'
      : 'There is no python3 here, so no PyTorch can be had.',
    where: lastLines(stderr || stdout) || 'python3 -m venv',
    fix: 'Install Python (Debian, Ubuntu: apt-get install python3-venv), or unpack a libtorch from pytorch.org and name it: --libtorch <folder>.',
  });
}

function pip(packages: readonly string[], { home, env, signal, say }: InstallOptions): Promise<Ran> {
  // An index that cannot be reached is given up soon: the wheel may lie where pip is configured to look first.
  const patience = ['--retries', '1', '--timeout', '15'];
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  // Never from sources: that would be hours of compiling.
  const args = ['-m', 'pip', 'install', ...quiet, ...patience, '--only-binary', ':all:', ...packages];
  const onLine = (line: string) => {
    if (/^\s*(Downloading|Installing|Processing) /.test(line)) say(`pip: ${line.trim()}`);
  };
  return run(ownPython(home), args, { env, signal, onLine });
}

function installFault(version: string, { stdout, stderr }: Ran): HasteError {
  const none = /No matching distribution|Could not find a version/.test(stderr);
  return new HasteError('BACKEND_UNAVAILABLE', {
    what: none ? `pip finds no torch ${version} for this Python.` : `pip could not install torch ${version}.`,
    where: lastLines(stderr || stdout),
    fix: none
      ? 'Use a Python that PyTorch supports, or another --version; without a network name a libtorch: --libtorch <folder>.'
      : 'Mend what pip says and run this again, or name a libtorch: --libtorch <folder>.',
  });
}

function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-4).join('\n');
}
