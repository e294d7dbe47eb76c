import { describe } from './explain-issue.js';
import { formatPath } from './faults.js';

/** Deeper than any state is meant to be: it contains itself. */
const DEEPEST = 100;

/**
 * Why a value would come back from a checkpoint as another one, or null. What it costs is proportional to the value, at every
 * step: states are small.
 */
export function jsonFault(value: unknown, called: string): string | null {
  const fault = inJson(value, [], 0);
  if (fault === null) return null;
  const place = fault.path.length > 0 ? ` at ${formatPath(fault.path)}` : '';
  return `${called} must be plain JSON, and${place} is ${fault.is}`;
}

interface JsonFault {
  readonly path: readonly PropertyKey[];
  readonly is: string;
}

function inJson(value: unknown, path: readonly PropertyKey[], depth: number): JsonFault | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, is: String(value) };
  if (typeof value !== 'object') return { path, is: value === undefined ? 'undefined' : `a ${typeof value}` };
  if (depth > DEEPEST) return { path: path.slice(0, 1), is: 'an object that contains itself' };
  if (!Array.isArray(value) && !isPlain(value)) {
    return { path, is: `of the class ${value.constructor?.name ?? 'unknown'}` };
  }
  for (const [key, entry] of Object.entries(value)) {
    // JSON leaves such a member out, and reading it gives undefined again.
    if (entry === undefined && !Array.isArray(value)) continue;
    const fault = inJson(entry, [...path, key], depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** An object literal, of whatever realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export function decisionFault(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return `expected { state, … }, got ${describe(answer)}`;
  const { state, stop, weight } = answer as { state?: unknown; stop?: unknown; weight?: unknown };
  if (stop !== undefined && (typeof stop !== 'string' || stop.trim() === '')) {
    return `stop: expected one sentence for people, got ${describe(stop)}`;
  }
  if (weight !== undefined && !(typeof weight === 'number' && weight >= 0 && weight <= 1)) {
    return `weight: expected a factor from 0 to 1, got ${describe(weight)}`;
  }
  return jsonFault(state, 'its state');
}
