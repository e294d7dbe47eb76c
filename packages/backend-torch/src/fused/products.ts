import { cpus } from 'node:os';
import type { Torch } from '../torch.js';

/**
 * How float32 products are computed, as PyTorch names it. `highest`: in float32. `high`: where the processor has a matrix
 * unit for bfloat16 (AMX), as three products of bfloat16 summed in float32; elsewhere the same as `highest`.
 */
export type MatmulPrecision = 'highest' | 'high';

/** Which product the addon uses for float32 (native/products.h). */
export const PRODUCT = { plain: 0, oneDnn: 1, matrixUnit: 2 } as const;
export type Product = (typeof PRODUCT)[keyof typeof PRODUCT];

/** The fastest product of two float32 matrices on this machine. Decided once: the same machine gives the same bits. */
export function chooseProduct(torch: Torch, precision: MatmulPrecision): Product {
  if (torch.device !== 'cpu') return PRODUCT.plain;
  if (precision === 'high' && usesMatrixUnit(torch)) return PRODUCT.matrixUnit;
  // libtorch multiplies by MKL, which is at half of its speed on processors that are not Intel's; oneDNN is not.
  return madeByIntel() ? PRODUCT.plain : PRODUCT.oneDnn;
}

/** Whether `high` differs from `highest` here. */
export function usesMatrixUnit(torch: Torch): boolean {
  return torch.device === 'cpu' && torch.operator<boolean>('haste::amx_available')();
}

function madeByIntel(): boolean {
  return /intel/i.test(cpus()[0]?.model ?? '');
}
