import { type DataSpec, HasteError } from '@hastejs/plugin-api';
import { z } from 'zod';
import { SIT_PRESETS, type SitConfig, type SitPreset, type SitSize } from './config.js';

const PRESET_NAMES = Object.keys(SIT_PRESETS) as [SitPreset, ...SitPreset[]];
const SIZE_KEYS = ['hiddenSize', 'depth', 'numHeads', 'patchSize'] as const;

const count = () => z.number().int().positive();

/** Either a published size, or all four numbers of a custom one. */
export const sitOptions = z
  .strictObject({
    size: z.enum(PRESET_NAMES).optional().describe('A published size, such as SiT-B/2; the suffix is the patch.'),
    hiddenSize: count().optional().describe('Width D of a custom size: divisible by numHeads and by 4.'),
    depth: count().optional().describe('Blocks of a custom size.'),
    numHeads: count().optional().describe('Attention heads of a custom size.'),
    patchSize: count().optional().describe('Side of a patch of a custom size, in pixels or latent pixels.'),
    mlpRatio: z.number().positive().default(4).describe("Width of the MLP's hidden layer, in units of D."),
    qkNorm: z.boolean().default(false).describe('Layer norm on the queries and keys of every head.'),
    classes: count().optional().describe('Number of classes, when it is more than the data set has.'),
  })
  .superRefine((options, context) => {
    for (const message of sizeFaults(options)) context.addIssue({ code: 'custom', ...message });
  });

export type SitOptions = z.output<typeof sitOptions>;

interface Fault {
  readonly path: string[];
  readonly message: string;
}

function sizeFaults(options: { size?: string | undefined } & { [K in keyof SitSize]?: number | undefined }): Fault[] {
  const given = SIZE_KEYS.filter((key) => options[key] !== undefined);
  if (options.size !== undefined) {
    return given.map((key) => ({
      path: [key],
      message: `'${options.size}' already says ${key}: give one or the other`,
    }));
  }
  const absent = SIZE_KEYS.filter((key) => options[key] === undefined);
  if (absent.length > 0) {
    return [{ path: [absent[0]!], message: `a size is missing: give size: 'SiT-B/2', or also ${absent.join(', ')}` }];
  }
  const { hiddenSize, numHeads } = options as SitSize;
  return [
    { ok: hiddenSize % numHeads === 0, message: `hiddenSize ${hiddenSize} is not divisible by numHeads ${numHeads}` },
    { ok: hiddenSize % 4 === 0, message: `hiddenSize ${hiddenSize} is not divisible by 4, which positions need` },
  ].flatMap(({ ok, message }) => (ok ? [] : [{ path: ['hiddenSize'], message }]));
}

/**
 * The whole configuration: input shape and classes follow the data.
 * @throws HasteError TEACHER_MISMATCH when the patch does not divide the image.
 */
export function sitConfig(options: SitOptions, data: Pick<DataSpec, 'name' | 'image' | 'classes'>): SitConfig {
  const { size, mlpRatio, qkNorm, classes = data.classes.length } = options;
  const { hiddenSize, depth, numHeads, patchSize } = size ? SIT_PRESETS[size] : (options as SitSize);
  const { height, width } = data.image;
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new HasteError('TEACHER_MISMATCH', {
      what: `Patches of ${patchSize}×${patchSize} do not tile the ${height}×${width} images of ${data.name}.`,
      where: 'student.patchSize',
      fix: `Choose a patch that divides ${height} and ${width}, or let the data set resize its images.`,
    });
  }
  return { hiddenSize, depth, numHeads, patchSize, mlpRatio, qkNorm, input: data.image, classes };
}
