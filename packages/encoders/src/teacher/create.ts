// B batch, C channels, H×W pixels.
import { type VitFamilyId, patchTaps } from '@hastejs/models';
import {
  type Backend,
  type DataSpec,
  type Files,
  HasteError,
  type StudentSpec,
  type TapValues,
  type TeacherEncoder,
} from '@hastejs/plugin-api';
import { type Tensor4D, tf } from '@hastejs/tensor';
import { tensorsOf } from '../chunks.js';
import { type Encoder, openEncoder } from '../encoder.js';
import type { ChannelNormalisation } from '../preprocessing/normalisation.js';
import { type Preprocessing, preprocess } from '../preprocessing/preprocess.js';
import { locateWeights } from '../weights/locate.js';
import { type View, checkChannels, checkFamily, chooseNormalisation, chooseView } from './fit.js';
import type { VitTeacherOptions } from './options.js';

/** What a teacher of images is made with. */
export interface VitTeacherServices {
  readonly files: Pick<Files, 'resolve'>;
  readonly student: StudentSpec;
  readonly data: DataSpec;
  readonly backend: Pick<Backend, 'name' | 'precisions' | 'compute'>;
}

/** What a plugin says of the encoders that it takes. */
export interface VitTeacherKind {
  /** A file of another family is refused with the name of the plugin that takes it. */
  readonly families: readonly VitFamilyId[];
  /** What all of them were trained with, where the file's own family does not tell. */
  readonly normalisation?: ChannelNormalisation;
}

/**
 * A vision transformer as a teacher: found, recognised, held against the student and the data, and loaded for the grid that
 * it is asked for.
 * @throws HasteError WEIGHTS_UNREADABLE, WEIGHTS_MISMATCH, TEACHER_MISMATCH or BACKEND_UNAVAILABLE
 */
export async function createVitTeacher(
  options: VitTeacherOptions,
  { files, student, data, backend }: VitTeacherServices,
  kind: VitTeacherKind,
): Promise<TeacherEncoder> {
  const compute = precisionOf(options, backend);
  const { family, activation, heads, entry } = options;
  const open = await openEncoder(locateWeights(options.weights, files), {
    ...(family && { family }),
    ...(activation && { gelu: activation }),
    ...(heads !== undefined && { heads }),
    entry,
  });
  try {
    checkFamily(open, kind.families);
    checkChannels(open, data);
    const { filter, fit, resize, crop } = open.transform;
    const preprocessing: Preprocessing = {
      kind: options.preprocessing,
      transform: { filter, fit, resize, crop },
      normalisation: chooseNormalisation(open, options.normalisation, kind.normalisation),
    };
    const view = chooseView(open, options, student);
    const encoder = await open.load(view.grid, options.positions === 'timm' ? { kind: 'timm' } : open.resampling);
    return makeTeacher(encoder, {
      name: open.label,
      prepare: preparation(preprocessing, view, encoder),
      chunk: options.chunk,
      compute,
    });
  } finally {
    await open.close();
  }
}

type Compute = (f: () => TapValues) => TapValues;

/** How a teacher encodes. */
interface Encoding {
  readonly name: string;
  readonly prepare: (images_BCHW: Tensor4D) => Tensor4D;
  readonly chunk: number;
  readonly compute: Compute;
}

function makeTeacher(encoder: Encoder, { name, prepare, chunk, compute }: Encoding): TeacherEncoder {
  const { spec } = encoder;
  const { grid, hiddenSize, depth, numHeads, patchSize } = spec;
  return {
    spec: {
      name: `ViT-${hiddenSize}x${depth}/${patchSize} (${name})`,
      blocks: depth,
      width: hiddenSize,
      heads: numHeads,
      headDim: hiddenSize / numHeads,
      grid,
    },
    repeatable: true,
    encode(images_BCHW, taps) {
      let patches: TapValues | undefined;
      tf.tidy(() => {
        // Pixels are prepared in float32 whatever the encoder computes in: a byte has more steps than bfloat16's mantissa.
        const x_BCHW = prepare(images_BCHW);
        patches = compute(() => patchTaps(spec, encoder.taps(x_BCHW, taps, chunk)));
        return tensorsOf(patches);
      });
      return patches!;
    },
    dispose: () => encoder.dispose(),
  };
}

/** Raw images to what the encoder takes, without the rest that is no whole patch. */
function preparation(
  how: Preprocessing,
  { grid, pixels }: View,
  { spec: { patchSize } }: Encoder,
): Encoding['prepare'] {
  const [height, width] = [grid.height * patchSize, grid.width * patchSize];
  const whole = height === pixels.height && width === pixels.width;
  return (images_BCHW) => {
    const x_BCHW = preprocess(images_BCHW, how, pixels);
    return whole ? x_BCHW : tf.slice(x_BCHW, [0, 0, 0, 0], [-1, -1, height, width]);
  };
}

/** @throws HasteError BACKEND_UNAVAILABLE when the backend cannot compute in what is asked for. */
function precisionOf(
  { precision }: VitTeacherOptions,
  { name, precisions, compute }: VitTeacherServices['backend'],
): Compute {
  if (precision === 'run') return (f) => f();
  if (precisions?.includes(precision) && compute) return (f) => compute(precision, f);
  if (precision === 'float32') return (f) => f();
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The backend ${name} computes in ${(precisions ?? ['float32']).join(' or ')}, not in ${precision}.`,
    where: 'teacher, precision',
    fix: "Leave the teacher's precision out, or use a backend that can, such as torch.",
  });
}
