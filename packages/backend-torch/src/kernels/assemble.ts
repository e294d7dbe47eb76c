import { type TensorInfo, tf } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { scoped, share } from './scope.js';

interface X {
  readonly x: TensorInfo;
}

type Paddings = readonly (readonly [before: number, after: number])[];

/** Kernels that put tensors together, repeat, pad and turn them round. */
export const assembleKernels: KernelSet = (torch) => {
  const concat = torch.operator('aten::cat');
  const stack = torch.operator('aten::stack');
  const pad = torch.operator('aten::constant_pad_nd');
  const flip = torch.operator('aten::flip');
  return {
    Concat: (inputs: readonly TensorInfo[], { axis }: { axis: number }) =>
      torch.info(
        concat(
          inputs.map((input) => torch.handle(input)),
          axis,
        ),
      ),
    Pack: (inputs: readonly TensorInfo[], { axis }: { axis: number }) => {
      const handles = inputs.map((input) => {
        if (input.dtype !== inputs[0]!.dtype) throw new Error('All tensors passed to stack must have matching dtypes');
        return torch.handle(input);
      });
      return torch.info(stack(handles, axis));
    },
    PadV2: ({ x }: X, { paddings, constantValue }: { paddings: Paddings; constantValue: number }) =>
      torch.info(pad(torch.handle(x), lastAxisFirst(paddings), constantValue)),
    MirrorPad: mirrorPad(torch),
    // dims may be left out: all of them.
    Reverse: ({ x }: X, { dims }: { dims: number | number[] }) =>
      torch.info(flip(torch.handle(x), tf.util.parseAxisParam(dims, x.shape))),
    FlipLeftRight: ({ image }: { image: TensorInfo }) => torch.info(flip(torch.handle(image), [2])),
    Tile: tile(torch),
  };
};

export function lastAxisFirst(paddings: Paddings): number[] {
  return paddings.toReversed().flat();
}

/** Tiles what has one element along an axis by a view of stride 0: broadcastTo is such a Tile, and copies nothing. */
function tile(torch: Torch): Kernel {
  const repeat = torch.operator('aten::tile');
  const expand = torch.operator('aten::expand');
  return ({ x }: X, { reps }: { reps: readonly number[] }) => {
    const { shape } = x;
    const isBroadcast = reps.length === shape.length && reps.every((count, axis) => count === 1 || shape[axis] === 1);
    if (!isBroadcast) return torch.info(repeat(torch.handle(x), reps));
    const wide = reps.map((count, axis) => count * shape[axis]!);
    return torch.info(expand(torch.handle(x), wide));
  };
}

/** Reflections along any axes, as a selection of indices along each: libtorch's own pads take the last ones only. */
function mirrorPad(torch: Torch): Kernel {
  const select = torch.operator('aten::index_select');
  return ({ x }: X, { paddings, mode }: { paddings: Paddings; mode: 'reflect' | 'symmetric' }) => {
    if (paddings.every(([before, after]) => before + after === 0)) return share(torch, x);
    return scoped(torch, (own) => {
      let padded: Handle | null = null;
      paddings.forEach(([before, after], axis) => {
        if (before + after === 0) return;
        const sources = mirrored(x.shape[axis]!, before, after, mode === 'symmetric');
        const indices = own(torch.addon.create(sources, [sources.length], DTYPE.int32, torch.device));
        padded = select(padded === null ? torch.handle(x) : own(padded), axis, indices);
      });
      return torch.info(padded!);
    });
  };
}

/** Which index each place of a mirrored axis shows; `symmetric` repeats the border. */
function mirrored(size: number, before: number, after: number, symmetric: boolean): Int32Array {
  const repeated = symmetric ? 1 : 0;
  return Int32Array.from({ length: before + size + after }, (_, i) => {
    const place = i - before;
    if (place < 0) return -place - repeated;
    return place < size ? place : 2 * (size - 1) - place + repeated;
  });
}
