// B batch, C channels, H×W pixels.
import { type EncodeContext, HasteError, type TapValues, type Taps, type TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor4D, tf } from '@hastejs/tensor';
import { tapTensors } from './tap-pairs.js';

/** What the teachers saw of one batch. Plain tensors: the caller disposes them after the step. */
export type TeacherValues = ReadonlyMap<TeacherEncoder, TapValues>;

/** What the teachers may know of a step. */
export type StepContext = Omit<EncodeContext, 'fetched'> & { readonly fetched?: TeacherValues | undefined };

/**
 * Runs a teacher on exactly the taps given. No gradient.
 * @throws HasteError EXTENSION_FAILED when it leaves one out.
 */
export function encodeWith(
  teacher: TeacherEncoder,
  images_BCHW: Tensor4D,
  taps: Taps,
  context: StepContext | undefined,
): TapValues {
  let values: TapValues | undefined;
  const kept = tf.tidy(() => {
    const known = context && knownOf(context, teacher);
    values = teacher.encode(images_BCHW, taps, known);
    return tapTensors(values);
  });
  const missing = [
    ...taps.tokens.filter((site) => !values!.tokens.has(site)).map((site) => `tokens of ${site}`),
    ...taps.attention.filter((site) => !values!.attention.has(site)).map((site) => `attention of ${site}`),
  ];
  if (missing.length === 0) return values!;
  tf.dispose(kept);
  throw new HasteError('EXTENSION_FAILED', {
    what: `The teacher did not give the taps it was asked for: ${missing.join(', ')}.`,
    where: `${teacher.spec.name}.encode`,
    fix: 'A teacher must answer every tap within its spec; report this to the author of the plugin.',
  });
}

/** The number of the step stays unread until the teacher reads it. */
function knownOf(context: StepContext, teacher: TeacherEncoder): EncodeContext {
  const fetched = context.fetched?.get(teacher);
  return {
    get step() {
      return context.step;
    },
    student: context.student,
    ...(fetched && { fetched }),
  };
}
