import { cpuBackend } from '@hastejs/backend-cpu';
import { featureAlignment } from '@hastejs/loss-feature';
import { type Params, type Tensor3D, linear, mapParams, normalTensor, rng, tf, valueAndGrads } from '@hastejs/tensor';

await (await cpuBackend.create({}, {})).activate();
const loss = await featureAlignment.create({ hidden: 32 }, {});
if (loss.reads !== 'tokens') throw new Error('a feature loss reads tokens');

// Somebody else's model: tokens of width 12. Somebody else's teacher: tokens of width 16 for the same 9 patches.
const images_BTD = normalTensor(rng(1), [4, 9, 6]) as Tensor3D;
const teacher_BTD = tf.tanh(linear(images_BTD, normalTensor(rng(2), [16, 6]))) as Tensor3D;
const shared = { blocks: 1, heads: 1, grid: { height: 3, width: 3 } };
const student = {
  ...shared,
  name: 'mine',
  width: 12,
  headDim: 12,
  input: { channels: 3, height: 6, width: 6 },
  classes: 0,
};
const teacher = { ...shared, name: 'theirs', width: 16, headDim: 16 };

let params: Params = { model: normalTensor(rng(3), [12, 6]), ...loss.init?.({ student, teacher }, rng(4)) };
for (let step = 0; step < 50; step++) {
  params = tf.tidy(() => {
    const aligned = () => ({ loss: loss.loss(linear(images_BTD, params['model']!) as Tensor3D, teacher_BTD, params) });
    const { loss: value, grads } = valueAndGrads(aligned, params);
    if (step % 49 === 0) console.log(`step ${step}: ${value.dataSync()[0]!.toFixed(3)}`); // −1 is perfect
    return mapParams(params, (tensor, name) => tf.sub(tensor, tf.mul(0.5, grads[name]!)));
  });
}
