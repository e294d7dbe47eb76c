// Builds every package: first the one bundle that TensorFlow.js lacks for Node, then all of TypeScript by reference.
import { spawnSync } from 'node:child_process';
import { bundleTfjsGradients } from './bundle-tfjs.mjs';

await bundleTfjsGradients();
const tsc = new URL('../node_modules/typescript7/bin/tsc', import.meta.url).pathname;
const { status } = spawnSync(process.execPath, [tsc, '-b', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
