import type { RunLog } from '@hastejs/trainer';
import type { Point } from './curve.js';

/** A value's standard error is logged beside it under this name. */
export const ERROR = '/error';

/** All values that a log has, in the order of their first appearance. */
export const namesOf = ({ steps }: RunLog): string[] => [
  ...new Set([...steps.values()].flatMap((values) => Object.keys(values))),
];

/** A value over the steps at which it is a number, with its standard error where that was logged. */
export function pointsOf({ steps }: RunLog, name: string): Point[] {
  return [...steps].flatMap(([x, values]) => {
    const [y, error] = [values[name], values[`${name}${ERROR}`]];
    if (y === undefined || !Number.isFinite(y)) return [];
    return [error !== undefined && Number.isFinite(error) ? { x, y, error } : { x, y }];
  });
}
