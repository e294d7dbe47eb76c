import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { builtins, createHost } from '@hastejs/haste';
import { StepClock, tf } from '@hastejs/tensor';
import { templateExport } from './optimizer.js';

before(async () => {
  const host = await createHost({ plugins: builtins });
  await host.selectBackend('cpu');
});

/** Weights after steps with these gradients, from [1, 1]. */
async function trained(options: object, gradients: number[][]): Promise<number[]> {
  const optimizer = await templateExport.create(templateExport.options.parse(options), {});
  let params = { w: tf.tensor1d([1, 1]), untouched: tf.scalar(7) };
  let state = optimizer.init({ w: params.w });
  for (const [step, gradient] of gradients.entries()) {
    const clock = new StepClock(step);
    const grads = { w: tf.tensor1d(gradient) };
    const next = optimizer.update({ params, grads, state, clock });
    ({ state } = next);
    params = next.params as typeof params;
    clock.dispose();
    grads.w.dispose();
  }
  assert.equal(params.untouched.dataSync()[0], 7);
  return [...params.w.dataSync()].map((value) => Math.round(value * 1e5) / 1e5);
}

describe('Lion', () => {
  it('moves every weight by the learning rate, however large its gradient', async () => {
    assert.deepEqual(await trained({ lr: 0.1 }, [[1000, -0.001]]), [0.9, 1.1]);
  });

  it('keeps going by its moment when the gradient turns a little', async () => {
    // After one step m = 0.01·g = (1, 1); then 0.9·1 + 0.1·(−5) is above 0, and 0.9·1 + 0.1·(−50) below it.
    assert.deepEqual(
      await trained({ lr: 0.1 }, [
        [100, 100],
        [-5, -50],
      ]),
      [0.8, 1],
    );
  });

  it('decays weights apart from the direction, and warms up', async () => {
    assert.deepEqual(await trained({ lr: 0.1, weightDecay: 0.5 }, [[1, -1]]), [0.85, 1.05]);
    assert.deepEqual(await trained({ lr: 0.1, warmup: 4 }, [[1, 1]]), [0.975, 0.975]);
  });
});
