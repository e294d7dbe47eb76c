export interface FaultDetails {
  /** What the extension did, with numbers and names. */
  readonly what: string;
  /** The call: `encode()`, `create()`. */
  readonly where?: string;
  /** How to mend it. */
  readonly fix: string;
  readonly cause?: unknown;
}

/** An extension does not keep its contract: what it did, where, and how to mend it. */
export class ContractFault extends Error {
  override readonly name = 'ContractFault';
  readonly what: string;
  readonly fix: string;

  constructor({ what, where, fix, cause }: FaultDetails) {
    const place = where ? `\n  where: ${where}` : '';
    super(`${what}${place}\n  fix:   ${fix}`, cause === undefined ? undefined : { cause });
    this.what = what;
    this.fix = fix;
  }
}

/** Throws a {@link ContractFault} unless `holds`. */
export function must(holds: boolean, details: FaultDetails | (() => FaultDetails)): asserts holds {
  if (holds) return;
  throw new ContractFault(typeof details === 'function' ? details() : details);
}
