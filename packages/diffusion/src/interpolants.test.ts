// B batch, C channels, H height, W width.
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import { type Tensor4D, tf } from '@hastejs/tensor';
import { type InterpolantName, interpolate, pathCoefficients } from './interpolants.js';

const PATHS: InterpolantName[] = ['linear', 'cosine'];
const TIMES = [0, 0.1, 0.5, 0.93, 1];

describe.each(PATHS)('the %s path', (path) => {
  it('goes from data to noise', () => {
    const [start, end] = [pathCoefficients(path, 0), pathCoefficients(path, 1)];
    [start.alpha, end.sigma].forEach((value) => expect(value).toBeCloseTo(1, 12));
    [start.sigma, end.alpha].forEach((value) => expect(value).toBeCloseTo(0, 12));
  });

  it.each(TIMES)('has the derivatives of its coefficients at %p', (t) => {
    const [h, at] = [1e-6, pathCoefficients(path, t)];
    const [above, below] = [pathCoefficients(path, t + h), pathCoefficients(path, t - h)];
    expect(at.dAlpha).toBeCloseTo((above.alpha - below.alpha) / (2 * h), 6);
    expect(at.dSigma).toBeCloseTo((above.sigma - below.sigma) / (2 * h), 6);
  });
});

describeEachBackend('interpolate', () => {
  it.each(PATHS)('mixes every image at its own time, with its velocity: %s', (path) => {
    const shape = [TIMES.length, 2, 3, 1];
    const [x0, noise] = [randomInput('x0', shape) as Tensor4D, randomInput('noise', shape) as Tensor4D];
    const t_B = tf.tensor1d(TIMES);
    expectNoLeaks(() => {
      const { x_BCHW, target_BCHW } = interpolate(path, x0, noise, t_B);
      const [x, v, data, eps] = [x_BCHW, target_BCHW, x0, noise].map((tensor) => tensor.dataSync());
      data!.forEach((value, i) => {
        const { alpha, sigma, dAlpha, dSigma } = pathCoefficients(path, TIMES[Math.floor(i / 6)]!);
        expect(x![i]).toBeCloseTo(alpha * value + sigma * eps![i]!, 5);
        expect(v![i]).toBeCloseTo(dAlpha * value + dSigma * eps![i]!, 5);
      });
      return [x_BCHW, target_BCHW];
    });
    tf.dispose([x0, noise, t_B]);
  });
});
