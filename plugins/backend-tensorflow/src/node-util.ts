import util from 'node:util';

/** Helpers that Node 23 removed from its `util`, and that tfjs-node 4.22 calls in every op. */
const REMOVED = {
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  isArray: (value: unknown): boolean => Array.isArray(value),
};

/** Puts back what is missing, and leaves what is there. */
export function mendUtil(target: object = util): void {
  for (const [name, value] of Object.entries(REMOVED)) {
    if (name in target) continue;
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}
