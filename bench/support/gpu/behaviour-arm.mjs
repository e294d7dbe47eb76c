// node behaviour-arm.mjs SETTINGS: what no suite sees: memory, failures and waiting, in a process of its own. Answers one line of
// JSON, the checks; a check that the device cannot be asked has `ok: null` and says why.
import { attention, linear, tf, valueAndGrads } from '@hastejs/tensor';
import { openHost } from '../open-case.mjs';
import { leak } from './leak.mjs';

const { device, quick, threads } = JSON.parse(process.argv[2]);
const host = await openHost('torch', { device, threads });
const { torch } = tf.backend();
const { addon } = torch;
const [MIB, BFLOAT16, FLOAT32] = [2 ** 20, 15, 6];

const CHECKS = {
  'memory statistics return': statistics,
  'out of memory is an error, and the process lives on': outOfMemory,
  'reads wait beside JavaScript': reads,
  'attention is flash attention, and keeps no map': flash,
  'bf16: activations in it, parameters and gradients float32': policy,
  'a thousand steps leak nothing': () => leak(host, quick ? 60 : 1000),
};

const checks = [];
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    checks.push({ name, ...(await check()) });
  } catch (error) {
    checks.push({ name, ok: false, detail: error.message.split('\n')[0] });
  }
}
process.stdout.write(`${JSON.stringify(checks)}\n`, () => process.exit(0));

function statistics() {
  const inUse = () => addon.memory(torch.device)[0];
  const before = inUse();
  addon.resetPeak(torch.device);
  const tensor = tf.zeros([64, MIB / 4]);
  const during = inUse();
  tensor.dispose();
  const [after, peak, cached] = addon.memory(torch.device);
  addon.trim(torch.device);
  const left = addon.memory(torch.device)[2];
  const ok = during - before >= 64 * MIB && after === before && peak >= during && left < cached;
  const mib = (bytes) => (bytes / MIB).toFixed(1);
  return {
    ok,
    detail: `MiB: ${mib(before)}, ${mib(during)}, ${mib(after)}; kept ${mib(cached)}, trimmed ${mib(left)}`,
  };
}

async function outOfMemory() {
  const alive = addon.alive();
  let message = '';
  try {
    tf.fill([2 ** 22, 2 ** 20], 1);
  } catch (error) {
    message = error.message.split('\n')[0];
  }
  const [sum] = await tf.tidy(() => tf.sum(tf.ones([1000]))).data();
  return { ok: /memory/i.test(message) && sum === 1000 && addon.alive() <= alive + 1, detail: message };
}

/** A read is asked for while the device is busy: asking must take a part of the waiting, and timers must go on. */
async function reads() {
  if (torch.device === 'cpu') return { ok: null, detail: 'the processor computes at once: nothing to wait for' };
  const x = tf.ones([8192, 8192]);
  const work = () => tf.tidy(() => Array.from({ length: 20 }).reduce((y) => tf.matMul(y, x), x));
  work().dispose();
  addon.synchronize(torch.device);
  const started = performance.now();
  const y = work();
  const read = tf.tidy(() => tf.slice(y, [0, 0], [1, 1])).data();
  const asked = performance.now() - started;
  let [ticks, done] = [0, false];
  read.then(() => (done = true));
  while (!done) {
    ticks += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const waited = performance.now() - started;
  tf.dispose([x, y]);
  return {
    ok: asked < waited / 2 && ticks > 10,
    detail: `asked in ${asked.toFixed(1)} ms, there after ${waited.toFixed(1)}`,
  };
}

async function flash() {
  const shape = quick ? [1, 2, 1024, 64] : [1, 8, 4096, 64];
  const [q, k, v] = [1, 2, 3].map((seed) => tf.randomNormal(shape, 0, 1, 'float32', seed));
  const inBf16 = (f) => host.backend.compute('bf16', f);
  inBf16(() => attention(q, k, v)).dispose();
  addon.resetPeak(torch.device);
  const before = addon.memory(torch.device)[0];
  const out = inBf16(() => attention(q, k, v));
  const [, peak] = addon.memory(torch.device);
  const map = shape[1] * shape[2] * shape[2] * 2;
  const detail = `${((peak - before) / MIB).toFixed(0)} MiB beside it, where a map takes ${(map / MIB).toFixed(0)}`;
  if (torch.device === 'cpu') return { ok: peak - before < map, detail };
  const half = [q, k, v].map((x) => torch.cast(torch.handle(x), BFLOAT16));
  const [direct] = torch.operator('aten::_scaled_dot_product_flash_attention')(...half, 0, false, false);
  const equal = torch.operator('aten::equal')(direct, torch.handle(out));
  return {
    ok: equal && peak - before < map,
    detail: `${detail}; ${equal ? 'the bits' : 'not the bits'} of the operator`,
  };
}

function policy() {
  const [x, weight] = [tf.randomNormal([64, 64]), tf.randomNormal([64, 64])];
  let stored;
  const loss = () => {
    const y = linear(x, weight);
    stored = torch.data(y).dtype;
    return { loss: tf.sum(tf.square(y)) };
  };
  const { grads } = host.backend.compute('bf16', () => valueAndGrads(loss, { weight }));
  const [gradient, parameter] = [grads.weight, weight].map((tensor) => torch.data(tensor).dtype);
  const ok = stored === BFLOAT16 && parameter === FLOAT32 && gradient === FLOAT32;
  return { ok, detail: `ScalarTypes: activations ${stored}, gradient ${gradient}, parameter ${parameter}` };
}
