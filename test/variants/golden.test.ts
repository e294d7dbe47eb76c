// Published variants against PyTorch: golden/make.py writes the papers' formulas down with its operators.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlignmentLoss, AnyExtension, Extensions, Ref, StudentSpec } from '@hastejs/plugin-api';
import { dispersive, featureAlignmentConv, relationAlignment, spatialNorm } from '@hastejs/haste';
import { type Params, type Tensor3D, disposeParams, tf, valueAndGrads } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectClose } from '#support/op-check.js';

interface Golden {
  readonly shape: number[];
  readonly values: number[];
}
interface Case {
  readonly loss: number;
  readonly inputs: Readonly<Record<string, Golden>>;
  readonly gradients: Readonly<Record<string, Golden>>;
}
const { grid, teacher, cases } = JSON.parse(readFileSync(join(__dirname, 'golden/golden.json'), 'utf8')) as {
  readonly grid: [number, number];
  readonly teacher: Golden;
  readonly cases: Readonly<Record<string, Case>>;
};

const LOSSES: Record<string, Ref<'alignmentLoss'>> = {
  irepa: spatialNorm({ loss: featureAlignmentConv(), gamma: 0.6 }),
  'relation, squared': relationAlignment(),
  'relation, absolute': relationAlignment({ penalty: 'absolute', margin: 0.1 }),
  dispersive: dispersive(),
};

const student = { grid: { height: grid[0], width: grid[1] } } as StudentSpec;
const KNOWN = [spatialNorm, featureAlignmentConv, relationAlignment, dispersive];
const extensions: Extensions = {
  create: async (ref: Ref) => {
    const { options, create } = KNOWN.find(({ id }) => id === ref.id)! as AnyExtension;
    return create(options.parse(ref.with) as never, { extensions, student } as never) as never;
  },
};
const tensor = ({ values, shape }: Golden) => tf.tensor(values, shape);

it('every case of the file is looked at', () => expect(Object.keys(LOSSES)).toEqual(Object.keys(cases)));

describeEachBackend('by PyTorch', () => {
  it.each(Object.entries(LOSSES))('%s', async (name, ref) => {
    const loss: AlignmentLoss = await extensions.create(ref);
    const { loss: expected, inputs, gradients } = cases[name]!;
    const params: Params = Object.fromEntries(Object.entries(inputs).map(([input, golden]) => [input, tensor(golden)]));
    const [x, z] = [params['x'] as Tensor3D, tensor(teacher) as Tensor3D];
    const { loss: value, grads } = valueAndGrads(() => {
      if (loss.reads === 'student') return { loss: loss.loss(x, params) };
      return { loss: loss.loss(x as never, z as never, params) };
    }, params);
    expectClose(value, [expected], 2e-6);
    expect(Object.keys(grads).sort()).toEqual(Object.keys(gradients).sort());
    for (const [input, golden] of Object.entries(gradients)) {
      // Gradients are far below 1, which expectClose measures against.
      const largest = Math.max(...golden.values.map(Math.abs));
      const scaled = golden.values.map((each) => each / largest);
      expectClose(tf.div(grads[input]!, largest), scaled, 1e-5, `gradient of ${input}`);
    }
    value.dispose();
    disposeParams(grads);
    disposeParams(params);
    z.dispose();
  });
});
