// How golden cases of the whole loss are put into Haste's terms: configuration, batch, teachers, alignment.
// B batch, H heads, T tokens, d head size.
import { lognormalTimes } from '@hastejs/diffusion';
import { pairs } from '@hastejs/layers';
import { attentionAlignment } from '@hastejs/loss-attention';
import { featureAlignment } from '@hastejs/loss-feature';
import type { AttentionAlignmentLoss, QueryKey, StudentSpec, TapValues, TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { Alignment, type TermSource, type TrainingBatch } from '@hastejs/trainer';
import { z } from 'zod';
import type { GoldenInputs } from '../runner/golden-case.js';

const student = {
  hidden_size: z.int(),
  num_heads: z.int(),
  depth: z.int(),
  mlp_ratio: z.number(),
  qk_norm: z.boolean().optional(),
  input_size: z.int(),
  patch_size: z.int(),
  in_channels: z.int(),
  num_classes: z.int(),
};

/** Unknown keys fail the case: it asks for something that nobody here understands. */
export const hasteConfig = z.strictObject({
  ...student,
  seed: z.number(),
  batch: z.int(),
  path_type: z.enum(['linear', 'cosine']),
  weighting: z.enum(['uniform', 'lognormal']),
  denoise_only: z.boolean().default(false),
  class_dropout_prob: z.number(),
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
});
export type HasteConfig = z.output<typeof hasteConfig>;

const lossWeights = z.strictObject({ proj_coeff: z.number(), attn_coeff: z.number() });

/** [student, teacher] blocks for attention. */
export const attentionPairs = ({ blk0, blk1, offset }: HasteConfig): [number, number][] =>
  Array.from({ length: blk1 - blk0 }, (_, i) => [blk0 + i, blk0 + i + offset]);

/** The batch with its draws: times from their draws, labels after dropout. */
export function batchOf(golden: GoldenInputs, config: HasteConfig): TrainingBatch {
  const draws = golden.values('in/t_draw');
  const times = config.weighting === 'uniform' ? draws : lognormalTimes(config.path_type, draws);
  const dropped = golden.values('in/drop_u').map((u) => Number(u < config.class_dropout_prob));
  const labels = golden.values('in/y').map((label, i) => (dropped[i] ? config.num_classes : label));
  const x0_BCHW = golden.input<Tensor4D>('in/x');
  return {
    images_BCHW: x0_BCHW,
    x0_BCHW,
    noise_BCHW: golden.input<Tensor4D>('in/noise'),
    t_B: tf.tensor1d(times),
    y_B: tf.tensor1d(labels, 'int32'),
  };
}

/** What the case says that the teachers saw. */
interface GoldenTeacher {
  /** Final tokens of every teacher, [B, T, D]. */
  readonly tokens: readonly Tensor3D[];
  /** The first teacher's attention, by block. */
  readonly attention: ReadonlyMap<number, QueryKey>;
}

/** Attention is given as logits block by block, or as factors of all blocks with the scale between them in words. */
export function teacherOf(golden: GoldenInputs, config: HasteConfig): GoldenTeacher {
  const tokens = config.z_dims.map((_, i) => golden.input<Tensor3D>(`in/teacher_tokens.${i}`));
  const attentionAt = golden.inputs.includes('in/teacher_q')
    ? factoredAttention(golden)
    : (block: number) => fromLogits(golden.input(`in/teacher_attn.${block}`));
  return { tokens, attention: new Map(attentionPairs(config).map(([, block]) => [block, attentionAt(block)])) };
}

/** Queries and keys whose logits are those given: q = A·√T and k = 1, since logits are q·kᵀ·d^−½ and here d = T. */
function fromLogits(logits_BHTT: Tensor4D): QueryKey {
  const [B, H, T] = logits_BHTT.shape;
  return {
    q_BHTd: tf.mul(logits_BHTT, Math.sqrt(T)),
    k_BHTd: tf.tile(tf.reshape(tf.eye(T), [1, 1, T, T]), [B, H, 1, 1]),
  };
}

const FACTORS = /teacher_attn\[L\] \(L=(\d+)\.\.\d+\) = ([\d.]+) \* in\/teacher_q\[L-\1\] @ in\/teacher_k\[L-\1\]\^T/;

/** Logits are `scale·q·kᵀ`, with q and k of all blocks in one tensor [L, B, H, T, d]; the words give scale and first block. */
function factoredAttention(golden: GoldenInputs): (block: number) => QueryKey {
  const [, first, scale] = FACTORS.exec(String(golden.fact('called'))) ?? [];
  if (first === undefined) throw new Error(`${golden.name} does not say how its teacher's logits are made.`);
  const q_LBHTd = golden.input('in/teacher_q');
  const k_LBHTd = golden.input('in/teacher_k');
  const at = (x: Tensor, block: number): Tensor4D => tf.squeeze(tf.slice(x, [block - Number(first)], [1]), [0]);
  const d = q_LBHTd.shape[4]!;
  return (block) => ({ q_BHTd: tf.mul(at(q_LBHTd, block), Number(scale) * Math.sqrt(d)), k_BHTd: at(k_LBHTd, block) });
}

/**
 * Phase I as the released code has it: a feature term for each teacher, averaged by dividing its weight, and an attention
 * term from the first teacher.
 * @param onAttention sees the attention loss of every pair of blocks as it is computed.
 */
export function alignmentOf(
  golden: GoldenInputs,
  config: HasteConfig,
  student: StudentSpec,
  onAttention: (loss: number) => void = () => {},
): Alignment {
  const weights = lossWeights.parse(golden.fact('loss_weights'));
  const recorded = teacherOf(golden, config);
  const teachers = recorded.tokens.map((tokens_BTD, i) => {
    const attention = i === 0 ? recorded.attention : new Map<number, QueryKey>();
    return replay(config, student, config.z_dims[i]!, { tokens: new Map([['final', tokens_BTD]]), attention });
  });
  const features = teachers.map((teacher, i): TermSource => ({
    name: `feature.${i}`,
    weight: weights.proj_coeff / teachers.length,
    teacher,
    loss: featureAlignment.create({ hidden: config.projector_dim }, {}) as TermSource['loss'],
    layers: layers([[config.encoder_depth - 1, 'final']]),
  }));
  const attention: TermSource = {
    name: 'attention',
    weight: weights.attn_coeff,
    teacher: teachers[0]!,
    loss: observed(attentionAlignment.create({}, {}) as AttentionAlignmentLoss, onAttention),
    layers: layers(attentionPairs(config)),
  };
  return new Alignment(student, [...features, attention]);
}

function observed(alignment: AttentionAlignmentLoss, onLoss: (loss: number) => void): AttentionAlignmentLoss {
  return {
    ...alignment,
    loss(...given) {
      const loss = alignment.loss(...given);
      onLoss(loss.dataSync()[0]!);
      return loss;
    },
  };
}

const layers = (list: [number, number | 'final'][]) =>
  pairs.create({ pairs: list, grids: 'refuse' }, {}) as TermSource['layers'];

/** A teacher that gives what the case recorded. */
function replay(config: HasteConfig, { grid }: StudentSpec, width: number, recorded: TapValues): TeacherEncoder {
  const heads = config.n_heads_aligned;
  return {
    spec: { name: 'recorded', blocks: config.blk1 + config.offset, width, heads, headDim: width / heads, grid },
    // A clone shares memory: the session disposes what a teacher gave.
    encode: (_images, { tokens, attention }) => ({
      tokens: new Map(tokens.map((site) => [site, tf.clone(recorded.tokens.get(site)!)])),
      attention: new Map(
        attention.map((block) => {
          const { q_BHTd, k_BHTd } = recorded.attention.get(block)!;
          return [block, { q_BHTd: tf.clone(q_BHTd), k_BHTd: tf.clone(k_BHTd) }];
        }),
      ),
    }),
    dispose: () => {},
  };
}
