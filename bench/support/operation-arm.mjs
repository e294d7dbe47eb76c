// node operation-arm.mjs SETTINGS: what an operator costs that has nothing to compute. A step is 1,000 of them.
import { tf } from '@hastejs/tensor';
import { openHost } from './open-case.mjs';
import { serve } from './serve.mjs';

const OPERATIONS = 1000;

await serve(async () => {
  const { backend: name, ...options } = JSON.parse(process.argv[2]);
  const { backend } = await openHost(name, options);
  const [one, zero] = [tf.scalar(1), tf.scalar(0)];
  const { device, version } = await backend.probe();
  return {
    about: `${backend.name} ${version}, ${device}`,
    /** Each add takes the last one's result and frees it: what is read at the end went through all of them. */
    async step() {
      let sum = zero.clone();
      for (let i = 0; i < OPERATIONS; i++) {
        const next = tf.add(sum, one);
        sum.dispose();
        sum = next;
      }
      const [value] = await sum.data();
      sum.dispose();
      return { sum: value };
    },
  };
});
