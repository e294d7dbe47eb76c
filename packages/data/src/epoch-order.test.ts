import { rng } from '@hastejs/tensor';
import fc from 'fast-check';
import { epochOrder } from './epoch-order.js';

const lengths = fc.integer({ min: 1, max: 60 });
const batches = fc.integer({ min: 1, max: 70 });
const seeds = fc.integer({ min: 0, max: 1000 });

describe('epochOrder', () => {
  it('shows every image once an epoch, whatever the batch size', () => {
    fc.assert(
      fc.property(lengths, batches, seeds, (length, batchSize, seed) => {
        const order = epochOrder(length, rng(seed));
        const steps = Math.ceil((3 * length) / batchSize);
        const seen = Array.from({ length: steps }, (_, step) => [...order.indicesAt(step, batchSize)]).flat();
        const all = Array.from({ length }, (_, i) => i);
        for (const epoch of [0, 1, 2]) {
          const shown = seen.slice(epoch * length, (epoch + 1) * length);
          expect(shown.sort((a, b) => a - b)).toEqual(all);
        }
      }),
    );
  });

  it('answers for any step as if all before it had been asked', () => {
    fc.assert(
      fc.property(
        lengths,
        batches,
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }),
        (length, size, steps) => {
          const kept = epochOrder(length, rng(7));
          for (const step of steps) {
            expect(kept.indicesAt(step, size)).toEqual(epochOrder(length, rng(7)).indicesAt(step, size));
          }
        },
      ),
    );
  });

  it('differs between seeds and between epochs', () => {
    const order = epochOrder(50, rng(0));
    expect(order.indicesAt(0, 50)).not.toEqual(epochOrder(50, rng(1)).indicesAt(0, 50));
    expect(order.indicesAt(0, 50)).not.toEqual(order.indicesAt(1, 50));
  });
});
