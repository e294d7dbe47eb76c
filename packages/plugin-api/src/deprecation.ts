import type { z } from 'zod';

/** That something will go, and what takes its place. */
export interface Deprecation {
  /** The first version of its plugin that says so. */
  readonly since: string;
  /** What to write instead: the id of an extension, the name of an option, or a few words. */
  readonly use: string;
  /** The version in which it will be gone, where that is known. */
  readonly until?: string;
}

/** The key under which the JSON Schema of an option holds its {@link Deprecation}. */
export const DEPRECATION_MARK = 'hasteDeprecation';

/**
 * Marks an option that will go. It works as before; a recipe that sets it to something else than its default is told once
 * what to write instead, and so are `haste plugins`, option tables and editors. Extensions are marked by `deprecated` in
 * their `define<Kind>`.
 * @param schema an option that may be left out: what must be written cannot be replaced by something else.
 * @returns a copy of the schema; descriptions and defaults stay.
 */
export function deprecated<S extends z.ZodType>(schema: S, deprecation: Deprecation): S {
  return schema.meta({ ...schema.meta(), deprecated: true, [DEPRECATION_MARK]: deprecation }) as S;
}

/** `deprecated since 1.2.0: use loss/relation (it goes in 2.0.0)` */
export function deprecationText({ since, use, until }: Deprecation): string {
  return `deprecated since ${since}: use ${use}${until === undefined ? '' : ` (it goes in ${until})`}`;
}
