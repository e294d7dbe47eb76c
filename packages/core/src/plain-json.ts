import type { Json } from '@hastejs/plugin-api';

/** The value as JSON gives it back: no undefined, no prototypes, no −0. */
export function plainJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Freezes plain data to its leaves, in place. */
export function deepFreeze<T extends Json | object>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const entry of Object.values(value)) deepFreeze(entry as Json);
  return Object.freeze(value);
}
