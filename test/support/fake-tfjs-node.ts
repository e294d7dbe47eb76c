import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface FakePackage {
  readonly name: 'tfjs-node' | 'tfjs-node-gpu';
  readonly version?: string;
  /** False leaves the native part out, as `npm install --ignore-scripts` does. */
  readonly binding?: boolean;
  /** `foreign` gives it a folder of its own for tfjs-core; `none` leaves its dependencies out. */
  readonly core?: 'shared' | 'foreign' | 'none';
  /** JavaScript that runs once the fake has registered and chosen itself, as the real packages do. */
  readonly then?: string;
  readonly usesGpu?: boolean;
}

const require = createRequire(__filename);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Puts what passes for one of the official packages into a project's node_modules, where it can be loaded. */
export async function installFake(project: string, fake: FakePackage): Promise<string> {
  const { name, version = '4.22.0', binding = true, core = 'shared' } = fake;
  const scope = join(project, 'node_modules/@tensorflow');
  const folder = join(scope, name);
  await mkdir(join(folder, 'lib/napi-v8'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `@tensorflow/${name}`, version }));
  await writeFile(join(folder, 'index.js'), source(fake));
  if (binding) await writeFile(join(folder, 'lib/napi-v8/tfjs_binding.node'), '');
  if (core === 'none') return folder;
  await mkdir(join(scope, 'tfjs'), { recursive: true });
  await writeFile(join(scope, 'tfjs/package.json'), '{}');
  if (core === 'shared') {
    for (const each of ['tfjs-core', 'tfjs-backend-cpu']) {
      await symlink(folderOf(`@tensorflow/${each}`), join(scope, each)).catch(allowExisting);
    }
  } else {
    await mkdir(join(scope, 'tfjs-core'), { recursive: true });
    await writeFile(join(scope, 'tfjs-core/package.json'), '{}');
  }
  return folder;
}

/** Two fakes of a project share their dependencies. */
function allowExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

const source = ({ name, then = '', usesGpu = false }: FakePackage): string => `
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
class Fake extends tf.KernelBackend {
  constructor() {
    super();
    this.data = new tf.DataStorage(this, tf.engine());
    this.isGPUPackage = ${name === 'tfjs-node-gpu'};
    this.isUsingGpuDevice = ${usesGpu};
    this.binding = { TF_Version: '2.0.0' };
    this.argv = process.argv;
  }
  write(values) { const dataId = {}; this.data.set(dataId, values); return dataId; }
  move(dataId, values) { this.data.set(dataId, values); }
  readSync(dataId) { return this.data.get(dataId); }
  disposeData(dataId) { return this.data.delete(dataId); }
  numDataIds() { return this.data.numDataIds(); }
  dispose() {}
}
const kernel = (kernelName, f) => tf.registerKernel({
  kernelName,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, backend }) => {
    const values = Object.values(inputs).map(({ dataId }) => backend.readSync(dataId)[0]);
    return { dataId: backend.write(Float32Array.of(f(...values))), shape: [], dtype: 'float32' };
  },
});
kernel('Add', (a, b) => a + b);
kernel('Round', (x) => Math.round(x));
module.exports = { ...tf };
tf.registerBackend('tensorflow', () => new Fake(), 3);
tf.setBackend('tensorflow');
${then}
`;
