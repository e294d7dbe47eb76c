// What every extension promises when it is created.
import { isHasteError } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../bench/bench.js';
import type { Refusal } from '../contract/case.js';
import { ContractFault, must } from '../contract/contract-fault.js';
import { count } from '../measure/words.js';

export const creationChecks = {
  'refuses bad options with an error that people can read': async (bench: Bench) => {
    for (const refusal of bench.contractCase.refuses ?? []) await expectRefusal(bench, refusal);
  },
} satisfies Record<string, (bench: Bench) => Promise<void>>;

const FIX =
  'Throw new HasteError(code, { what, where, fix }) of @hastejs/plugin-api from create(): what is wrong, where, and how to mend it.';

async function expectRefusal(bench: Bench, { options, says }: Refusal<unknown>): Promise<void> {
  const given = JSON.stringify(options);
  const before = tf.memory().numTensors;
  const error = await bench.create(options).then(
    () => null,
    (thrown: unknown) => thrown as Error,
  );
  const where = `create(${given})`;
  must(error !== null, {
    what: `It was created with options that it must refuse.`,
    where,
    fix: 'Check what the options name in create(), before the run begins.',
  });
  // Core wraps what is no HasteError and names the extension; the reason is the author's to explain.
  const bare = error.cause !== undefined && isHasteError(error, 'EXTENSION_FAILED') ? error.cause : null;
  if (bare !== null || !isHasteError(error)) {
    throw new ContractFault({ what: `It threw a bare ${nameOf(bare ?? error)}.`, where, fix: FIX, cause: error });
  }
  const lacks = (['what', 'where', 'fix'] as const).filter((part) => !error[part]?.trim());
  must(lacks.length === 0, {
    what: `Its error does not say ${lacks.join(' and ')}: ${error.message}`,
    where,
    fix: FIX,
  });
  const noise = /\[object |undefined|\bNaN\b|^\s+at /m.exec(`${error.what}\n${error.fix}`)?.[0];
  must(noise === undefined, {
    what: `Its error says ${JSON.stringify(noise)}, which is no word for people: ${error.message}`,
    where,
    fix: 'Name the value by what it is to the person who wrote the recipe.',
  });
  must(!says || says.test(error.message), {
    what: `Its error does not say ${says}: ${error.message}`,
    where,
    fix: 'Say it, or mend the case.',
  });
  must(tf.memory().numTensors <= before, {
    what: `A create() that was refused leaves ${count(tf.memory().numTensors - before, 'tensor')} behind.`,
    where,
    fix: 'Check options before tensors are made, or dispose of them where it throws.',
  });
}

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
