// The instructions of pickle's protocols 0 to 5 that plain values need, by their byte.
import type { Machine } from './machine.js';
import type { PickleBytes } from './pickle-bytes.js';
import { CheckpointError } from './values.js';

type Act = (machine: Machine, bytes: PickleBytes) => void;

const LITERALS: Readonly<Record<string, Act>> = {
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  K: (m, b) => m.push(b.u8()),
  M: (m, b) => m.push(b.u16()),
  J: (m, b) => m.push(b.i32()),
  G: (m, b) => m.push(b.f64()),
  '\x8a': (m, b) => m.push(integer(b, b.u8())),
  '\x8b': (m, b) => m.push(integer(b, b.i32())),
  I: (m, b) => m.push(numberOrFlag(b.line())),
  L: (m, b) => m.push(Number(b.line().replace(/L$/, ''))),
  F: (m, b) => m.push(Number(b.line())),
  X: (m, b) => m.push(b.text(b.u32())),
  '\x8c': (m, b) => m.push(b.text(b.u8())),
  '\x8d': (m, b) => m.push(b.text(b.u64())),
  V: (m, b) => m.push(b.line()),
  S: (m, b) => m.push(b.line().replace(/^(['"])(.*)\1$/, '$2')),
  U: (m, b) => m.push(b.text(b.u8())),
  T: (m, b) => m.push(b.text(b.u32())),
  C: (m, b) => m.push(b.take(b.u8()).slice()),
  B: (m, b) => m.push(b.take(b.u32()).slice()),
  '\x8e': (m, b) => m.push(b.take(b.u64()).slice()),
};

const CONTAINERS: Readonly<Record<string, Act>> = {
  '(': (m) => m.mark(),
  ']': (m) => m.push([]),
  ')': (m) => m.push([]),
  '}': (m) => m.push(new Map()),
  '\x8f': (m) => m.push([]), // a set
  l: (m) => m.push(m.marked()),
  t: (m) => m.push(m.marked()),
  '\x91': (m) => m.push(m.marked()), // a frozen set
  '\x85': (m) => m.tuple(1),
  '\x86': (m) => m.tuple(2),
  '\x87': (m) => m.tuple(3),
  d: (m) => {
    const items = m.marked();
    m.push(new Map());
    m.setItems(items);
  },
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.marked()),
  '\x90': (m) => m.append(m.marked()), // items of a set
  s: (m) => {
    const value = m.pop();
    m.setItems([m.pop(), value]);
  },
  u: (m) => m.setItems(m.marked()),
};

const STACK: Readonly<Record<string, Act>> = {
  '\x80': (_, b) => void b.take(1), // which protocol
  '\x95': (_, b) => void b.take(8), // length of a frame
  '0': (m) => void m.pop(),
  '1': (m) => void m.marked(),
  '2': (m) => m.push(m.top()),
  p: (m, b) => m.remember(Number(b.line())),
  q: (m, b) => m.remember(b.u8()),
  r: (m, b) => m.remember(b.u32()),
  '\x94': (m) => m.remember(),
  g: (m, b) => m.recall(Number(b.line())),
  h: (m, b) => m.recall(b.u8()),
  j: (m, b) => m.recall(b.u32()),
};

/** Names, and what is done instead of calling them. */
const OBJECTS: Readonly<Record<string, Act>> = {
  c: (m, b) => {
    const module = b.line();
    m.named(module, b.line());
  },
  '\x93': (m) => {
    const name = m.pop();
    m.named(m.pop(), name);
  },
  R: (m) => m.call(),
  '\x81': (m) => m.call(),
  b: (m) => m.build(),
  Q: (m) => m.storage(),
};

export const OPCODES: ReadonlyMap<number, Act> = new Map(
  Object.entries({ ...LITERALS, ...CONTAINERS, ...STACK, ...OBJECTS }).map(([key, act]) => [key.charCodeAt(0), act]),
);

/** Sizes have eight bytes, random states and the magic number a few more. */
const MOST_INTEGER_BYTES = 1024;

/** Two's complement, least byte first. Exact: a bigint where a number would round. */
function integer(bytes: PickleBytes, count: number): number | bigint {
  if (count > MOST_INTEGER_BYTES) throw new CheckpointError('its pickle holds a number of absurd length');
  const digits = bytes.take(count);
  const value = digits.reduceRight((sum, digit) => (sum << 8n) | BigInt(digit), 0n);
  const signed = BigInt.asIntN(8 * count, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

/** Protocol 0 writes True as I01. */
const numberOrFlag = (text: string): number | boolean => (text === '01' ? true : text === '00' ? false : Number(text));
