// The values of diagnostics against the same numbers with nothing of the trainer: draws, losses and features written out.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '@hastejs/core';
import { interpolate } from '@hastejs/diffusion';
import { cknna, effectiveRank, linearProbe, nearestNeighbours } from '@hastejs/evaluation';
import { alignmentByLayer, attentionDistance, cknnaByLayer, effectiveRankByLayer, linearProbeByLayer } from '@hastejs/haste'; // prettier-ignore
import { project } from '../../plugins/loss-feature/src/projector.js';
import { makeSit } from '@hastejs/models';
import type { Dataset, QueryKey, TapValues, TeacherEncoder } from '@hastejs/plugin-api';
import { type Params, type Tensor3D, type Tensor4D, normalTensor, paramsFromHost, readSafetensors, rng, subParams, tf } from '@hastejs/tensor'; // prettier-ignore
import { toyData, toyTeacher } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const [IMAGES, TIME, B, T] = [20, 0.3, 4, 4];
const folder = temporaryFolder();
let host: Host;
let values: Record<string, number>;
let seen: Seen[];

/** What both models see of a batch. */
interface Seen {
  readonly labels: readonly number[];
  readonly student: TapValues;
  readonly labelled: TapValues;
  readonly teacher: TapValues;
  readonly params: Params;
}

beforeAll(async () => {
  host = await toyHost();
  const look = { every: 2, images: IMAGES, time: TIME };
  const metrics = [
    alignmentByLayer(look),
    cknnaByLayer({ ...look, neighbours: 5 }),
    linearProbeByLayer(look),
    attentionDistance(look),
    effectiveRankByLayer(look),
  ];
  const recipe = toyRecipe({ steps: 2, alignment: toyAlignment(), metrics, checkpoints: { every: 2, keep: 9 } });
  await toyTrain(host, recipe, { folder: folder.path('run') });
  const log = (await readFile(folder.path('run', 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  values = JSON.parse(log.at(-1)!) as Record<string, number>;
  seen = await lookByHand(folder.path('run', 'checkpoints', 'step-00000002'));
});
afterAll(async () => {
  tf.disposeVariables();
  tf.engine().reset();
  await host.close();
});

async function lookByHand(checkpoint: string): Promise<Seen[]> {
  const read = async (name: string): Promise<Params> =>
    paramsFromHost(Object.fromEntries((await readSafetensors(join(checkpoint, `${name}.safetensors`))).tensors));
  const params = { ...(await read('params')), ...(await read('alignment')) };
  const data = (await toyData.create({}, {})) as Dataset;
  const shape = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false } as const;
  const student = makeSit({ ...shape, input: data.spec.image, classes: 3 });
  const teacher = toyTeacher.create(toyTeacher.options.parse({}), { student: student.spec }) as TeacherEncoder;
  const stream = rng(3).stream('probe');
  const order = stream.stream('images').permutation(24).slice(0, IMAGES);
  const all: Seen[] = [];
  for (let number = 0; number < IMAGES / B; number++) {
    const { images_BCHW, labels_B } = await data.read(order.slice(number * B, (number + 1) * B), stream);
    const pixels = tf.tensor4d([...images_BCHW], [B, 1, 8, 8]);
    const noise = normalTensor(stream.stream('noise').at(number), [B, 1, 8, 8]) as Tensor4D;
    const t_B = tf.fill([B], TIME) as never;
    const { x_BCHW } = interpolate('linear', tf.sub(tf.div(pixels, 127.5), 1), noise, t_B);
    const taps = { tokens: [0, 1, 2], attention: [0, 1, 2] };
    const run = (labels: number[]) =>
      student.forward(params, { x_BCHW, t_B, y_B: tf.tensor1d(labels, 'int32') }, taps).taps;
    all.push({
      labels: [...labels_B],
      student: run([3, 3, 3, 3]),
      labelled: run([...labels_B]),
      teacher: teacher.encode(pixels, { tokens: ['final'], attention: [1, 2] }),
      params,
    });
  }
  return all;
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
/** Softmax of q·kᵀ·d^−½, row by row, over all images and heads: [image][head][query][key]. */
function maps({ q_BHTd, k_BHTd }: QueryKey): number[][][][] {
  const [q, k, d] = [q_BHTd.arraySync(), k_BHTd.arraySync(), q_BHTd.shape[3]];
  return q.map((heads, b) =>
    heads.map((queries, h) =>
      queries.map((query) => {
        const row = k[b]![h]!.map((key) =>
          Math.exp(key.reduce((sum, value, i) => sum + value * query[i]!, 0) / Math.sqrt(d)),
        );
        const total = row.reduce((sum, value) => sum + value, 0);
        return row.map((value) => value / total);
      }),
    ),
  );
}
const pooled = (x_BTD: Tensor3D): number[] => [...tf.mean(x_BTD, 1).dataSync()];
const features = (block: number) => ({ rows_ND: seen.flatMap(({ student }) => pooled(student.tokens.get(block)!)), width: 16 }); // prettier-ignore

describe('diagnostics equal a computation by hand', () => {
  it('metric/alignment: the cosine of projected tokens', () => {
    const cosines = seen.flatMap(({ labelled, teacher, params }) => {
      const h = project(subParams(params, 'projectors.0.'), labelled.tokens.get(1)!).arraySync().flat();
      const z = teacher.tokens.get('final')!.arraySync().flat();
      const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
      return h.map((row, i) => dot(row, z[i]!) / Math.sqrt(dot(row, row) * dot(z[i]!, z[i]!)));
    });
    expect(values['metric/alignment/feature/block1']).toBeCloseTo(mean(cosines), 5);
    expect(values).not.toHaveProperty(['metric/alignment/feature/block0']);
  });

  it.each([
    [0, 1],
    [1, 2],
  ])('metric/alignment: the KL divergence of maps, student block %i from teacher block %i', (s, t) => {
    const [divergences, entropies]: [number[], number[]] = [[], []];
    for (const { labelled, teacher } of seen) {
      const student = maps(labelled.attention.get(s)!).flat(2);
      maps(teacher.attention.get(t)!).flat(2).forEach((row, i) => {
        divergences.push(row.reduce((sum, p, key) => sum + p * Math.log(p / student[i]![key]!), 0));
        entropies.push(-row.reduce((sum, p) => sum + p * Math.log(p), 0));
      }); // prettier-ignore
    }
    expect(values[`metric/alignment/attention/block${s}`]).toBeCloseTo(mean(divergences), 4);
    expect(values[`metric/alignment/attention/block${s}/entropy`]).toBeCloseTo(mean(entropies), 4);
    expect(mean(divergences)).toBeGreaterThan(1e-3);
  });

  it.each([0, 1, 2])('metric/attention-distance, block %i', (block) => {
    const apart = (q: number, k: number) => Math.hypot((q >> 1) - (k >> 1), (q & 1) - (k & 1));
    const heads = [0, 1].map(
      (head) =>
      mean(seen.flatMap(({ student }) => maps(student.attention.get(block)!).map((of) => mean(of[head]!.map((row, q) => row.reduce((sum, p, k) => sum + p * apart(q, k), 0)))))), // prettier-ignore
    );
    expect(values[`metric/attention_distance/block${block}`]).toBeCloseTo(mean(heads), 4);
    expect(values[`metric/attention_distance/block${block}/spread`]).toBeCloseTo(
      Math.abs(heads[0]! - heads[1]!) / 2,
      4,
    );
    expect(T).toBe(seen[0]!.student.attention.get(block)!.q_BHTd.shape[2]);
  });

  it.each([0, 1, 2])(
    'metric/cknna, linear-probe and effective-rank, block %i, on features that do not know the class',
    (block) => {
      const taught = { rows_ND: seen.flatMap(({ teacher }) => pooled(teacher.tokens.get('final')!)), width: 16 };
      const near = [features(block), taught].map((rows) => nearestNeighbours(rows, 5));
      expect(values[`metric/cknna/block${block}`]).toBeCloseTo(cknna(near[0]!, near[1]!), 4);
      expect(values[`metric/effective_rank/block${block}`]).toBeCloseTo(effectiveRank(features(block)), 2);
      const labels = seen.flatMap((batch) => batch.labels);
      const half = (from: number, to: number) => ({ rows_ND: features(block).rows_ND.slice(16 * from, 16 * to), width: 16, labels_N: labels.slice(from, to) }); // prettier-ignore
      expect(values[`metric/linear_probe/block${block}`]).toBe(linearProbe(half(0, 10), half(10, 20), { classes: 3, ridge: 0.01 })); // prettier-ignore
    },
  );
});
