import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SIDE, orientedFilters } from './filters.js';

/** What filter `index` of `count` answers to an image of its own size. */
function answer(filters: Float32Array, index: number, count: number, image: (x: number, y: number) => number): number {
  let sum = 0;
  for (let at = 0; at < SIDE * SIDE; at++) {
    sum += filters[at * count + index]! * image(at % SIDE, Math.floor(at / SIDE));
  }
  return sum;
}

describe('oriented filters', () => {
  const O = 4;
  const filters = orientedFilters(O);
  const energy = (index: number, image: (x: number, y: number) => number) =>
    Math.hypot(answer(filters, index, 2 * O, image), answer(filters, index + O, 2 * O, image));

  it('see nothing in even grey', () => {
    for (let index = 0; index < O; index++) assert.ok(energy(index, () => 1) < 1e-5);
  });

  it('answer most to their own direction, wherever the wave begins', () => {
    for (const phase of [0, 1, 2]) {
      const stripes = (x: number) => Math.sin((Math.PI * (x + phase)) / 2);
      const upright = Array.from({ length: O }, (_, index) => energy(index, stripes));
      const lying = Array.from({ length: O }, (_, index) => energy(index, (_, y) => stripes(y)));
      assert.equal(upright.indexOf(Math.max(...upright)), 0);
      assert.equal(lying.indexOf(Math.max(...lying)), 2);
      assert.ok(upright[0]! > 5 * upright[2]!);
    }
  });
});
