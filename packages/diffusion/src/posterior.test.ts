import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { tf } from '@hastejs/tensor';
import { LATENT_SCALE, samplePosterior } from './posterior.js';

describeEachBackend('samples of a posterior', () => {
  // One image, two latent channels of two pixels: means 1, 2, 3, 4.
  const moments = (spread: number[]) => tf.tensor4d([1, 2, 3, 4, ...spread], [1, 4, 1, 2]);
  const noise = () => tf.tensor4d([1, -1, 2, 0.5], [1, 2, 1, 2]);

  it('are (mean + std·ε)·scale, from deviations or from log-variances', () => {
    const std = [0.5, 2, 1, 4];
    const expected = [1 + 0.5, 2 - 2, 3 + 2, 4 + 2].map((value) => value * LATENT_SCALE);
    const eps = noise();
    for (const [layout, spread] of [
      ['mean-std', std],
      ['mean-logvar', std.map((value) => 2 * Math.log(value))],
    ] as const) {
      const given = moments([...spread]);
      expectNoLeaks(() => {
        const z = samplePosterior(given, eps, layout);
        z.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
        return z;
      });
      given.dispose();
    }
    eps.dispose();
  });

  it('clamp log-variances to [−30, 20]', () => {
    tf.tidy(() => {
      const z = samplePosterior(moments([-1000, 1000, 0, 0]), noise(), 'mean-logvar', 1).dataSync();
      expect(z[0]).toBeCloseTo(1, 5);
      expect(z[1]! / -Math.exp(10)).toBeCloseTo(1, 3);
    });
  });
});
