// Every row of the speed table, as data. A ratio is how many times as fast we are, of memory how much we take.
import { adamw } from '@hastejs/haste';
import { GPU_CASES } from './gpu-cases.mjs';
import { DINO_B, TOY_TEACHER, quickstart, sitS2, sitWithDino, tiny, toy } from './recipes.mjs';

/**
 * @typedef {object} Case
 * @property {string} what for people.
 * @property {'step' | 'memory' | 'operation'} measures
 * @property {() => object | Promise<object>} [recipe] what is trained; an operation has none.
 * @property {'plain' | 'aligning' | 'free'} [phase]
 * @property {import('@hastejs/models').VitSpec} [teacher] to make up, where the recipe does not bring one.
 * @property {number} [photos] side of the RGB images that the teacher sees; absent: it sees the data set's own.
 * @property {readonly number[]} threads
 * @property {Readonly<Record<string, { must?: number, aim?: number }>>} peers what each peer's ratio must reach, or, of
 *   memory, stay under.
 * @property {number} turn steps that a side takes in a row: some tenths of a second.
 * @property {number} warmUp turns that do not count: fast steps want the compilers of both sides to be done.
 * @property {number} [rounds] turns of each side, unless the command says.
 * @property {number} gib memory of one side.
 * @property {boolean} [quickWeights] weights of a model too large to draw each of them.
 */

const EAGER = { eager: { must: 1.5, aim: 2.2 } };
const TUNED = { tuned: { must: 1, aim: 1.3 }, compile: { must: 1, aim: 1.3 } };
const BF16 = { bf16: { must: 1.1, aim: 1.5 } };

const step = { measures: 'step', phase: 'plain', threads: [1, 2], turn: 1, warmUp: 0 };

/** @type {Readonly<Record<string, Case>>} */
export const CASES = {
  'sit-s2-b4': {
    ...step,
    what: 'SiT-S/2, 256 tokens, batch 4',
    recipe: () => sitS2(4),
    peers: { ...EAGER, ...TUNED },
    gib: 1.6,
  },
  'sit-s2-b8': {
    ...step,
    what: 'SiT-S/2, 256 tokens, batch 8',
    recipe: () => sitS2(8),
    peers: { ...EAGER, ...TUNED },
    gib: 2.2,
  },
  'sit-s2-b4-bf16': {
    ...step,
    what: 'SiT-S/2, 256 tokens, batch 4, bf16',
    recipe: () => sitS2(4, { precision: 'bf16' }),
    peers: BF16,
    gib: 1.6,
  },
  'sit-s2-b8-bf16': {
    ...step,
    what: 'SiT-S/2, 256 tokens, batch 8, bf16',
    recipe: () => sitS2(8, { precision: 'bf16' }),
    peers: BF16,
    gib: 2.2,
  },
  'align-dino-b': {
    ...step,
    what: 'phase I: SiT-S/2 and DINOv2-B at 224, batch 4',
    recipe: () => sitWithDino('SiT-S/2', 4),
    phase: 'aligning',
    teacher: DINO_B,
    photos: 256,
    peers: { eager: { must: 1.5, aim: 2.5 } },
    gib: 3,
  },
  'free-dino-b': {
    ...step,
    what: 'phase II of the same; the peer runs its teacher on',
    recipe: () => sitWithDino('SiT-S/2', 4),
    phase: 'free',
    teacher: DINO_B,
    photos: 256,
    peers: { eager: { must: 3, aim: 4 } },
    gib: 3,
  },
  'quickstart-aligning': {
    ...step,
    what: "the quickstart's step, phase I",
    recipe: quickstart,
    phase: 'aligning',
    peers: { eager: { must: 1.5, aim: 2 } },
    turn: 8,
    warmUp: 3,
    gib: 0.6,
  },
  'quickstart-free': {
    ...step,
    what: "the quickstart's step, phase II",
    recipe: quickstart,
    phase: 'free',
    peers: { eager: { must: 1.5, aim: 2 } },
    turn: 8,
    warmUp: 3,
    gib: 0.6,
  },
  tiny: {
    ...step,
    what: "a whole step's overhead: depth 12, width 48, 4 tokens, batch 1",
    recipe: tiny,
    threads: [1],
    peers: { tuned: { must: 1, aim: 1.6 } },
    turn: 25,
    warmUp: 6,
    gib: 0.5,
  },
  'scalar-add': {
    measures: 'operation',
    what: 'a scalar add through TensorFlow.js; a step is 1,000, so ms are µs an op',
    threads: [1],
    peers: { wasm: { must: 1 } },
    turn: 50,
    warmUp: 2,
    gib: 0.4,
  },
  'memory-s2': {
    ...step,
    measures: 'memory',
    what: 'peak memory of SiT-S/2, 256 tokens, batch 8',
    recipe: () => sitS2(8),
    peers: { eager: { must: 0.9, aim: 0.7 } },
    threads: [2],
    rounds: 2,
    gib: 2.2,
  },
};

const toyStep = { ...step, teacher: TOY_TEACHER, photos: 20, threads: [1], peers: { eager: {}, tuned: {} }, gib: 0.4 };

/** Not rows: so small that a test can afford them. Between them they have all that any case has. */
export const TOYS = {
  toy: { ...toyStep, what: 'both models in miniature', recipe: () => toy({ path: 'cosine' }), phase: 'aligning' },
  'toy-free': {
    ...toyStep,
    what: 'the same after the stop, with a schedule for the learning rate',
    recipe: () => toy({ optimizer: adamw({ lr: 3e-3, warmup: 2, decay: { from: 3, until: 6 } }), gradientClip: null }),
    phase: 'free',
  },
};

/** @throws Error naming the cases that there are. */
export function caseNamed(name) {
  const found = { ...CASES, ...GPU_CASES, ...TOYS }[name];
  if (found) return found;
  throw new Error(`There is no case '${name}', but ${Object.keys(CASES).join(', ')}.`);
}
