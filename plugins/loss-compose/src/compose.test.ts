// B batch, T tokens = h×w, D width, H heads, d head size.
import type { AlignmentLoss, Extensions, QueryKey, Ref, StudentSpec, TapValues, TeacherSpec, TokenAlignmentLoss } from '@hastejs/plugin-api'; // prettier-ignore
import { type Params, type Tensor2D, type Tensor3D, type Tensor4D, disposeParams, negativeCosine, tf, valueAndGrads } from '@hastejs/tensor'; // prettier-ignore
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, expectOp, randomInput } from '#support/op-check.js';
import { spatialNorm, tokenWeights } from './index.js';

const [B, T, D] = [2, 6, 4];
const student = { grid: { height: 2, width: 3 } } as StudentSpec;

/** −x·z of each token, through a gain that it owns: a loss of a class, whose members need their `this`. */
class Dot implements TokenAlignmentLoss {
  readonly reads = 'tokens';
  readonly repeatable = true;
  private readonly sign = -1;
  init(): Params {
    return { gain: tf.scalar(2) };
  }
  project(x_BTD: Tensor3D, { gain }: Params): Tensor3D {
    return tf.mul(x_BTD, tf.mul(gain!, -this.sign));
  }
  perToken(x_BTD: Tensor3D, z_BTD: Tensor3D, params: Params): Tensor2D {
    return tf.mul(tf.sum(tf.mul(this.project(x_BTD, params), z_BTD), -1), this.sign);
  }
  loss(x_BTD: Tensor3D, z_BTD: Tensor3D, params: Params) {
    return tf.mean(this.perToken(x_BTD, z_BTD, params)) as never;
  }
}

const INNER: Record<string, () => AlignmentLoss> = {
  'loss/dot': () => new Dot(),
  'loss/whole': () => ({ reads: 'tokens', loss: (x, z) => negativeCosine(x, z) }),
  'loss/maps': () => ({ reads: 'attention', loss: () => tf.scalar(0) }),
};
const WRAPPERS = { 'loss/spatial-norm': spatialNorm, 'loss/token-weights': tokenWeights };
const extensions = {
  create: async ({ id, with: options }: Ref) =>
    id in WRAPPERS ? make(WRAPPERS[id as keyof typeof WRAPPERS], options) : INNER[id]!(),
} as Extensions;
const make = async (
  extension: (typeof WRAPPERS)[keyof typeof WRAPPERS],
  options: object,
): Promise<TokenAlignmentLoss> =>
  (await extension.create(extension.options.parse(options) as never, { extensions, student })) as TokenAlignmentLoss;

const x = () => randomInput('x', [B, T, D]) as Tensor3D;
const z = () => tf.add(randomInput('z', [B, T, D]), 0.7) as Tensor3D;
const gain = () => ({ gain: tf.scalar(2) });

/** Rows of [B, T, D] as numbers. */
const rows = (values: ArrayLike<number>) =>
  Array.from({ length: B }, (_, b) =>
    Array.from({ length: T }, (_, t) => Array.from({ length: D }, (_, d) => values[(b * T + t) * D + d]!)),
  );
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describeEachBackend('loss/spatial-norm', () => {
  const normalized = (gamma: number): number[][][] =>
    rows(z().dataSync()).map((image) => {
      const channels = Array.from({ length: D }, (_, d) => image.map((token) => token[d]!));
      const means = channels.map(mean);
      const variances = channels.map((values, d) => mean(values.map((value) => (value - means[d]!) ** 2)));
      return image.map((token) => token.map((v, d) => (v - gamma * means[d]!) / Math.sqrt(variances[d]! + 1e-6)));
    });

  it.each([0, 0.6, 1])('normalises the teacher over each image, channel by channel: γ = %d', async (gamma) => {
    const loss = await make(spatialNorm, { loss: 'loss/dot', gamma });
    const target = normalized(gamma);
    const z_BTD = z();
    expectClose(
      tf.tidy(() => loss.target!(z_BTD)),
      target.flat(2),
      1e-5,
    );
    expectOp({
      inputs: { x: x(), ...gain() },
      op: ({ x, ...params }) => tf.tidy(() => loss.loss(x as Tensor3D, z_BTD, params)),
      reference: ({ x, gain }) => [
        -gain![0]! * mean(rows(x!).flatMap((image, b) => image.map((token, t) => dot(token, target[b]![t]!)))),
      ],
      tolerance: 1e-5,
    });
  });

  it('changes nothing else: parameters, projection and what it states are the loss’s', async () => {
    const loss = await make(spatialNorm, { loss: 'loss/dot' });
    expect(loss).toMatchObject({ reads: 'tokens', repeatable: true });
    expect(Object.keys(loss.init!({} as never, {} as never))).toEqual(['gain']);
    expectClose(loss.project!(x(), gain()), tf.mul(x(), 2).dataSync(), 1e-6);
    const bare = await make(spatialNorm, { loss: 'loss/whole' });
    expect([bare.init, bare.project, bare.perToken, bare.guides]).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describeEachBackend('loss/token-weights', () => {
  const spec = { blocks: 3 } as TeacherSpec;
  const weighted = async (options: object, weights_BT: number[][], guide?: TapValues) => {
    const loss = await make(tokenWeights, { loss: 'loss/dot', ...options });
    const z_BTD = z();
    const known = rows(z_BTD.dataSync());
    expectOp({
      inputs: { x: x(), ...gain() },
      op: ({ x, ...params }) => tf.tidy(() => loss.loss(x as Tensor3D, z_BTD, params, guide)),
      reference: ({ x, gain }) => [
        -gain![0]! *
          mean(
            rows(x!).map((image, b) =>
              dot(
                image.map((token, t) => dot(token, known[b]![t]!)),
                weights_BT[b]!,
              ),
            ),
          ),
      ],
      tolerance: 1e-5,
    });
  };

  it('weighs by a map, less the floor', async () => {
    const by = [[1, 0, 0], [2, 1, 0]]; // prettier-ignore
    const shares = [0.25, 0, 0, 0.5, 0.25, 0];
    await weighted({ by, floor: 0 }, [shares, shares]);
    const lifted = shares.map((share) => 0.6 * share + 0.4 / T);
    await weighted({ by, floor: 0.4 }, [lifted, lifted]);
    await weighted({ by, floor: 1 }, [Array(T).fill(1 / T), Array(T).fill(1 / T)]);
  });

  it('weighs by how unlike a token of the teacher is to its image', async () => {
    const contrast = rows(z().dataSync()).map((image) => {
      const middle = image[0]!.map((_, d) => mean(image.map((token) => token[d]!)));
      const raw = image.map((token) => 1 - dot(token, middle) / Math.sqrt(dot(token, token) * dot(middle, middle)));
      const sum = raw.reduce((total, value) => total + value, 0);
      return raw.map((value) => value / sum);
    });
    await weighted({ by: 'contrast', floor: 0 }, contrast);
  });

  it("weighs by how much the teacher's patches look at a token, over all heads", async () => {
    const [H, d] = [2, 3];
    const maps: QueryKey = {
      q_BHTd: randomInput('q', [B, H, T, d]) as Tensor4D,
      k_BHTd: randomInput('k', [B, H, T, d]) as Tensor4D,
    };
    const [q, k] = [maps.q_BHTd.arraySync(), maps.k_BHTd.arraySync()];
    const looked = q.map((heads, b) => {
      const total = new Array<number>(T).fill(0);
      heads.forEach((queries, h) =>
        queries.forEach((query) => {
          const exps = k[b]![h]!.map((key) => Math.exp(dot(query, key) / Math.sqrt(d)));
          const sum = exps.reduce((all, value) => all + value, 0);
          exps.forEach((value, t) => (total[t]! += value / sum / (H * T)));
        }),
      );
      return total;
    });
    const other: QueryKey = { q_BHTd: maps.k_BHTd, k_BHTd: maps.k_BHTd };
    const guide = { tokens: new Map(), attention: new Map([[0, other], [2, maps]]) }; // prettier-ignore
    await weighted({ by: 'attention', floor: 0 }, looked, guide);
    await weighted({ by: 'attention', block: 2, floor: 0 }, looked, guide);
    const loss = await make(tokenWeights, { loss: 'loss/dot', by: 'attention' });
    expect(loss.guides!(spec)).toEqual({ tokens: [], attention: [2] });
    expect(() => loss.loss(x(), z(), gain())).toThrow(
      "The teacher's attention, which weighs the tokens, was not given.",
    );
  });

  it('may be put around another wrapper, and asks for nothing that nobody needs', async () => {
    const inside = spatialNorm({ loss: 'loss/dot' });
    const both = await make(tokenWeights, { loss: inside, by: [[1, 1, 1], [1, 1, 1]] }); // prettier-ignore
    const alone = await make(spatialNorm, inside.with);
    expectClose(both.loss(x(), z(), gain()), alone.loss(x(), z(), gain()).dataSync(), 1e-5);
    expect(both.guides!(spec)).toEqual({ tokens: [], attention: [] });
    const outside = await make(spatialNorm, { loss: tokenWeights({ loss: 'loss/dot', by: 'attention', block: 1 }) });
    expect(outside.guides!(spec)).toEqual({ tokens: [], attention: [1] });
  });

  it('sends no gradient to the teacher, and leaks nothing', async () => {
    const loss = await make(tokenWeights, { loss: spatialNorm({ loss: 'loss/dot' }), by: 'contrast' });
    const params = { x: x(), z: z(), gain: tf.scalar(2) };
    expectNoLeaks(() => {
      const result = valueAndGrads(() => ({ loss: loss.loss(params.x, params.z, params) }), params);
      expect(Object.keys(result.grads).sort()).toEqual(['gain', 'x']);
      result.loss.dispose();
      disposeParams(result.grads);
    });
  });

  it('stays finite where nothing stands out, or a token is zero', async () => {
    const loss = await make(tokenWeights, { loss: 'loss/dot', by: 'contrast', floor: 0 });
    for (const flat of [tf.ones([B, T, D]), tf.zeros([B, T, D])]) {
      const losses_BT = loss.perToken!(x(), flat as Tensor3D, gain());
      const inner_BT = new Dot().perToken(x(), flat as Tensor3D, gain());
      expectClose(losses_BT, inner_BT.dataSync(), 1e-4);
    }
  });
});

describe('wrappers of losses', () => {
  it('refuse what they cannot wrap, and say why', async () => {
    await expect(make(spatialNorm, { loss: 'loss/maps' })).rejects.toThrow(
      'loss/maps does not compare tokens of student and teacher: it reads attention maps.',
    );
    await expect(make(tokenWeights, { loss: 'loss/whole', by: 'contrast' })).rejects.toThrow(
      'loss/whole does not tell the loss of each token, so tokens cannot be weighed.',
    );
    await expect(make(tokenWeights, { loss: 'loss/dot', by: [[1, 2]] })).rejects.toThrow(
      'The map has 1 rows of 2 weights, and the student has 2×3 tokens.',
    );
  });

  it('refuse options that mean nothing', () => {
    const loss = 'loss/dot';
    for (const wrong of [{}, { loss, gamma: 2 }, { loss, gamma: -1 }, { loss, beta: 1 }]) {
      expect(spatialNorm.options.safeParse(wrong).success).toBe(false);
    }
    for (const wrong of [
      { by: 'norm' },
      { by: [[0, 0]] },
      { by: [[-1]] },
      { by: 'contrast', block: 1 },
      { by: 'contrast', floor: 2 },
    ]) {
      expect(tokenWeights.options.safeParse({ loss, ...wrong }).success).toBe(false);
    }
  });
});
