// Published variants in steps that are repeated without JavaScript, in both precisions. B batch, T tokens, D width.
import type { AnyExtension, AlignmentLoss, Backend, Extensions, Ref, TargetLayers } from '@hastejs/plugin-api';
import {
  blocks,
  dispersive,
  featureAlignment,
  featureAlignmentConv,
  pairs,
  relationAlignment,
  spatialNorm,
  tokenWeights,
} from '@hastejs/haste';
import { Alignment, computeIn } from '@hastejs/trainer';
import { activateBackend, whereItRuns } from '#support/backends.js';
import { expectSameAsCode, sit, take, teacher } from '../phases/step-trial.js';

const KNOWN = [dispersive, featureAlignment, featureAlignmentConv, relationAlignment, spatialNorm, tokenWeights];
const extensions: Extensions = {
  create: async (ref: Ref) => {
    const { options, create } = KNOWN.find(({ id }) => id === ref.id)! as AnyExtension;
    return create(options.parse(ref.with) as never, { extensions, student: sit.spec } as never) as never;
  },
};
const make = (ref: Ref<'alignmentLoss'>): Promise<AlignmentLoss> => extensions.create(ref);
const final = pairs.create({ pairs: [[1, 'final']], grids: 'refuse' }, {}) as TargetLayers;
const second = blocks.create({ blocks: [1] }, {}) as TargetLayers;

const feature = featureAlignment({ hidden: 8 });
const VARIANTS = {
  relation: relationAlignment(),
  'relation with a margin': relationAlignment({ penalty: 'absolute', margin: 0.1 }),
  dispersive: dispersive(),
  'dispersive by cosine': dispersive({ form: 'cosine' }),
  'dispersive by a hinge': dispersive({ form: 'hinge' }),
  iREPA: spatialNorm({ loss: featureAlignmentConv(), gamma: 0.6 }),
  'tokens by contrast': tokenWeights({ loss: feature, by: 'contrast' }),
  'tokens by attention': tokenWeights({ loss: feature, by: 'attention' }),
  'tokens by a map': tokenWeights({ loss: feature, by: [[1, 0], [2, 1]] }), // prettier-ignore
};

async function alignmentBy(ref: Ref<'alignmentLoss'>): Promise<Alignment> {
  const loss = await make(ref);
  const alone = loss.reads === 'student';
  const term = { name: 'variant', weight: 0.5, loss };
  return new Alignment(sit.spec, [
    alone ? { ...term, teacher: null, layers: second } : { ...term, teacher: teacher(), layers: final },
  ]);
}

describe('steps of variants', () => {
  whereItRuns('torch', () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await activateBackend('torch');
    });

    it.each(Object.entries(VARIANTS))('are repeated from the fourth on, to the bit: %s', async (_, ref) => {
      const alignment = await alignmentBy(ref);
      expect(expectSameAsCode({ backend, alignment }).notRepeated.slice(3)).toEqual([null, null, null, null]);
      await alignment.close();
    });

    it.each(Object.entries(VARIANTS))(
      'compute the loss in float32 also where products are bf16: %s',
      async (_, ref) => {
        const alignment = await alignmentBy(ref);
        const first = (precision: 'float32' | 'bf16') =>
          take({ backend, alignment, steps: 1, change: { compute: computeIn(backend, precision) } }).losses[0]!;
        const [full, half] = [first('float32'), first('bf16')];
        // total, denoise, variant, gradient norm. The products before the loss round to 8 bits.
        expect(half).not.toEqual(full);
        half.forEach((value, i) => expect(Math.abs(value / full[i]! - 1)).toBeLessThan(0.02));
        await alignment.close();
      },
    );
  });
});
