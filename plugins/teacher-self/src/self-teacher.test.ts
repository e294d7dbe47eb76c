import type { EncodeContext, StudentSpec, Taps, TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor1D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { selfTeacher } from './index.js';

const student: StudentSpec = {
  name: 'SiT-test',
  blocks: 3,
  width: 16,
  heads: 2,
  headDim: 8,
  grid: { height: 2, width: 3 },
  input: { channels: 1, height: 4, width: 6 },
  classes: 2,
};
const TIMES = [0, 0.05, 0.3, 0.7, 1];
const TAPS: Taps = { tokens: [2], attention: [1] };

const create = (options: object = {}, seed = 1) =>
  selfTeacher.create(selfTeacher.options.parse(options), { student, rng: rng(seed) }) as TeacherEncoder;

/** The times at which the teacher looks at a batch that the student sees at {@link TIMES}. */
function timesOf(teacher: TeacherEncoder, step: number): number[] {
  const seen: number[] = [];
  const t_B = tf.tensor1d(TIMES);
  const tapsAt: EncodeContext['student']['tapsAt'] = (cleaner_B: Tensor1D, taps) => {
    expect(taps).toBe(TAPS);
    seen.push(...cleaner_B.dataSync());
    return { tokens: new Map(), attention: new Map() };
  };
  expectNoLeaks(() => {
    tf.tidy(() => void teacher.encode(tf.zeros([5, 1, 4, 6]) as Tensor4D, TAPS, { step, student: { t_B, tapsAt } }));
  });
  t_B.dispose();
  return seen;
}

beforeAll(() => activateBackend('cpu'));

it('is any block of the student, and has no final tokens', () => {
  const { spec, needs } = create();
  expect(needs).toBe('student');
  expect(spec).toEqual({
    ...{ name: 'EMA of SiT-test', blocks: 3, width: 16, heads: 2, headDim: 8, grid: { height: 2, width: 3 } },
    offers: { tokens: [0, 1, 2], attention: [0, 1, 2] },
  });
});

it("looks by a drawn share of the gap at a cleaner time, of SRA's size by default", () => {
  expect(selfTeacher.options.parse({})).toEqual({ timeGap: 0.2, draw: 'uniform' });
  const gaps = [...Array(200).keys()].flatMap((step) => timesOf(create(), step).map((t, i) => TIMES[i]! - t));
  // The last three times are further than the gap from 0.
  const free = gaps.filter((_, i) => i % 5 >= 2);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...free)).toBeLessThanOrEqual(0.2 + 1e-6);
  expect(Math.max(...free)).toBeGreaterThan(0.19);
  expect(free.reduce((sum, gap) => sum + gap, 0) / free.length).toBeCloseTo(0.1, 2);
  expect(gaps.filter((_, i) => i % 5 === 0)).toEqual(Array(200).fill(0));
});

it('draws by seed and step alone, for every image its own', () => {
  const drawn = timesOf(create(), 7);
  expect(timesOf(create(), 7)).toEqual(drawn);
  expect(timesOf(create(), 8)).not.toEqual(drawn);
  expect(timesOf(create({}, 2), 7)).not.toEqual(drawn);
  expect(TIMES[3]! - drawn[3]!).not.toBeCloseTo(TIMES[4]! - drawn[4]!, 4);
});

it('takes the whole gap where it is told to', () => {
  const times = timesOf(create({ timeGap: 0.25, draw: 'fixed' }), 0);
  [0, 0, 0.05, 0.45, 0.75].forEach((expected, i) => expect(times[i]).toBeCloseTo(expected, 6));
});
