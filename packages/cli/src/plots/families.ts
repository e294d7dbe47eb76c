import { ERROR } from './points.js';

/** Values that belong into one panel: they differ in one part of their names. */
export interface Family {
  /** The name with a `*` where its members differ; of a value that stands alone, its whole name. */
  readonly title: string;
  readonly members: readonly { readonly name: string; readonly label: string }[];
  /** Whether the members are in an order, as layers and times are. */
  readonly ordered: boolean;
}

/** A part of a name that counts something: a block or a diffusion time. */
const COUNTING = /^(block|t)(\d+(?:\.\d+)?)$/;

/**
 * Groups values: those of all blocks, those of all times, else those with the same beginning. Standard errors are drawn with
 * the values that they are of.
 */
export function familiesOf(names: readonly string[]): Family[] {
  const known = new Set(names);
  const families = new Map<string, { name: string; label: string }[]>();
  for (const name of names) {
    if (name.endsWith(ERROR) && known.has(name.slice(0, -ERROR.length))) continue;
    const parts = name.split('/');
    const counting = parts.findIndex((part) => COUNTING.test(part));
    const place = counting === -1 ? parts.length - 1 : counting;
    const kind = COUNTING.exec(parts[place]!)?.[1] ?? '';
    const title = parts.with(place, `${kind}*`).join('/');
    const label = parts[place]!;
    families.set(title, [...(families.get(title) ?? []), { name, label }]);
  }
  return [...families].map(([title, members]) => {
    const ordered = members.every(({ label }) => COUNTING.test(label));
    const number = ({ label }: { label: string }) => Number(COUNTING.exec(label)?.[2]);
    const sorted = ordered ? members.toSorted((a, b) => number(a) - number(b)) : members;
    return { title: members.length === 1 ? members[0]!.name : title, members: sorted, ordered };
  });
}

/** Whether a name is one of those asked for, where `*` stands for anything. */
export function matches(name: string, patterns: readonly string[]): boolean {
  const escaped = patterns.map((pattern) => pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'));
  return escaped.some((pattern) => new RegExp(`^${pattern}$`).test(name));
}
