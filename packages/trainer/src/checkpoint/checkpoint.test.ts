import {
  type FileHandle,
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSpec } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { activateBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { disposeWeights } from '../state.js';
import { chooseCheckpoint, listCheckpoints, removeDrafts } from './choose.js';
import { refuseForeign } from './compare.js';
import type { RunState, RunTensors } from './format.js';
import { Checkpoints } from './keep.js';
import { loadTensors } from './load.js';
import { saveCheckpoint } from './save.js';

const dataSpec: DataSpec = {
  name: 'toy',
  length: 4,
  classes: ['a', 'b'],
  image: { channels: 1, height: 2, width: 2 },
  fingerprint: 'f00d',
};
const stateAt = (step: number): RunState => ({
  step,
  phase: { kind: 'aligning', trigger: { seen: 3 } },
  recipe: {
    name: 'toy',
    seed: 1,
    steps: 10,
    student: { kind: 'student', id: 'student/sit', with: { depth: 2 } },
  } as never,
  baseDir: '/recipes',
  recipeFile: null,
  backend: { name: 'cpu', device: 'JavaScript', version: '4.22.0' },
  dataSpec,
  history: { width: 1, curves: {} },
  stepTimes: { aligning: [0.5], free: [] },
  checkpoints: [],
});
const tensors = (): RunTensors => ({
  params: { 'a.bias': tf.tensor1d([-0]), 'a.weight': tf.tensor2d([[1, 2, 3.14159265]]) },
  ema: { 'a.weight': tf.tensor2d([[1e-38, -1e38, 0.1]]) },
  alignment: { 'projectors.0.0.bias': tf.tensor1d([7]) },
  optimizer: { m: { 'a.weight': tf.tensor2d([[4, 5, 6]]) }, v: { 'a.weight': tf.tensor2d([[7, 8, 9]]) } },
});
const FILES = ['run.json', 'params.safetensors', 'ema.safetensors', 'optimizer.safetensors', 'alignment.safetensors'];

let folder: string;
const save = async (step: number): Promise<string> => {
  const some = tensors();
  try {
    return await saveCheckpoint(join(folder, 'checkpoints'), stateAt(step), some);
  } finally {
    disposeAll(some);
  }
};
const disposeAll = ({ params, ema, alignment, optimizer }: RunTensors): void => {
  disposeWeights({ params: { ...params, ...alignment }, ema, optimizer });
};

beforeAll(() => activateBackend('cpu'));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'haste-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('gives back what was saved, bit for bit, and leaks nothing', async () => {
  await expectNoLeaksAsync(async () => {
    const saved = await save(12);
    const { runFile, path, folder: run } = await chooseCheckpoint(folder);
    expect([path, run]).toEqual([saved, folder]);
    expect(runFile).toMatchObject(JSON.parse(JSON.stringify(stateAt(12))));
    const found = await loadTensors(path);
    const wanted = tensors();
    const bits = (all: RunTensors) =>
      JSON.stringify(all, (_, value) =>
        value instanceof tf.Tensor ? [...new Uint32Array(value.dataSync().slice().buffer)] : value,
      );
    expect(bits(found)).toBe(bits(wanted));
    disposeAll(found);
    disposeAll(wanted);
  });
});

describe.each(FILES)('a checkpoint whose %s', (name) => {
  it.each([
    ['is truncated', (path: string) => truncate(path, 20)],
    ['has grown', (path: string) => appendFile(path, ' ')],
    ['is gone', (path: string) => rm(path)],
    ['was altered', flipLastDigit],
  ])('%s is named and refused, and the newest whole one is offered', async (_, harm) => {
    await save(3);
    const whole = await save(6);
    const harmed = await save(9);
    await harm(join(harmed, name));
    const refusal = await chooseCheckpoint(folder).catch((error: Error) => error.message);
    expect(refusal).toMatch(/step-00000009/);
    expect(refusal).toMatch(/CHECKPOINT_(DAMAGED|MISSING)/);
    expect(refusal).toContain(`The newest whole one is at step 6: haste resume ${whole}`);
    expect((await listCheckpoints(folder)).map((info) => info.whole)).toEqual([true, true, false]);
  });
});

it('refuses a format from the future, and a folder that holds no checkpoint', async () => {
  const path = await save(1);
  await writeFile(join(path, 'run.json'), JSON.stringify({ format: 'haste-checkpoint', version: 2 }));
  await expect(chooseCheckpoint(path)).rejects.toThrow(/CHECKPOINT_FOREIGN/);
  await expect(chooseCheckpoint(join(folder, 'nowhere'))).rejects.toThrow(/no checkpoint here.*CHECKPOINT_MISSING/);
});

it('never takes a half-written draft for a checkpoint, and sweeps it away', async () => {
  const path = await save(5);
  await rename(path, join(folder, 'checkpoints', '.draft-step-00000005-99'));
  await expect(chooseCheckpoint(folder)).rejects.toThrow(/CHECKPOINT_MISSING/);
  await removeDrafts(folder);
  expect(await readdir(join(folder, 'checkpoints'))).toEqual([]);
});

it('replaces a damaged checkpoint of the same step, and leaves a whole one alone', async () => {
  const path = await save(5);
  const before = await readFile(join(path, 'run.json'), 'utf8');
  await rm(join(path, 'ema.safetensors'));
  await save(5);
  expect(await readFile(join(path, 'run.json'), 'utf8')).toBe(before);
  await expect(chooseCheckpoint(folder)).resolves.toMatchObject({ path });
});

it('has every file and every folder on the disk before it counts as saved', async () => {
  await mkdir(join(folder, 'checkpoints'));
  const handle = await open(folder, 'r');
  const sync = jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  await handle.close();
  await save(1);
  // Four files of tensors, each with its rename in their folder; run.json, with its name there; and the folder's own rename.
  expect(sync).toHaveBeenCalledTimes(4 * 2 + 2 + 1);
  sync.mockRestore();
});

it('keeps the newest checkpoints and every phase change', async () => {
  const place = join(folder, 'checkpoints');
  await mkdir(place, { recursive: true });
  const checkpoints = new Checkpoints(place, 2, []);
  const some = tensors();
  for (const step of [1, 2, 3, 4, 5]) {
    await checkpoints.save(step === 2 ? 'phase change' : 'scheduled', stateAt(step), some);
  }
  disposeAll(some);
  expect((await readdir(place)).sort()).toEqual(['step-00000002', 'step-00000004', 'step-00000005']);
  expect(checkpoints.all.map(({ step }) => step)).toEqual([2, 4, 5]);
});

it('says what differs when a checkpoint belongs to another run', async () => {
  await save(2);
  const chosen = await chooseCheckpoint(folder);
  const same = stateAt(2).recipe;
  expect(() => refuseForeign(chosen, { ...same, steps: 99 }, dataSpec)).not.toThrow();
  const other = { ...same, seed: 2, student: { kind: 'student', id: 'student/sit', with: { depth: 3 } } } as const;
  expect(() => refuseForeign(chosen, other, dataSpec)).toThrow(
    /seed \(1 then, 2 now\), student\.with\.depth \(2 then, 3 now\)/,
  );
  expect(() => refuseForeign(chosen, same, { ...dataSpec, fingerprint: 'beef' })).toThrow(/the data set \(toy then/);
});

async function flipLastDigit(path: string): Promise<void> {
  const bytes = await readFile(path);
  // In JSON the last digit of the checksum, in safetensors the last byte of the last tensor.
  const at = path.endsWith('.json') ? bytes.length - 3 : bytes.length - 1;
  bytes[at] = bytes[at]! === 0x30 ? 0x31 : 0x30;
  await writeFile(path, bytes);
}
