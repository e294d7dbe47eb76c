import { type Backend, HasteError, type Precision } from '@hastejs/plugin-api';

/** Runs something synchronous in a run's precision. */
export type Compute = <T>(f: () => T) => T;

/** Computes as the backend does by itself: in float32. */
export const inFloat32: Compute = (f) => f();

/**
 * A run's precision on its backend.
 * @throws HasteError BACKEND_UNAVAILABLE when the backend cannot compute in it.
 */
export function computeIn(backend: Backend, precision: Precision): Compute {
  if (backend.precisions?.includes(precision) && backend.compute) return (f) => backend.compute!(precision, f);
  if (precision === 'float32') return inFloat32;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The backend ${backend.name} computes in ${(backend.precisions ?? ['float32']).join(' or ')}, not in ${precision}.`,
    where: 'precision',
    fix: 'Leave precision out of the recipe, or use a backend that can, such as torch.',
  });
}
