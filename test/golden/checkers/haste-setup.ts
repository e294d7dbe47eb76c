// How the golden cases of the whole loss are put into Haste's terms: their configuration, student, teachers and alignment.
// B batch, H heads, T tokens, d head size.
import {
  type QueryKey,
  type Student,
  type StudentSpec,
  type TapValues,
  type TeacherEncoder,
} from '@hastejs/plugin-api';
import { pairs } from '@hastejs/layers';
import { attentionAlignment } from '@hastejs/loss-attention';
import { featureAlignment } from '@hastejs/loss-feature';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { Alignment, type TermSource } from '@hastejs/trainer';
import { z } from 'zod';

/** Unknown keys fail the case: it asks for something that is not checked here. */
export const hasteConfig = z.strictObject({
  seed: z.number(),
  batch: z.int(),
  path_type: z.enum(['linear', 'cosine']),
  weighting: z.enum(['uniform', 'lognormal']),
  denoise_only: z.boolean().default(false),
  hidden_size: z.int(),
  num_heads: z.int(),
  depth: z.int(),
  mlp_ratio: z.number(),
  qk_norm: z.boolean().default(false),
  /** Depth, counted from 1, whose output the projectors read. */
  encoder_depth: z.int(),
  /** Width of each teacher's tokens. */
  z_dims: z.array(z.int()),
  projector_dim: z.int(),
  /** Student blocks blk0 … blk1 − 1 learn attention from the teacher's blocks further by `offset`. */
  blk0: z.int(),
  blk1: z.int(),
  offset: z.int(),
  n_heads_aligned: z.int(),
  input_size: z.int(),
  patch_size: z.int(),
  in_channels: z.int(),
  num_classes: z.int(),
  class_dropout_prob: z.number(),
});
export type HasteConfig = z.output<typeof hasteConfig>;

export const lossWeights = z.strictObject({ proj_coeff: z.number(), attn_coeff: z.number() });
export type LossWeights = z.output<typeof lossWeights>;

/** [student, teacher] blocks for attention. */
export const attentionPairs = ({ blk0, blk1, offset }: HasteConfig): [number, number][] =>
  Array.from({ length: blk1 - blk0 }, (_, i) => [blk0 + i, blk0 + i + offset]);

/** What the case says that the teachers saw. */
export interface GoldenTeacher {
  /** Final tokens of every teacher, [B, T, D]. */
  readonly tokens: readonly Tensor3D[];
  /** The first teacher's attention, by block. */
  readonly attention: ReadonlyMap<number, QueryKey>;
}

/**
 * Phase I as the released code has it: one feature term for each teacher, averaged by dividing the weight, and one
 * attention term from the first teacher.
 */
export function alignmentOf(
  config: HasteConfig,
  weights: LossWeights,
  student: StudentSpec,
  golden: GoldenTeacher,
): Alignment {
  const teachers = golden.tokens.map((tokens_BTD, i) => {
    const attention = i === 0 ? golden.attention : new Map<number, QueryKey>();
    return replay(config, student, config.z_dims[i]!, { tokens: new Map([['final', tokens_BTD]]), attention });
  });
  const features = teachers.map((teacher, i): TermSource => {
    return {
      name: `feature.${i}`,
      weight: weights.proj_coeff / teachers.length,
      teacher,
      loss: featureAlignment.create({ hidden: config.projector_dim }, {}) as TermSource['loss'],
      layers: layers([[config.encoder_depth - 1, 'final']]),
    };
  });
  const attention: TermSource = {
    name: 'attention',
    weight: weights.attn_coeff,
    teacher: teachers[0]!,
    loss: attentionAlignment.create({}, {}) as TermSource['loss'],
    layers: layers(attentionPairs(config)),
  };
  return new Alignment(student, [...features, attention]);
}

const layers = (list: [number, number | 'final'][]) =>
  pairs.create({ pairs: list, grids: 'refuse' }, {}) as TermSource['layers'];

/** A teacher that gives what the case recorded. */
function replay(config: HasteConfig, { grid }: StudentSpec, width: number, taps: TapValues): TeacherEncoder {
  const heads = config.n_heads_aligned;
  const blocks = config.blk1 + config.offset;
  const copy = <T extends Tensor3D | Tensor4D>(x: T): T => tf.clone(x) as T;
  return {
    spec: { name: 'golden', blocks, width, heads, headDim: width / heads, grid },
    encode: () => ({
      tokens: new Map([...taps.tokens].map(([site, x]) => [site, copy(x)])),
      attention: new Map(
        [...taps.attention].map(([block, { q_BHTd, k_BHTd }]) => [
          block,
          { q_BHTd: copy(q_BHTd), k_BHTd: copy(k_BHTd) },
        ]),
      ),
    }),
    dispose: () => {},
  };
}

/** Queries and keys whose logits are those given: q = A·√T, k = 1, since logits are q·kᵀ·T^−½ for a head size of T. */
export function fromLogits(logits_BHTT: Tensor4D): QueryKey {
  const [B, H, T] = logits_BHTT.shape;
  return {
    q_BHTd: tf.mul(logits_BHTT, Math.sqrt(T)),
    k_BHTd: tf.tile(tf.reshape(tf.eye(T), [1, 1, T, T]), [B, H, 1, 1]),
  };
}

/** Queries and keys whose logits are scale·q·kᵀ instead of d^−½·q·kᵀ. */
export function withScale(q_BHTd: Tensor4D, k_BHTd: Tensor4D, scale: number): QueryKey {
  return { q_BHTd: tf.mul(q_BHTd, scale * Math.sqrt(q_BHTd.shape[3])), k_BHTd };
}
