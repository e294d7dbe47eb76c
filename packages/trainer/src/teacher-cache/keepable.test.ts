import { HasteError } from '@hastejs/plugin-api';
import { keepable } from './keepable.js';

const keep = (values: number[], storage: 'float32' | 'bf16' | 'float16') =>
  keepable(Float32Array.from(values), 'tokens.final', { teacher: 'DINOv2-B', storage });

const refusal = (values: number[], storage: 'float32' | 'bf16' | 'float16'): string => {
  try {
    keep(values, storage);
  } catch (error) {
    if (error instanceof HasteError) return `${error.code} ${error.what}`;
  }
  return 'nothing was refused';
};

it('keeps what the storage holds', () => {
  expect([...keep([1, -0, 3.4e38], 'float32')]).toEqual([...Float32Array.of(1, -0, 3.4e38)]);
  expect([...keep([1, -2, 3e38], 'bf16')]).toEqual([0x3f80, 0xc000, 0x7f62]);
  // The last rounds down to 65,504.
  expect([...keep([1, -65_504, 65_519], 'float16')]).toEqual([0x3c00, 0xfbff, 0x7bff]);
});

it('refuses what is beyond float16, and names the way out', () => {
  expect(refusal([1, -65_520], 'float16')).toMatch(/^RECIPE_INVALID .*tokens.final of DINOv2-B hold -65520/);
});

it.each(['float32', 'bf16', 'float16'] as const)('refuses what is not a number, as %s', (storage) => {
  expect(refusal([1, NaN], storage)).toBe('EXTENSION_FAILED DINOv2-B gave NaN among its tokens.final.');
  expect(refusal([1, -Infinity], storage)).toBe('EXTENSION_FAILED DINOv2-B gave -Infinity among its tokens.final.');
});
