// B batch, T tokens, D width.
import {
  HasteError,
  Services,
  type TapValues,
  type TeacherSpec,
  type TokenAlignmentLoss,
  type TokenGrid,
  defineAlignmentLoss,
  reference,
} from '@hastejs/plugin-api';
import { type Params, type Tensor, type Tensor2D, type Tensor3D, tf, withoutGradient } from '@hastejs/tensor';
import { z } from 'zod';
import { innerLoss, passedOn } from './inner-loss.js';
import { byAttention, byContrast, byMap } from './weights-of-tokens.js';

const WHERE = 'loss/token-weights';

const map = z
  .array(z.array(z.number().nonnegative()).min(1))
  .min(1)
  .refine((rows) => rows.some((row) => row.some((weight) => weight > 0)), { error: 'no token would count' });

/**
 * Any loss that is a mean over tokens, with some tokens counting more than others: L = mean over images of Σ_t w_t·l_t, with
 * Σ_t w_t = 1 in each image.
 *
 *   contrast   w ∝ 1 − cos(z_t, z̄), how unlike the teacher's token is to its image's mean token
 *   attention  w ∝ how much the teacher's patches look at the token, in the last block or in `block`
 *   a map      the same for every image
 *
 * A part `floor` of the weight goes to all tokens alike; with 1 it is the loss inside.
 */
export const tokenWeights = defineAlignmentLoss({
  id: WHERE,
  summary: 'A loss over tokens in which some tokens count more than others.',
  options: z
    .strictObject({
      loss: reference('alignmentLoss').describe('The loss, a mean over tokens.'),
      by: z
        .union([z.enum(['contrast', 'attention']), map])
        .describe(
          "'contrast', 'attention', or a map: rows of weights from the top, one for each token of the student.",
        ),
      block: z.int().nonnegative().optional().describe("The teacher's block for 'attention'; default: its last."),
      floor: z.number().min(0).max(1).default(0.1).describe('Part of the weight that all tokens share alike.'),
    })
    .refine(({ by, block }) => block === undefined || by === 'attention', {
      path: ['block'],
      error: "only weights by 'attention' have a block",
    }),
  inject: { extensions: Services.extensions, student: Services.student },
  create: async ({ loss: ref, by, block, floor }, { extensions, student }): Promise<TokenAlignmentLoss> => {
    const inner = await innerLoss(extensions, ref, WHERE);
    if (!inner.perToken) throw noMean(ref.id);
    const source = sourceOf(by, block, student.grid);
    const weigh = (losses_BT: Tensor2D, teacher_BTD: Tensor3D, guide: TapValues | undefined): Tensor2D => {
      const T = losses_BT.shape[1];
      // Times T, so that the mean over tokens is the weighted mean.
      const weights = withoutGradient(() => tf.add(tf.mul(source.weights(teacher_BTD, guide), T * (1 - floor)), floor));
      return tf.mul(losses_BT, weights);
    };
    const perToken = (student_BTD: Tensor3D, teacher_BTD: Tensor3D, params: Params, guide?: TapValues): Tensor2D =>
      weigh(inner.perToken!(student_BTD, teacher_BTD, params, guide), teacher_BTD, guide);
    return {
      ...passedOn(inner),
      guides: (teacher) => {
        const asked = inner.guides?.(teacher) ?? { tokens: [], attention: [] };
        return { ...asked, attention: [...new Set([...asked.attention, ...source.attention(teacher)])] };
      },
      perToken,
      loss: (...given) => tf.mean(perToken(...given)),
    };
  },
});

/** Where weights come from. */
interface Source {
  /** Blocks of the teacher whose attention they need. */
  attention(teacher: TeacherSpec): readonly number[];
  /** [B, T] or [1, T], with sum 1 a row. */
  weights(teacher_BTD: Tensor3D, guide: TapValues | undefined): Tensor;
}

function sourceOf(by: 'contrast' | 'attention' | number[][], block: number | undefined, grid: TokenGrid): Source {
  if (by === 'contrast') return { attention: () => [], weights: byContrast };
  if (by !== 'attention') return { attention: () => [], weights: byMap(by, grid, WHERE) };
  return {
    attention: ({ blocks }) => [block ?? blocks - 1],
    weights: (_, guide) => {
      // The last block is the highest of those asked for, whatever the loss inside asks for.
      const maps = guide?.attention.get(block ?? Math.max(...guide.attention.keys()));
      if (!maps) throw noGuide();
      return byAttention(maps);
    },
  };
}

function noMean(id: string): HasteError {
  return new HasteError('EXTENSION_OPTIONS', {
    what: `${id} does not tell the loss of each token, so tokens cannot be weighed.`,
    where: `${WHERE}, loss`,
    fix: 'Give it a loss that is a mean over tokens, such as loss/feature.',
  });
}

function noGuide(): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: "The teacher's attention, which weighs the tokens, was not given.",
    where: WHERE,
    fix: 'Ask the loss what it is guided by (`guides`), and give its loss those taps of the teacher as the guide.',
  });
}
