import type { Backend } from '@hastejs/plugin-api';
import { computeIn } from './precision.js';

const plain: Backend = {
  name: 'plain',
  rank: 0,
  probe: () => Promise.reject(new Error('not asked')),
  activate: () => Promise.reject(new Error('not asked')),
};

it('computes as the backend does by itself in float32', () => {
  expect(computeIn(plain, 'float32')(() => 7)).toBe(7);
});

it('asks the backend for a precision that it has', () => {
  const asked: string[] = [];
  const compute = <T>(precision: string, f: () => T): T => {
    asked.push(precision);
    return f();
  };
  expect(computeIn({ ...plain, precisions: ['float32', 'bf16'], compute }, 'bf16')(() => 7)).toBe(7);
  expect(asked).toEqual(['bf16']);
});

it('refuses a precision that the backend does not have, and says what to do', () => {
  expect(() => computeIn(plain, 'bf16')).toThrow('The backend plain computes in float32, not in bf16.');
});
