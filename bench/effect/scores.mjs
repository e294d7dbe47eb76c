// scores.json of a run's folder: { how, along: { step: score }, final }.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../support/errors.mjs';
import { nameOf } from './identity.mjs';
import { readJson, writeJson } from './record.mjs';
import { checkpointOf } from './study.mjs';

/** What the person stopped; not a fault. */
export class Interrupted extends Error {}

export const readScores = (folder) => readJson(join(folder, 'scores.json'));

/** By what samples are judged: scores of other judges are not comparable. */
export async function judgeOf({ along, samples }, evaluator, classifierPath) {
  const { name, accuracy, moments } = evaluator.reference;
  return {
    along,
    samples,
    classifier: createHash('sha256')
      .update(await readFile(classifierPath))
      .digest('hex')
      .slice(0, 16),
    reference: { name, images: moments.count, accuracy },
  };
}

/** Scores that a run lacks: [step, images], the last one with many. */
export async function missingScores({ folder, scored, steps }, { along, samples }) {
  const known = await readScores(folder);
  const missing = scored.filter((step) => !known?.along[step]).map((step) => ({ step, images: along, kind: 'along' }));
  return known?.final ? missing : [...missing, { step: steps, images: samples, kind: 'final' }];
}

/**
 * Scores what a trained run lacks, and removes checkpoints that nobody needs any more: a study has hundreds.
 * @param evaluator made when it is needed: it looks at 10,000 images first
 * @param onImages called with the number of images drawn since the last call
 */
export async function scoreRun(run, options, how, evaluator, { signal, onImages, keep }) {
  for (const { step, images, kind } of await missingScores(run, options)) {
    const checkpoint = checkpointOf(run.folder, step);
    if (!existsSync(checkpoint)) {
      throw new BenchError(
        `${nameOf(run)} has no checkpoint of step ${step} to score. Remove ${run.folder} to train it again.`,
      );
    }
    const known = (await readScores(run.folder)) ?? { how, along: {}, final: null };
    const score = await evaluator.score(checkpoint, {
      samples: images,
      onProgress: progressOf(images, signal, onImages),
    });
    const next = kind === 'final' ? { ...known, final: score } : { ...known, along: { ...known.along, [step]: score } };
    await writeJson(join(run.folder, 'scores.json'), next);
    if (kind === 'along' && !keep.includes(step)) await rm(checkpoint, { recursive: true, force: true });
  }
}

function progressOf(images, signal, onImages) {
  let seen = 0;
  return (done, total) => {
    if (signal.aborted) throw new Interrupted();
    const drawn = (images * done) / total;
    onImages(drawn - seen);
    seen = drawn;
  };
}
