// One bar for a whole study. Its unit is a training step; drawing counts by the passes through the student that it takes.
import { nameOf } from './identity.mjs';
import { missingScores } from './scores.mjs';
import { SETTINGS } from './setting.mjs';
import { stateOf } from './study.mjs';

/** A step is a pass forward and about two backward; Heun evaluates twice a step, but for the last. */
const PASSES_A_STEP = 3;

export class Work {
  /** What is done already counts: a study that goes on begins where it was. */
  static async of(runs, options, progress) {
    const { batchSize, sampler } = SETTINGS[options.setting];
    const stepsAnImage = (2 * sampler - 1) / (PASSES_A_STEP * batchSize);
    let [done, total] = [0, 0];
    for (const run of runs) {
      const missing = (await missingScores(run, options)).reduce((sum, { images }) => sum + images, 0);
      const images = run.scored.length * options.along + options.samples;
      total += run.steps - run.begins + images * stepsAnImage;
      done += ((await stateOf(run))?.step ?? run.begins) - run.begins + (images - missing) * stepsAnImage;
    }
    return new Work(progress, done, total, stepsAnImage);
  }

  constructor(progress, done, total, stepsAnImage) {
    Object.assign(this, { progress, done, stepsAnImage, what: '', at: 0 });
    progress.start('effect', Math.round(done), Math.round(total));
  }

  begin(run, what) {
    this.what = `${nameOf(run)}: ${what}`;
    this.progress.newPace();
    this.at = null;
  }

  /** @param step of the run that is being trained */
  stepped(step) {
    if (this.at !== null) this.add(step - this.at);
    this.at = step;
  }

  drew(images) {
    this.add(images * this.stepsAnImage);
  }

  add(steps) {
    this.done += steps;
    this.progress.update(Math.round(this.done), [this.what]);
  }

  end() {
    this.progress.end();
  }
}
