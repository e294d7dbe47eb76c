import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { frameworkCore, ownCpuBackend } from '../find-package.js';
import { VERSION } from '../locate.js';
import { failed } from './tools.js';
import type { Work } from './work.js';

/** Below a setup's folder. */
export const TFJS_NODE = 'node_modules/@tensorflow/tfjs-node';

/**
 * Installs @tensorflow/tfjs-node beside the project, in no package.json and no lockfile of it, and without its install
 * script: that downloads libtensorflow 2.9 from a host of TensorFlow's.
 * @throws HasteError BACKEND_UNAVAILABLE if npm fails.
 */
export async function installTfjsNode(work: Work): Promise<void> {
  const { part, env, run, signal, say } = work;
  say(`installing @tensorflow/tfjs-node ${VERSION} by npm, without its install script`);
  const manifest = { private: true, dependencies: { '@tensorflow/tfjs-node': VERSION } };
  await writeFile(join(part, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const quiet = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--fetch-retries=2',
    '--fetch-retry-maxtimeout=10000',
  ];
  // Named by option: npm would otherwise look for a workspace above, and `npm run` leaves its own folder in the environment.
  const args = ['install', '--prefix', part, '--workspaces=false', ...quiet];
  const installed = await run('npm', args, { cwd: part, env, signal, minutes: 10 });
  if (installed.status !== 0) {
    throw failed(
      `npm could not install @tensorflow/tfjs-node ${VERSION}.`,
      installed,
      'See that npm reaches its registry (npm ping), then run it again.',
    );
  }
  await shareWithFramework(part);
}

/** TensorFlow.js keeps its engine, kernels and tensors once a process, so both sides must find the same copy of it. */
async function shareWithFramework(part: string): Promise<void> {
  const scope = join(part, 'node_modules/@tensorflow');
  await mkdir(scope, { recursive: true });
  for (const [name, copy] of [
    ['tfjs-core', frameworkCore()],
    ['tfjs-backend-cpu', ownCpuBackend()],
  ] as const) {
    await rm(join(scope, name), { recursive: true, force: true });
    await symlink(copy, join(scope, name), 'dir');
  }
}
