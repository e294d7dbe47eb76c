import { type BackendName, activateBackend, whereItRuns } from '#support/backends.js';
import { tf } from '@hastejs/tensor';
import { CHECKERS, NOT_COVERED, REQUIRED } from '../checkers/index.js';
import { goldenFolder } from './folder.js';
import { GoldenCase } from './golden-case.js';

interface SuiteOptions {
  /** Chooses the cases of one test file: Jest runs files, not tests, at the same time. */
  readonly belongs?: (name: string) => boolean;
  /** Options of the backend. */
  readonly options?: object;
}

/**
 * Declares one test for every golden case that is present, on one backend. A case of a required kind that no checker
 * understands fails; other kinds are skipped by name.
 */
export function goldenSuite(backend: BackendName, { belongs = () => true, options }: SuiteOptions = {}): void {
  const folder = goldenFolder();
  const cases = folder.cases.filter(belongs);
  describe(`golden vectors (${backend}${options ? ` ${JSON.stringify(options)}` : ''})`, () => {
    whereItRuns(backend, () => {
      beforeAll(async () => {
        await activateBackend(backend, options);
      });
      if (folder.absent) declareAbsent(folder.absent, folder.required);
      else if (cases.length === 0) it.skip(`no case of this file's kinds in ${folder.path}`, () => {});
      for (const name of cases) declareCase(folder.path, name, backend);
    });
  });
}

function declareAbsent(reason: string, required: boolean): void {
  const title = `golden vectors: ${reason}; set HASTE_GOLDEN_DIR to run them`;
  if (!required) return void it.skip(title, () => {});
  it(title, () => {
    throw new Error(`The golden vectors are required here, but ${reason}.`);
  });
}

function declareCase(folder: string, name: string, backend: BackendName): void {
  const kind = longestPrefix(Object.keys(CHECKERS), name);
  if (kind !== null) {
    it(name, () => runCase(folder, name, backend), 900_000);
  } else if (longestPrefix(REQUIRED, name) !== null) {
    it(name, () => {
      throw new Error(`No checker understands the case '${name}'.`);
    });
  } else {
    const reason = NOT_COVERED[longestPrefix(Object.keys(NOT_COVERED), name) ?? ''];
    it.skip(`${name}: ${reason ?? 'a kind that this suite does not know'}`, () => {});
  }
}

async function runCase(folder: string, name: string, backend: BackendName): Promise<void> {
  const golden = await GoldenCase.open(folder, name, backend);
  const before = tf.memory().numTensors;
  tf.engine().startScope();
  try {
    await CHECKERS[longestPrefix(Object.keys(CHECKERS), name)!]!(golden);
  } finally {
    tf.engine().endScope();
  }
  golden.finish();
  expect(tf.memory().numTensors).toBe(before);
}

function longestPrefix(prefixes: readonly string[], name: string): string | null {
  const fitting = prefixes.filter((prefix) => name.startsWith(prefix)).sort((a, b) => b.length - a.length);
  return fitting[0] ?? null;
}
