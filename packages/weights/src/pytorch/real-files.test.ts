import { hostFloats } from '@hastejs/tensor';
import { join } from 'node:path';
import { openWeights } from '../open-weights.js';
import { FileBytes } from './file-bytes.js';

/** Written by torch: see make.py there. */
const fixture = (name: string): string => join(__dirname, '../../fixtures', name);

/** Every tensor as its type, shape and numbers. */
async function contents(name: string, entry?: string): Promise<Record<string, [string, readonly number[], number[]]>> {
  const file = await openWeights(fixture(name), { entry });
  try {
    const tensors = Object.entries(await file.read(file.shapes.keys()));
    for (const [key, { dtype, shape }] of tensors) {
      expect([file.shapes.get(key), file.dtypes.get(key)]).toEqual([shape, dtype]);
    }
    return Object.fromEntries(
      tensors.map(([key, tensor]) => {
        const floats = /^B?F/.test(tensor.dtype);
        return [key, [tensor.dtype, tensor.shape, Array.from(floats ? hostFloats(tensor) : tensor.data, Number)]];
      }),
    );
  } finally {
    await file.close();
  }
}

const counted = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
const table = counted(24);
const TENSORS = {
  float64: ['F32', [3], [1, 2, 3]],
  float16: ['F16', [3], [1, 2, 3]],
  bfloat16: ['BF16', [3], [1, 2, 3]],
  int64: ['I64', [3], [1, 2, 3]],
  int32: ['I32', [3], [1, 2, 3]],
  int16: ['I32', [3], [1, 2, 3]],
  int8: ['I32', [3], [1, 2, 3]],
  uint8: ['U8', [3], [1, 2, 3]],
  bool: ['BOOL', [3], [1, 0, 1]],
  base: ['F32', [4, 6], table],
  transposed: ['F32', [6, 4], table.map((i) => 6 * (i % 4) + Math.floor(i / 4))],
  part: ['F32', [2, 2], [8, 10, 14, 16]],
  expanded: ['F32', [2, 3], [0, 1, 2, 0, 1, 2]],
  permuted: ['F32', [4, 2, 3], table.map((i) => 12 * (Math.floor(i / 3) % 2) + 4 * (i % 3) + Math.floor(i / 6))],
  scalar: ['F32', [], [7]],
  empty: ['F32', [0, 5], []],
  parameter: ['F32', [2], [5, 6]],
  marked: ['F32', [2], [6, 7]],
  'marked parameter': ['F32', [2], [7, 8]],
};

describe('checkpoints that torch wrote', () => {
  it.each(['tensors.pth', 'tensors-stream.pth'])('%s: every element type and view', async (name) => {
    expect(await contents(name)).toEqual(TENSORS);
  });

  it('a state dict in a dict is found, and of a training run the one that is asked for', async () => {
    expect(await contents('nested.pth')).toEqual({ weight: ['F32', [2], [0, 1]] });
    const teacher = { 'backbone.norm.weight': ['F32', [2], [0, 1]], 'head.weight': ['F32', [2, 2], counted(4)] };
    expect(await contents('training.pth', 'teacher')).toEqual(teacher);
    const student = await contents('training.pth', 'student');
    expect(student['module.head.weight']).toEqual(['F32', [2, 2], [1, 2, 3, 4]]);
  });

  it('several state dicts are told instead of guessed', async () => {
    const choices = /several places; choose by the option entry: 'student' \(2 tensors\), 'teacher' \(2 tensors\)/;
    await expect(openWeights(fixture('training.pth'))).rejects.toThrow(choices);
    await expect(openWeights(fixture('training.pth'), { entry: 'ema' })).rejects.toThrow(
      /no tensors under 'ema'[^]*'teacher'/,
    );
  });

  it('a scripted model: its parameters and buffers under the names of its state dict', async () => {
    const weight = ['F32', [2, 3], counted(6)];
    const bias = ['F32', [2], [10, 11]];
    expect(await contents('scripted.pt')).toEqual({
      scale: ['F16', [3], [0, 1, 2]],
      mean: ['F32', [2], [20, 21]],
      'blocks.0.linear.weight': weight,
      'blocks.0.linear.bias': bias,
      'blocks.1.linear.weight': weight,
      'blocks.1.linear.bias': bias,
    });
  });

  it('a whole module is refused by the name of its class', async () => {
    await expect(openWeights(fixture('module.pth'))).rejects.toThrow(
      /WEIGHTS_UNREADABLE[^]*module\.pth[^]*state_dict\(\)/,
    );
    await expect(openWeights(fixture('module.pth'))).rejects.toThrow(
      /needs '__main__\.Net', which is neither a tensor/,
    );
  });

  it.each([
    ['negated.pth', /one of its tensors is a view by a sign/],
    ['sparse.pth', /needs 'torch\._utils\._rebuild_sparse_tensor'/],
  ])('%s: tensors that are not as they are stored are refused', async (name, message) => {
    await expect(openWeights(fixture(name))).rejects.toThrow(message);
  });

  it('reads a storage once for all tensors that share it, and nothing of the others', async () => {
    const file = await openWeights(fixture('tensors-stream.pth'));
    const read = jest.spyOn(FileBytes.prototype, 'read');
    await file.read(['part', 'base', 'transposed', 'part']);
    expect(read.mock.calls.map(([, length]) => length)).toEqual([24 * 4]);
    read.mockClear();
    await file.read(['part']);
    // From element 8 to element 16.
    expect(read.mock.calls.map(([, length]) => length)).toEqual([9 * 4]);
    read.mockRestore();
    await file.close();
  });
});
