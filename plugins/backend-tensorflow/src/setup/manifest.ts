import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { frameworkCore, ownCpuBackend } from '../find-package.js';
import { VERSION } from '../locate.js';
import { LIBTENSORFLOW, TENSORFLOW } from './libtensorflow.js';
import { TFJS_NODE } from './tfjs-node.js';

/** Raised when the layout of a setup changes: what was made before no longer counts. */
const FORMAT = 1;

export const MANIFEST = 'setup.json';

/** What a setup is made of, as text: equal texts, equal setups. The paths are what its links lead to. */
export function describeSetup(): string {
  const versions = { tfjsNode: VERSION, tensorflow: TENSORFLOW, platform: `${process.platform}-${process.arch}` };
  const links = { core: frameworkCore(), cpu: ownCpuBackend() };
  return `${JSON.stringify({ format: FORMAT, ...versions, ...links }, null, 2)}\n`;
}

/** Whether a whole setup of just this kind lies there. */
export function isReady(home: string): boolean {
  const path = join(home, MANIFEST);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== describeSetup()) return false;
  // Written last; but somebody may have tidied up since.
  const binding = join(home, TFJS_NODE, 'lib/napi-v8/tfjs_binding.node');
  return [binding, join(home, LIBTENSORFLOW, 'libtensorflow_cc.so.2')].every((file) => existsSync(file));
}
