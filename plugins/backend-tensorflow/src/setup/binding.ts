import { mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBTENSORFLOW } from './libtensorflow.js';
import { TFJS_NODE } from './tfjs-node.js';
import { type Tools, failed } from './tools.js';
import type { Work } from './work.js';

const OUTPUT = join(TFJS_NODE, 'lib/napi-v8/tfjs_binding.node');

/**
 * Compiles the C++ that tfjs-node ships, as it is, against the wheel's headers. Some 8 s.
 * @throws HasteError BACKEND_UNAVAILABLE if it does not compile or link.
 */
export async function compileBinding({ part, env, run, signal, say }: Work, tools: Tools): Promise<void> {
  say("compiling tfjs-node's native part");
  const sources = join(part, TFJS_NODE, 'binding');
  const files = (await readdir(sources)).filter((name) => name.endsWith('.cc')).map((name) => join(sources, name));
  const output = join(part, OUTPUT);
  await mkdir(dirname(output), { recursive: true });
  const library = join(part, LIBTENSORFLOW);
  const [program, ...before] = tools.compiler;
  const args = [
    ...before,
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'],
    ...['-isystem', join(library, 'include'), '-isystem', nodeHeaders(), `-I${dirname(sources)}/..`],
    ...files,
    ...['-o', output, `-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    // Relative, so that the folder may be renamed; not as RUNPATH, before which LD_LIBRARY_PATH would be searched.
    ...['-rpath', `$ORIGIN/${relative(dirname(OUTPUT), LIBTENSORFLOW)}`, '--disable-new-dtags'].flatMap((flag) => [
      '-Xlinker',
      flag,
    ]),
  ];
  const compiled = await run(program, args, { env, signal, minutes: 10 });
  if (compiled.status === 0) return;
  throw failed("tfjs-node's native part does not compile.", compiled, 'Use a newer g++ (8 or later; CXX=… names one).');
}

/** The headers of Node-API alone, from npm: there even where Node came without any. */
function nodeHeaders(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('node-api-headers/package.json')), 'include');
}

/** Loads the package as the plugin does and computes with it, in a process of its own: what crashes there, crashes alone. */
export async function checkItRuns({ part, env, run, signal, say }: Work): Promise<void> {
  say('loading it in a process of its own');
  const loader = new URL('../load.js', import.meta.url).href;
  const candidate = JSON.stringify({ name: 'tfjs-node', folder: join(part, TFJS_NODE) });
  const script = `import { load } from ${JSON.stringify(loader)}; load(${candidate});`;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const args = ['--input-type=module', '--eval', script];
  const loaded = await run(process.execPath, args, { cwd, env, signal, minutes: 2 });
  if (loaded.status === 0) return;
  throw failed(
    'TensorFlow was built, but it does not run here.',
    loaded,
    'Use another backend (haste doctor lists them).',
  );
}
