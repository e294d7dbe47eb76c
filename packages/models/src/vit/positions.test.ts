// N class and patch tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import { type Tensor3D, tf } from '@hastejs/tensor';
import { type PositionResampling, resamplePositions } from './positions.js';

const FROM = { height: 3, width: 4 };
const HOW: PositionResampling[] = [
  { kind: 'timm' },
  { kind: 'dinov2', offset: 0.1, antialias: false },
  { kind: 'dinov2', offset: 0, antialias: true },
];

describeEachBackend('position tables', () => {
  it.each(HOW)('keep the class token and the same grid as they are: %j', (how) => {
    const table = randomInput('table', [1, 13, 5]) as Tensor3D;
    expect(resamplePositions(table, FROM, FROM, how).dataSync()).toEqual(table.dataSync());
    const moved = resamplePositions(table, FROM, { height: 5, width: 2 }, how);
    expect(moved.shape).toEqual([1, 11, 5]);
    expect(moved.dataSync().slice(0, 5)).toEqual(table.dataSync().slice(0, 5));
    tf.dispose([table, moved]);
  });

  it("differ by the offset that enters DINOv2's scale", () => {
    tf.tidy(() => {
      const table = randomInput('table', [1, 13, 5]) as Tensor3D;
      const [plain, shifted] = [0, 0.1].map((offset) => {
        const how: PositionResampling = { kind: 'dinov2', offset, antialias: false };
        return resamplePositions(table, FROM, { height: 6, width: 8 }, how);
      });
      const difference = tf.max(tf.abs(tf.sub(plain!, shifted!))).dataSync()[0]!;
      expect(difference).toBeGreaterThan(1e-3);
      expect(difference).toBeLessThan(1);
    });
  });

  it('leak nothing', () => {
    const table = randomInput('table', [1, 13, 5]) as Tensor3D;
    expectNoLeaks(() => resamplePositions(table, FROM, { height: 2, width: 2 }, { kind: 'timm' }));
    table.dispose();
  });
});
