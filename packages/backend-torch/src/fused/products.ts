import { cpus } from 'node:os';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';

/** a·b + bias: [M, K], [K, N], [N]. */
export type Product = (a: Handle, b: Handle, bias: Handle | null) => Handle;

/**
 * How float32 products are computed, as PyTorch names it. `highest`: in float32. `high`: where the processor has a matrix
 * unit for bfloat16 (AMX), as three products of bfloat16 summed in float32; elsewhere the same as `highest`.
 */
export type MatmulPrecision = 'highest' | 'high';

/** The fastest product of two float32 matrices on this machine. Decided once: the same machine gives the same bits. */
export function chooseProduct(torch: Torch, precision: MatmulPrecision): Product {
  if (torch.device === 'cpu' && precision === 'high' && usesMatrixUnit(torch)) {
    return torch.operator('haste::matmul');
  }
  const pointwise = 'mkldnn::_linear_pointwise';
  // libtorch multiplies by MKL, which is at half of its speed on processors that are not Intel's; oneDNN is not.
  if (torch.device === 'cpu' && !madeByIntel() && torch.has(pointwise)) return oneDnnProduct(torch, pointwise);
  return plainProduct(torch);
}

/** Whether `high` differs from `highest` here. */
export function usesMatrixUnit(torch: Torch): boolean {
  return torch.has('haste::amx_available') && torch.operator<boolean>('haste::amx_available')();
}

export function plainProduct(torch: Torch): Product {
  const mm = torch.operator('aten::mm');
  const addmm = torch.operator('aten::addmm');
  return (a, b, bias) => (bias === null ? mm(a, b) : addmm(bias, a, b));
}

function oneDnnProduct(torch: Torch, name: string): Product {
  const linear = torch.operator(name);
  const transpose = torch.operator('aten::t');
  return (a, b, bias) => {
    const rows = transpose(b);
    const product = linear(a, rows, bias, 'none', [], '');
    torch.dispose(rows);
    return product;
  };
}

function madeByIntel(): boolean {
  return /intel/i.test(cpus()[0]?.model ?? '');
}
