import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateExport } from './trigger.js';

/** The observation at which it fires on the values of a metric, or null. */
async function firesAt(valueAt: (step: number) => number, options: object = {}): Promise<number | null> {
  const given = templateExport.options.parse({ metric: 'loss/x', fast: 5, slow: 20, patience: 3, ...options });
  const trigger = await templateExport.create(given, {});
  let state = trigger.init();
  for (let step = 1; step <= 1000; step++) {
    const seen = { step, epoch: 0, imagesSeen: step, metrics: { 'loss/x': valueAt(step) } };
    const decision = trigger.decide(state, seen);
    if (decision.stop !== undefined) return step;
    ({ state } = decision);
  }
  return null;
}

const decaying = (scale: number) => (step: number) => scale * Math.exp(-step / 50);

describe('diminishing returns', () => {
  it('end alignment when the metric flattens, at any scale of it', async () => {
    const at = await firesAt(decaying(1));
    assert.ok(at !== null && at > 60 && at < 300, `fired at ${at}`);
    assert.equal(await firesAt(decaying(1000)), at);
    assert.equal(await firesAt((step) => -decaying(1)(step), { better: 'higher' }), at);
  });

  it('go on while it falls steadily', async () => {
    assert.equal(await firesAt((step) => -step), null);
  });

  it('come earlier when less is demanded', async () => {
    const [strict, mild] = [
      await firesAt(decaying(1), { fraction: 0.5 }),
      await firesAt(decaying(1), { fraction: 0.1 }),
    ];
    assert.ok(strict! < mild!);
  });

  it('take a value that is not finite for none', async () => {
    const holes = (step: number) => (step % 2 === 0 ? NaN : decaying(1)(step / 2));
    assert.ok((await firesAt(holes))! > (await firesAt(decaying(1)))!);
  });
});
