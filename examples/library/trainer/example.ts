import { cpuBackend } from '@hastejs/backend-cpu';
import { makeSit } from '@hastejs/models';
import { rng } from '@hastejs/tensor';
import { adamw, begin, drawBatch, readLosses, trainStep } from '@hastejs/trainer';

await (await cpuBackend.create({}, {})).activate();
const image = { channels: 1, height: 8, width: 8 };
const size = { hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false };
const student = makeSit({ ...size, input: image, classes: 2 });
const optimizer = await adamw.create(adamw.options.parse({ lr: 1e-3 }), {});

// Half of the images are dark and half are light. `null`: no alignment, and nothing that would end it.
const labels_B = Int32Array.from({ length: 8 }, (_, i) => i % 2);
const images_BCHW = Uint8Array.from({ length: 8 * 64 }, (_, i) => labels_B[Math.floor(i / 64)]! * 255);
const draw = { image, path: 'linear', time: 'uniform', labelDropout: 0.1, classes: 2 } as const;
const step = { student, path: 'linear', optimizer, gradientClip: 1, emaDecay: 0.99 } as const;
let { weights } = begin(student, optimizer, null, null, rng(0));
for (let i = 0; i < 20; i++) {
  const result = trainStep(step, weights, drawBatch(draw, { images_BCHW, labels_B }, rng(0), i), null, i);
  weights = result.weights;
  const { 'loss/denoise': loss } = await readLosses(result, i);
  if (i % 19 === 0) console.log(`step ${i}: ${loss?.toFixed(2)}`);
}
