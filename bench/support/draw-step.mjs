// The batch of a step, drawn as a run draws it. Always that of step 0, so that both sides train on one batch.
import { rng, tf } from '@hastejs/tensor';
import { drawBatch } from '@hastejs/trainer';

/** @param run of openCase. */
export async function drawStep({ recipe, dataset, student, rng, loader }, { photos }) {
  const { path, time, labelDropout, batchSize } = recipe;
  const draws = { image: dataset.spec.image, path, time, labelDropout, classes: student.spec.classes };
  const batch = drawBatch(draws, await loader.next(0), rng, 0);
  if (!photos) return batch;
  batch.images_BCHW.dispose();
  return { ...batch, images_BCHW: photosOf(batchSize, photos) };
}

let pixels;

/** RGB images of noise, [B, 3, side, side], put on the backend as a loader's are. */
function photosOf(batchSize, side) {
  pixels ??= Float32Array.from(
    rng(3)
      .stream('photos')
      .integers(batchSize * 3 * side * side, 256),
  );
  return tf.tensor4d(pixels, [batchSize, 3, side, side]);
}
