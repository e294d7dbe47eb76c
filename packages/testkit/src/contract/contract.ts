import type { Kind } from '@hastejs/plugin-api';

/** One thing that an extension must keep to. */
export interface ContractCheck {
  /** What is true when it passes: `gives exactly the taps that it is asked for`. */
  readonly name: string;
  /** Why it is not run; absent: it is. */
  readonly skipped?: string;
  /** In the contract of a whole plugin: the id of the extension that it is about. */
  readonly extension?: string;
  /** @throws ContractFault that says what the extension did, where, and how to mend it. */
  run(): Promise<void>;
}

/**
 * What a kind of extension promises, as a list of named checks. It knows nothing of a test runner: `describeContract` hands
 * it to one, `runContract` does without.
 */
export interface Contract {
  /** `plugin`: of a whole package. */
  readonly kind: Kind | 'plugin';
  /** The extension's id and, where it has one, the case's name; of a plugin, the package's name. */
  readonly id: string;
  readonly checks: readonly ContractCheck[];
}
