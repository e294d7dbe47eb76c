// D width.
import { type HostTensors, publish, randomTensors, shapesOf } from '#support/publish-vit.js';
import { PUBLISHED, type PublishedModel } from '#support/published-vits.js';
import type { HostTensor } from '@hastejs/tensor';
import { vitParameters } from '../parameters.js';
import type { VitSpec } from '../spec.js';
import { VIT_FAMILIES } from './family.js';
import { readVit } from './read.js';

/** Random weights, with zeros for the biases that the model lacks. */
function modelOf(spec: VitSpec): HostTensors {
  const flags = [spec.qkvBias.query, spec.qkvBias.key, spec.qkvBias.value];
  const fill = ([name, tensor]: [string, HostTensor]): [string, HostTensor] => {
    if (!/^blocks.*qkv\.bias$/.test(name)) return [name, tensor];
    const data = (tensor.data as Float32Array).map((value, i) => (flags[Math.floor(i / spec.hiddenSize)] ? value : 0));
    return [name, { ...tensor, data }];
  };
  return Object.fromEntries(Object.entries(randomTensors(vitParameters(spec))).map(fill));
}

/** Bit for bit; Jest's own comparison takes a minute for so many numbers. */
function expectSame(actual: HostTensors, expected: HostTensors): void {
  const shapes = (tensors: HostTensors) => Object.fromEntries(shapesOf(tensors));
  expect(shapes(actual)).toEqual(shapes(expected));
  const bytes = ({ data }: HostTensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  expect(Object.keys(expected).filter((name) => !bytes(actual[name]!).equals(bytes(expected[name]!)))).toEqual([]);
}

const files = Object.entries(PUBLISHED).flatMap(([model, { spec, files }]) =>
  Object.entries(files).map(([file, published]) => [`${model}: ${file}`, spec, published] as const),
);
type File = PublishedModel['files'][string];

describe('readVit', () => {
  it.each<readonly [string, VitSpec, File]>(files)('reads %s', (_, spec, { family, file, config, hint }) => {
    const model = modelOf(spec);
    const tensors = publish(model, file);
    const read = readVit(shapesOf(tensors), config, hint);
    expect(read.family).toBe(family);
    expect(read.spec).toEqual(spec);
    const used = Object.fromEntries(read.sources.map((name) => [name, tensors[name]!]));
    expectSame(read.assemble(used), model);
  });

  it('is held against files of every family', () => {
    const tested = files.map(([, , { family }]) => family);
    expect([...new Set(tested)].sort()).toEqual([...VIT_FAMILIES].sort());
  });
});
