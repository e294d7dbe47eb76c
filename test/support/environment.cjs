// Native addons (sharp) and worker threads hand out typed arrays of the host realm; Jest's own realm has others, and
// `instanceof Float32Array` would be false for them. One set of constructors serves both.
const { TestEnvironment } = require('jest-environment-node');

const SHARED = [
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

module.exports = class HasteEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const Constructor of SHARED) this.global[Constructor.name] = Constructor;
    // Jest's modules are CommonJS here; this is Node's own import, for tests of code that imports files of the user's.
    this.global.importInNode = (url) => import(url);
  }
};
