import type { Kind, Kinds } from '@hastejs/plugin-api';
import { describe } from './explain-issue.js';

interface Expectation {
  readonly expected: string;
  holds(value: unknown): boolean;
}

const aFunction: Expectation = { expected: 'a function', holds: (value) => typeof value === 'function' };
const anObject: Expectation = { expected: 'an object', holds: (value) => typeof value === 'object' && value !== null };
const aNumber: Expectation = { expected: 'a number', holds: (value) => Number.isFinite(value) };
const aText: Expectation = { expected: 'a text', holds: (value) => typeof value === 'string' && value !== '' };
const aBoolean: Expectation = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
const aCount: Expectation = {
  expected: 'a whole number above 0',
  holds: (value) => Number.isInteger(value) && (value as number) > 0,
};
const texts: Expectation = {
  expected: 'a list of texts',
  holds: (value) => Array.isArray(value) && value.every(aText.holds),
};
const oneOf = (...choices: string[]): Expectation => ({
  expected: choices.map((choice) => `'${choice}'`).join(' or '),
  holds: (value) => choices.includes(value as string),
});

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- {} asks whether a member may be absent
type RequiredMember<T> = { [M in keyof T]-?: {} extends Pick<T, M> ? never : M }[keyof T];

/** What every extension of a kind must have. The type makes sure that no required member of a contract is forgotten. */
const CONTRACTS: { readonly [K in Kind]: { readonly [M in RequiredMember<Kinds[K]>]: Expectation } } = {
  teacher: { spec: anObject, encode: aFunction, dispose: aFunction },
  alignmentLoss: { reads: oneOf('tokens', 'attention', 'student'), loss: aFunction },
  targetLayers: { select: aFunction, grids: oneOf('refuse', 'resample') },
  trigger: { watches: texts, init: aFunction, decide: aFunction },
  metric: { names: texts, every: aCount, needsAlignment: aBoolean, measure: aFunction },
  student: { spec: anObject, frozen: texts, init: aFunction, forward: aFunction },
  dataset: { spec: anObject, read: aFunction, dispose: aFunction },
  sampler: { sample: aFunction },
  optimizer: { init: aFunction, update: aFunction },
  logger: { scalars: aFunction, close: aFunction },
  backend: { name: aText, rank: aNumber, probe: aFunction, activate: aFunction },
};

/** What a value lacks to be of a kind; empty when it is. Members may be inherited: classes are welcome. */
export function contractFaults(kind: Kind, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`expected an object, got ${describe(value)}`];
  const members = value as Readonly<Record<string, unknown>>;
  return Object.entries<Expectation>(CONTRACTS[kind])
    .filter(([name, { holds }]) => !holds(members[name]))
    .map(([name, { expected }]) => `${name}: expected ${expected}, got ${describe(members[name])}`);
}
