// A training inside the bench's own process: the run's own steps, one at a time, timed.
import { Loader } from '@hastejs/data';
import { rng as makeRng, tf } from '@hastejs/tensor';
import { Stepper, batchSource, begin, disposeBatch, drawBatch, retire } from '@hastejs/trainer';

/**
 * @param alignment of this training alone; null for plain SiT training.
 * @returns steps in ms, and what takes one, as a run does it: with what was read ahead.
 */
export function training(backend, recipe, { dataset, student, optimizer, trigger }, alignment) {
  const rng = makeRng(recipe.seed);
  const loader = new Loader(batchSource(dataset, alignment), recipe.batchSize, rng);
  const { path, time, labelDropout, gradientClip } = recipe;
  const draws = { image: dataset.spec.image, path, time, labelDropout, classes: student.spec.classes };
  const steps = { student, path, optimizer, gradientClip, emaDecay: recipe.ema.decay };
  const stepper = new Stepper(steps, backend);
  let { weights } = begin(student, optimizer, alignment, trigger, rng);
  let index = 0;
  const times = [];
  return {
    times,
    /** @returns the step's losses. */
    async step() {
      const started = performance.now();
      const batch = drawBatch(draws, await loader.next(index), rng, index);
      const result = stepper.step(weights, batch, alignment, index);
      const losses = await result.losses_N.data();
      disposeBatch(batch);
      result.losses_N.dispose();
      weights = result.weights;
      times.push(performance.now() - started);
      index++;
      return losses;
    },
    /** @returns the bytes that letting go gave back. */
    async letGo() {
      const before = tf.memory().numBytes;
      await alignment.close();
      weights = retire(weights, alignment);
      alignment = null;
      times.length = 0;
      return before - tf.memory().numBytes;
    },
  };
}
