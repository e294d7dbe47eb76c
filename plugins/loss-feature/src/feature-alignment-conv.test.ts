// B batch, T tokens = h×w, D width, O and I outputs and inputs, k side of the kernel.
import type { AlignmentSpecs, StudentSpec, TokenAlignmentLoss } from '@hastejs/plugin-api';
import { type Params, type Tensor3D, rng, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { featureAlignmentConv } from './index.js';

const [B, I, O, HEIGHT, WIDTH] = [2, 3, 4, 2, 3];
const student = { width: I, grid: { height: HEIGHT, width: WIDTH } } as StudentSpec;
const specs = { student, teacher: { width: O } } as AlignmentSpecs;
const create = (kernel = 3) => featureAlignmentConv.create({ kernel }, { student }) as TokenAlignmentLoss;
const inputs = (k: number): Params => ({
  h: randomInput('h', [B, HEIGHT * WIDTH, I]),
  weight: randomInput('weight', [O, I, k, k]),
  bias: randomInput('bias', [O]),
});

/** A convolution with zeros around it, in float64 and in loops: [B, T, O] flat. */
function convolution({ h, weight, bias }: Values, k: number): number[] {
  const reach = (k - 1) / 2;
  const at = (b: number, row: number, column: number, i: number) =>
    row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH ? 0 : h![((b * HEIGHT + row) * WIDTH + column) * I + i]!;
  const out: number[] = [];
  for (let b = 0; b < B; b++) {
    for (let row = 0; row < HEIGHT; row++) {
      for (let column = 0; column < WIDTH; column++) {
        for (let o = 0; o < O; o++) {
          let sum = bias![o]!;
          for (let i = 0; i < I; i++) {
            for (let y = 0; y < k; y++) {
              for (let x = 0; x < k; x++) {
                sum += weight![((o * I + i) * k + y) * k + x]! * at(b, row + y - reach, column + x - reach, i);
              }
            }
          }
          out.push(sum);
        }
      }
    }
  }
  return out;
}

function meanCosine(x: readonly number[], z: ArrayLike<number>): number {
  const tokens = x.length / O;
  let sum = 0;
  for (let t = 0; t < tokens; t++) {
    let [dot, xx, zz] = [0, 0, 0];
    for (let o = t * O; o < (t + 1) * O; o++) {
      dot += x[o]! * z[o]!;
      xx += x[o]! ** 2;
      zz += z[o]! ** 2;
    }
    sum += dot / Math.sqrt(xx * zz);
  }
  return sum / tokens;
}

describeEachBackend('loss/feature-conv', () => {
  it.each([1, 3, 5])("projects by PyTorch's convolution of side %d over the grid, with its gradients", (k) => {
    expectOp({
      inputs: inputs(k),
      op: ({ h, ...params }) => tf.tidy(() => create(k).project!(h as Tensor3D, params)),
      reference: (values) => convolution(values, k),
      tolerance: 5e-6,
    });
  });

  it('is the negative mean cosine of what it projects, with its gradients', () => {
    const z_BTD = randomInput('z', [B, HEIGHT * WIDTH, O]) as Tensor3D;
    const known = z_BTD.dataSync();
    expectOp({
      inputs: inputs(3),
      op: ({ h, ...params }) => tf.tidy(() => create().loss(h as Tensor3D, z_BTD, params)),
      reference: (values) => [-meanCosine(convolution(values, 3), known)],
    });
  });

  it('tells the loss of each token, whose mean it is', () => {
    const { h, ...params } = inputs(3);
    const z_BTD = randomInput('z', [B, HEIGHT * WIDTH, O]) as Tensor3D;
    const losses_BT = create().perToken!(h as Tensor3D, z_BTD, params);
    expect(losses_BT.shape).toEqual([B, HEIGHT * WIDTH]);
    expectClose(
      tf.mean(losses_BT),
      create()
        .loss(h as Tensor3D, z_BTD, params)
        .dataSync(),
      1e-6,
    );
  });

  it("starts from PyTorch's uniform weights under its names", () => {
    const { weight, bias } = create().init!(specs, rng(1));
    expect([weight!.shape, bias!.shape]).toEqual([[O, I, 3, 3], [O]]);
    const largest = tf.max(tf.abs(weight!)).arraySync() as number;
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(27));
    expect(largest).toBeGreaterThan(0.8 / Math.sqrt(27));
    expect(tf.max(tf.abs(bias!)).arraySync()).toBeGreaterThan(0);
  });
});

it('has kernels with a centre only', () => {
  expect(featureAlignmentConv.options.parse({})).toEqual({ kernel: 3 });
  for (const wrong of [{ kernel: 2 }, { kernel: -1 }, { hidden: 4 }]) {
    expect(featureAlignmentConv.options.safeParse(wrong).success).toBe(false);
  }
});
