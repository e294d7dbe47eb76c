// N class and patch tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type Tensor3D, tf } from '@hastejs/tensor';
import { type PositionResampling, moveToGrid, resamplePositions } from './positions.js';
import { vitSpec } from './spec.js';

const FROM = { height: 3, width: 4 };
const HOW: PositionResampling[] = [
  { kind: 'plain' },
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

  it.each([0, 3])('keep as many leading rows as they have: %d', (prefix) => {
    tf.tidy(() => {
      const patches = randomInput('patches', [1, 12, 5]) as Tensor3D;
      const leading = randomInput('leading', [1, 3, 5]) as Tensor3D;
      const to = { height: 2, width: 6 };
      const alone = resamplePositions(patches, FROM, to, { kind: 'plain' }, 0);
      const table = prefix === 0 ? patches : (tf.concat([leading, patches], 1) as Tensor3D);
      const moved = resamplePositions(table, FROM, to, { kind: 'plain' }, prefix);
      expect(moved.shape).toEqual([1, prefix + 12, 5]);
      expect(moved.dataSync().slice(0, prefix * 5)).toEqual(leading.dataSync().slice(0, prefix * 5));
      expect(moved.dataSync().slice(prefix * 5)).toEqual(alone.dataSync());
    });
  });

  it.each<[PositionResampling, number, readonly number[]]>([
    [{ kind: 'timm' }, 6, [-0.0657893, 0.3529412, 1.3101856, 2.8287036, 2.5882354, 1.9342104]],
    [{ kind: 'timm' }, 2, [0.7438017, 2.413223]],
    [{ kind: 'plain' }, 6, [-0.0868056, 0.3125, 1.3912035, 2.8171296, 2.6875, 1.9131949]],
    [{ kind: 'plain' }, 2, [0.3125, 2.6875]],
    [HOW[2]!, 6, [-0.0884798, 0.3004021, 1.325382, 2.7604372, 2.7592192, 1.9362066]],
    [HOW[2]!, 2, [0.2783785, 2.8806496]],
    [HOW[3]!, 2, [0.7438017, 2.413223]],
  ])('are what torch makes of 0, 1, 3, 2: %j, to %d', (how, width, expected) => {
    tf.tidy(() => {
      const table = tf.tensor3d([0, 1, 3, 2], [1, 4, 1]);
      expectClose(resamplePositions(table, { height: 1, width: 4 }, { height: 1, width }, how, 0), expected, 1e-6);
    });
  });

  it('move with their model; rotary positions have nothing to move', () => {
    const size = { hiddenSize: 5, depth: 1, numHeads: 1, patchSize: 2, grid: FROM };
    const grid = { height: 2, width: 6 };
    const params = { cls_token: tf.zeros([1, 1, 5]), pos_embed: randomInput('table', [1, 13, 5]) };
    const moved = moveToGrid(vitSpec(size), params, grid, { kind: 'timm' });
    expect([moved.spec.grid, moved.params['pos_embed']!.shape]).toEqual([grid, [1, 13, 5]]);
    expect(moved.params['pos_embed']!.dataSync()).not.toEqual(params.pos_embed.dataSync());
    expect(moved.params['cls_token']).toBe(params.cls_token);
    const rotary = vitSpec({ ...size, positions: { kind: 'rotary', theta: 100 } });
    expect(moveToGrid(rotary, params, grid, { kind: 'timm' })).toEqual({ spec: { ...rotary, grid }, params });
    tf.dispose([...Object.values(params), moved.params['pos_embed']!]);
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
