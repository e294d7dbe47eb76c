import type { DataSpec, Plugin, RefInput, StudentSpec } from '@hastejs/plugin-api';

/** Options that the schema accepts and `create` must refuse: a file that is not there, a block that nobody has. */
export interface Refusal<O> {
  readonly options: O;
  /** What the error must say somewhere. */
  readonly says?: RegExp;
}

/**
 * One way to use an extension.
 * @typeParam O options as people write them, @typeParam C names of the contract's checks.
 */
export interface ContractCase<O = Readonly<Record<string, unknown>>, C extends string = string> {
  /** Tells it from other cases of the same extension. */
  readonly name?: string;
  /** Default: none. */
  readonly options?: O;
  /** Where relative paths of the options start; default: the working directory. */
  readonly files?: string;
  /** Plugins with extensions that the options name. */
  readonly plugins?: readonly Plugin[];
  /** What the checks compute on; its plugin is in `plugins`. Default: `backend/cpu`, which is always there. */
  readonly backend?: RefInput<'backend'>;
  /** What `Services.data` says; default: of the made-up data, 24 images of 3×8×12. */
  readonly data?: Partial<DataSpec>;
  /** What `Services.student` says; default: of the fake student, 3 blocks of width 16 on 2×3 tokens. */
  readonly student?: Partial<StudentSpec>;
  /** Options that it must refuse with an error that people can read. */
  readonly refuses?: readonly Refusal<O>[];
  /** Checks left out, each with the reason. */
  readonly skip?: { readonly [N in C]?: string };
}
