import type { Json, JsonObject, Ref } from '@hastejs/plugin-api';

const LONGEST = 72;

/** A trigger in a few words: `ramp(at-most(step 120, plateau(metric align/feature, …)), steps 30)`; null is `never`. */
export function triggerName(until: Ref<'trigger'> | null): string {
  if (until === null) return 'never';
  const text = named(until.id, until.with);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function named(id: string, options: JsonObject): string {
  const words = Object.entries(options).map(([key, value]) => worded(key, value));
  return `${id.replace(/^trigger\//, '')}${words.length > 0 ? `(${words.join(', ')})` : ''}`;
}

/** Wrapped triggers speak for themselves; other options say what they are. */
function worded(key: string, value: Json): string {
  if (Array.isArray(value) && value.every(isRef))
    return (value as Ref[]).map((ref) => named(ref.id, ref.with)).join(', ');
  if (isRef(value)) return named((value as unknown as Ref).id, (value as unknown as Ref).with);
  return `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

const isRef = (value: unknown): boolean => typeof value === 'object' && value !== null && 'id' in value;
