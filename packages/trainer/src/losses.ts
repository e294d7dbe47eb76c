import { HasteError } from '@hastejs/plugin-api';
import type { StepResult } from './step.js';

/**
 * Brings the step's losses to the host under their public names: `loss/total`, `loss/denoise`, `align/<term>`,
 * `grad_norm`. The one point of a step where host and device wait for each other.
 * @param step number of completed steps, this one included.
 * @throws HasteError LOSS_NOT_FINITE naming the terms and the step.
 */
export async function readLosses({ names, losses_N }: StepResult, step: number): Promise<Record<string, number>> {
  const values = await losses_N.data();
  losses_N.dispose();
  const named = Object.fromEntries(names.map((name, index) => [publicName(name), values[index]!]));
  const wrong = Object.entries(named).filter(([, value]) => !Number.isFinite(value));
  if (wrong.length > 0) throw notFinite(wrong, step);
  return named;
}

function publicName(name: string): string {
  if (name === 'total' || name === 'denoise') return `loss/${name}`;
  return name === 'grad_norm' ? name : `align/${name}`;
}

function notFinite(wrong: readonly (readonly [string, number])[], step: number): HasteError {
  // The total and the gradient follow from the terms: name them only when no single term is at fault.
  const terms = wrong.filter(([name]) => name !== 'loss/total' && name !== 'grad_norm');
  const culprits = terms.length > 0 ? terms : wrong;
  return new HasteError('LOSS_NOT_FINITE', {
    what: `${culprits.map(([name, value]) => `${name} became ${value}`).join(', ')} in step ${step}.`,
    where: `step ${step}`,
    fix: 'Lower the learning rate or the weight of the term, or check its inputs. The last checkpoint is from before this step: haste resume goes on from it.',
  });
}
