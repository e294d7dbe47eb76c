// Spatial axes only, in order (height, width, or depth, height, width).
import { tf } from '@hastejs/tensor';

type Sizes = number | readonly number[];

/** What a convolution or a pooling reads for each place of its output, in the terms of libtorch. */
export interface Window {
  readonly sizes: readonly number[];
  readonly out: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** The same before and after an axis: all that libtorch's operators pad by themselves. */
  readonly padding: readonly number[];
  /** Padding that must be there before the operator runs, because it differs at the two ends; else null. */
  readonly border: readonly (readonly [before: number, after: number])[] | null;
}

export interface WindowAttrs {
  readonly strides: Sizes;
  readonly pad: unknown;
  readonly dilations?: Sizes | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

const first = (format: string | undefined): 'channelsFirst' | 'channelsLast' =>
  format === 'NCHW' || format === 'NCDHW' ? 'channelsFirst' : 'channelsLast';

export function convWindow(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat }: WindowAttrs,
  depthwise = false,
): Window {
  const given = [inShape, filterShape, strides, dilations ?? 1, pad] as never[];
  const { computeConv2DInfo, computeConv3DInfo } = tf.backend_util as unknown as Record<string, Compute>;
  return inShape.length === 4
    ? windowOf(computeConv2DInfo!(...given, dimRoundingMode, depthwise, first(dataFormat)))
    : windowOf(computeConv3DInfo!(...given, depthwise, first(dataFormat), dimRoundingMode));
}

export function poolWindow(
  inShape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: WindowAttrs & { readonly filterSize: Sizes },
): Window {
  const given = [inShape, filterSize, strides, 1, pad, dimRoundingMode] as never[];
  const { computePool2DInfo, computePool3DInfo } = tf.backend_util as unknown as Record<string, Compute>;
  return windowOf(inShape.length === 4 ? computePool2DInfo!(...given) : computePool3DInfo!(...given));
}

/** Conv2DInfo and Conv3DInfo of TensorFlow.js name each number after its axis: `inHeight`, `strideWidth`, … */
type Info = Readonly<Record<string, unknown>> & {
  readonly inShape: readonly number[];
  readonly padInfo: Readonly<Record<'front' | 'top' | 'left', number>>;
};
type Compute = (...args: unknown[]) => Info;

function windowOf(info: Info): Window {
  const axes = info.inShape.length === 4 ? ['Height', 'Width'] : ['Depth', 'Height', 'Width'];
  const each = (name: string): number[] => axes.map((axis) => info[`${name}${axis}`] as number);
  const { front, top, left } = info.padInfo;
  const before = axes.length === 2 ? [top, left] : [front, top, left];
  const [sizes, kernel, out] = [each('in'), each('filter'), each('out')];
  const [stride, dilation] = [each('stride'), each('dilation')];

  const reach = kernel.map((size, axis) => (size - 1) * dilation[axis]! + 1);
  const even = before.every((pad, axis) => {
    const places = Math.floor((sizes[axis]! + 2 * pad - reach[axis]!) / stride[axis]!) + 1;
    return places === out[axis] && pad <= kernel[axis]! / 2;
  });
  if (even) return { sizes, kernel, stride, dilation, padding: before, border: null, out };
  const border = before.map((pad, axis) => {
    const needed = (out[axis]! - 1) * stride[axis]! + reach[axis]!;
    return [pad, Math.max(0, needed - sizes[axis]! - pad)] as const;
  });
  return { sizes, kernel, stride, dilation, padding: before.map(() => 0), border, out };
}
