// B batch, T patch tokens, D width, H heads, d head size.
import { type TapValues, type Taps, type TeacherSpec, gridTokens } from '@hastejs/plugin-api';
import type { Tensor } from '@hastejs/tensor';
import { must } from '../../contract/contract-fault.js';
import { formatShape, isFiniteTensor, sameShape } from '../../measure/tensors.js';

type ModelSpec = Pick<TeacherSpec, 'blocks' | 'width' | 'heads' | 'headDim' | 'grid'> & Pick<TeacherSpec, 'offers'>;

/** A few taps that a model can give: first and last block, and the final tokens of a teacher. */
export function someTaps({ blocks, offers }: ModelSpec, final: boolean): Taps {
  if (offers) return { tokens: offers.tokens.slice(0, 3), attention: offers.attention.slice(0, 2) };
  const ends = [...new Set([0, blocks - 1])];
  return { tokens: final ? [...ends, 'final'] : ends, attention: ends };
}

/** The tensors of taps with what to call them. */
export function namedTensors(values: TapValues): readonly (readonly [name: string, tensor: Tensor])[] {
  return [
    ...[...values.tokens].map(
      ([site, tensor]) => [site === 'final' ? 'final tokens' : `tokens of block ${site}`, tensor] as const,
    ),
    ...[...values.attention].flatMap(([block, { q_BHTd, k_BHTd }]) => [
      [`queries of block ${block}`, q_BHTd] as const,
      [`keys of block ${block}`, k_BHTd] as const,
    ]),
  ];
}

/** @throws ContractFault unless exactly the taps asked for are there. */
export function mustBeAsked(values: TapValues, taps: Taps, where: string): void {
  for (const part of ['tokens', 'attention'] as const) {
    const [given, asked]: [unknown[], readonly unknown[]] = [[...values[part].keys()], taps[part]];
    const missing = asked.filter((site) => !given.includes(site));
    const extra = given.filter((site) => !asked.includes(site));
    must(missing.length + extra.length === 0, () => ({
      what: `Asked for ${part} of ${list(asked)}, it gave ${list(given)}.`,
      where,
      fix: 'Answer every tap that is asked for, and no other: what nobody takes costs memory.',
    }));
  }
}

const list = (sites: readonly unknown[]): string => (sites.length === 0 ? 'nothing' : sites.join(', '));

/** @throws ContractFault unless taps are finite float32 of the shapes that the spec declares. */
export function mustFitSpec(values: TapValues, spec: ModelSpec, B: number, where: string): void {
  const T = gridTokens(spec.grid);
  for (const [name, tensor] of namedTensors(values)) {
    const isTokens = name.includes('tokens');
    const declared = isTokens ? [B, T, spec.width] : [B, spec.heads, T, spec.headDim];
    const axes = isTokens ? '[B, T, D]' : '[B, H, T, d]';
    must(sameShape(tensor.shape, declared) && tensor.dtype === 'float32', {
      what: `The ${name} are ${tensor.dtype} ${formatShape(tensor.shape)}; the spec declares float32 ${formatShape(declared)}, ${axes}.`,
      where,
      fix: 'Give patch tokens only (no class or register tokens), row-major over spec.grid, or declare what you give.',
    });
    must(isFiniteTensor(tensor), {
      what: `The ${name} hold NaN or infinite numbers.`,
      where,
      fix: 'Check divisions and square roots of zero; pixels come in [0, 255].',
    });
  }
}
