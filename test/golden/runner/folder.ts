import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What lies beside the cases: the list of the files, and a report about them. */
const NO_CASES = ['MANIFEST', 'crosscheck'];

/** The repository's root: golden files lie beside it unless HASTE_GOLDEN_DIR says otherwise. */
const ROOT = join(__dirname, '../../..');

export interface GoldenFolder {
  readonly path: string;
  /** Case names: every other JSON file, without its ending. */
  readonly cases: readonly string[];
  /** Why there are none to run. */
  readonly absent: string | null;
  /** Whether absence is a fault: on a build machine, or when the folder was asked for. */
  readonly required: boolean;
}

export function goldenFolder(): GoldenFolder {
  const asked = process.env['HASTE_GOLDEN_DIR'];
  const path = resolve(ROOT, asked ?? '../shared/golden');
  const required = asked !== undefined || process.env['CI'] === 'true';
  if (!existsSync(path)) return { path, cases: [], absent: `there is no folder ${path}`, required };
  const cases = readdirSync(path)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => !NO_CASES.includes(name))
    .sort();
  return { path, cases, absent: cases.length === 0 ? `there is no case in ${path}` : null, required };
}
