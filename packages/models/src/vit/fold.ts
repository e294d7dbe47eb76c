// D width.
import { type HostTensor, hostFloats } from '@hastejs/tensor';
import type { VitSpec } from './spec.js';

type HostTensors = Readonly<Record<string, HostTensor>>;

/**
 * LayerScale folded into the linear before it, γ·(W·x + b) = (γ·W)·x + γ·b, once for all passes of an encoder that is frozen: the
 * same model without LayerScale. The forward pass folds at every call, D² products a linear, so that γ, W and b can be
 * trained. Folded tensors are float32 and new, whatever the file's element type; all others are shared. A model without
 * LayerScale is handed back as it is.
 * @param tensors canonical names (see vitParameters), as ReadVit.assemble gives them.
 */
export function foldLayerScale(
  spec: VitSpec,
  tensors: HostTensors,
): { readonly spec: VitSpec; readonly tensors: HostTensors } {
  if (spec.layerScale === null) return { spec, tensors };
  const last = spec.feedForward.kind === 'mlp' ? 'mlp.fc2' : 'mlp.w3';
  const scales = new Map(
    Array.from({ length: spec.depth }, (_, block) => `blocks.${block}.`).flatMap((block) => [
      [`${block}attn.proj`, `${block}ls1.gamma`],
      [`${block}${last}`, `${block}ls2.gamma`],
    ]),
  );
  const gammas = new Set(scales.values());
  const folded = Object.entries(tensors).flatMap(([name, tensor]): [string, HostTensor][] => {
    if (gammas.has(name)) return [];
    const gamma = scales.get(name.slice(0, name.lastIndexOf('.')));
    return [[name, gamma === undefined ? tensor : scaleRows(tensor, hostFloats(tensors[gamma]!))]];
  });
  return { spec: { ...spec, layerScale: null }, tensors: Object.fromEntries(folded) };
}

/** Row i of [D, …] times gamma[i]. */
function scaleRows(tensor: HostTensor, gamma: Float32Array): HostTensor {
  const from = hostFloats(tensor);
  const size = from.length / gamma.length;
  const data = new Float32Array(from.length);
  for (const [row, factor] of gamma.entries()) {
    for (let i = row * size; i < (row + 1) * size; i++) data[i] = from[i]! * factor;
  }
  return { dtype: 'F32', shape: tensor.shape, data };
}
