import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { type Own, asDtype, scoped } from './scope.js';
import { type Sample, type SampleAttrs, type Samples, bilinear, nearest } from './samples.js';

/** Images NHWC. */
const HEIGHT = 1;
const WIDTH = 2;

interface ResizeAttrs extends SampleAttrs {
  readonly size: readonly [height: number, width: number];
}

/**
 * Resizing, one axis after the other: libtorch knows only two of the three conventions of TensorFlow.js, so each axis is a
 * selection of what lies below and above each place, and a blend. The gradients are the transposes of just that.
 */
export const resizeKernels: KernelSet = (torch) => ({
  ResizeBilinear: resize(torch, bilinear),
  ResizeBilinearGrad: gradient(torch, bilinear),
  ResizeNearestNeighbor: resize(torch, nearest),
  ResizeNearestNeighborGrad: gradient(torch, nearest),
});

function resize(torch: Torch, sample: Sample): Kernel {
  const alongAxis = sampler(torch);
  return ({ images }: { images: TensorInfo }, attrs: ResizeAttrs) =>
    scoped(torch, (own) => {
      const values = sample === bilinear ? asDtype(torch, images, 'float32', own) : torch.handle(images);
      const tall = own(alongAxis(values, HEIGHT, sample(images.shape[HEIGHT]!, attrs.size[0], attrs), own));
      return torch.info(alongAxis(tall, WIDTH, sample(images.shape[WIDTH]!, attrs.size[1], attrs), own));
    });
}

function gradient(torch: Torch, sample: Sample): Kernel {
  const alongAxis = scatterer(torch);
  return ({ images, dy }: Record<'images' | 'dy', TensorInfo>, attrs: SampleAttrs) =>
    scoped(torch, (own) => {
      const [N, H, W, C] = images.shape as [number, number, number, number];
      const [, h, w] = dy.shape as [number, number, number];
      const tall = own(alongAxis(torch.handle(dy), WIDTH, sample(W, w, attrs), [N, h, W, C], own));
      return torch.info(alongAxis(tall, HEIGHT, sample(H, h, attrs), [N, H, W, C], own));
    });
}

/** Makes x[…, place, …] ↦ a blend of two places, or one place. */
function sampler(torch: Torch) {
  const select = torch.operator('aten::index_select');
  const blend = torch.operator('aten::lerp', 'Tensor');
  const constants = uploader(torch);
  return (x: Handle, axis: number, samples: Samples, own: Own): Handle => {
    const { below, above, share } = constants(samples, axis, own);
    if (above === null || share === null) return select(x, axis, below);
    return blend(own(select(x, axis, below)), own(select(x, axis, above)), share);
  };
}

/** Makes its transpose: gradients go where the values came from. */
function scatterer(torch: Torch) {
  const zeros = torch.operator('aten::new_zeros');
  const add = torch.operator('aten::index_add_');
  const multiply = torch.operator('aten::mul', 'Tensor');
  const subtract = torch.operator('aten::sub', 'Tensor');
  const constants = uploader(torch);
  return (dy: Handle, axis: number, samples: Samples, shape: readonly number[], own: Own): Handle => {
    const { below, above, share } = constants(samples, axis, own);
    const dx = own(zeros(dy, shape));
    if (above === null || share === null) return add(dx, axis, below, dy);
    const toAbove = own(multiply(dy, share));
    own(add(dx, axis, above, toAbove));
    return add(dx, axis, below, own(subtract(dy, toAbove)));
  };
}

function uploader(torch: Torch) {
  const { addon, device } = torch;
  return ({ below, above, share }: Samples, axis: number, own: Own) => {
    const length = below.length;
    const places = (list: Int32Array): Handle => own(addon.create(list, [length], DTYPE.int32, device));
    // Broadcasts along the axes that follow.
    const shares = (list: Float32Array): Handle =>
      own(addon.create(list, axis === HEIGHT ? [length, 1, 1] : [length, 1], DTYPE.float32, device));
    return { below: places(below), above: above && places(above), share: share && shares(share) };
  };
}
