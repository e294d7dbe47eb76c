import { type ErrorCode, HasteError } from '@hastejs/plugin-api';

/** One of possibly many things wrong with a recipe or a plugin; all are shown together. */
export interface Fault {
  /** A recipe path (`student.with.depth`), or a plugin and extension. */
  readonly where: string;
  /** What is wrong and, where it is not plain, how to mend it: one or two sentences. */
  readonly what: string;
}

interface Summary {
  /** What the faults are in: "The recipe". */
  readonly subject: string;
  readonly fix: string;
}

/** One error for all faults, one line each. */
export function faultsError(code: ErrorCode, faults: readonly Fault[], { subject, fix }: Summary): HasteError {
  return new HasteError(code, {
    what: `${subject} ${faults.length === 1 ? 'has a fault' : `has ${faults.length} faults`}.`,
    where: faults.map(({ where, what }) => (where === '' ? what : `${where}: ${what}`)).join('\n'),
    fix,
  });
}

/** `['terms', 'a b', 0]` → `terms["a b"].0` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, segment) => {
    const name = String(segment);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
