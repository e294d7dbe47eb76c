// What a teacher promises of its answers (plugin-api, TeacherEncoder). B batch, C channels, H height, W width.
import { type TapValues, type Taps, NO_TAPS, isHasteError } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { relativeDistance } from '../../measure/tensors.js';
import { openEncoding, tensorsOf } from './encoding.js';
import { mustBeAsked, mustFitSpec, namedTensors, someTaps } from './taps.js';

const WHERE = 'encode()';
/** Images of a batch: not the number of anything else, so that a mix-up of axes shows. */
const BATCH = [0, 1, 2, 3, 4];
/** Batches of another size may be multiplied in another order. */
const ROUNDING = 1e-4;

export const teacherAnswers = {
  'declares a model that can be': async (bench: Bench<'teacher'>) => {
    const { spec } = await bench.create();
    const { blocks, width, heads, headDim, grid, offers } = spec;
    const counts = { blocks, width, heads, headDim, 'grid.height': grid?.height, 'grid.width': grid?.width };
    const wrong = Object.entries(counts).filter(([, count]) => !Number.isInteger(count) || count! < 1);
    must(wrong.length === 0, {
      what: `The spec says ${wrong.map(([name, count]) => `${name}: ${count}`).join(', ')}.`,
      where: 'spec',
      fix: 'Each is a whole number above 0; a model without attention has one head as wide as its tokens.',
    });
    must(typeof spec.name === 'string' && spec.name.trim() !== '', {
      what: 'The spec has no name.',
      where: 'spec',
      fix: 'Name the model: reports show it.',
    });
    const sites = [...(offers?.tokens ?? []), ...(offers?.attention ?? [])].filter((site) => site !== 'final');
    const beyond = sites.filter((site) => !(Number.isInteger(site) && site >= 0 && site < blocks));
    must(beyond.length === 0, {
      what: `It offers taps of block ${beyond.join(', ')} and has ${blocks} blocks.`,
      where: 'spec.offers',
      fix: `Blocks count from 0: offer 0 to ${blocks - 1}, and 'final' for tokens.`,
    });
  },
  'gives exactly the taps that it is asked for': async (bench: Bench<'teacher'>) => {
    const { teacher, encode } = await openEncoding(bench);
    const all = someTaps(teacher.spec, true);
    const single: Taps[] = [
      ...all.tokens.map((site) => ({ tokens: [site], attention: [] })),
      ...all.attention.map((block) => ({ tokens: [], attention: [block] })),
    ];
    for (const taps of [all, NO_TAPS, ...single]) {
      const values = await encode([0, 1], taps);
      mustBeAsked(values, taps, WHERE);
      tf.dispose(tensorsOf(values));
    }
  },
  'gives the shapes that it declares, in finite numbers': async (bench: Bench<'teacher'>) => {
    const { teacher, encode } = await openEncoding(bench);
    for (const batch of [BATCH, [7]]) {
      const values = await encode(batch, someTaps(teacher.spec, true));
      mustFitSpec(values, teacher.spec, batch.length, WHERE);
      tf.dispose(tensorsOf(values));
    }
  },
  'takes grey and coloured images, or refuses them when it is created': async (bench: Bench<'teacher'>) => {
    for (const channels of [1, 3]) {
      const data = { ...bench.contractCase.data, image: { ...bench.data.image, channels } };
      const other = await bench.another({ data });
      const opened = await openEncoding(other).catch((error: unknown) => {
        // Weights for images of other channels are right to say so; the case's own images it takes.
        if (channels === bench.data.image.channels || !isHasteError(error, 'TEACHER_MISMATCH')) throw error;
        return null;
      });
      if (!opened) continue;
      const values = await opened.encode([0, 1], someTaps(opened.teacher.spec, true));
      mustFitSpec(values, opened.teacher.spec, 2, `encode() of ${channels === 1 ? 'grey' : 'coloured'} images`);
      tf.dispose(tensorsOf(values));
    }
  },
  'gives the same answer to the same image': async (bench: Bench<'teacher'>) => {
    const { teacher, encode } = await openEncoding(bench);
    const another = await openEncoding(bench);
    const taps = someTaps(teacher.spec, true);
    const [first, second, third] = [
      await encode(BATCH, taps),
      await encode(BATCH, taps),
      await another.encode(BATCH, taps),
    ];
    mustAgree(first, second, 0, {
      what: 'when it is asked twice',
      fix: 'Draw no random numbers, or draw them from Services.rng at context.step; keep no state between calls.',
    });
    mustAgree(first, third, 0, {
      what: 'when it is created twice',
      fix: 'Weights that are drawn must be drawn from a seed of their own: a resumed run creates its teacher again.',
    });
    tf.dispose([first, second, third].flatMap(tensorsOf));
  },
  'answers image by image': async (bench: Bench<'teacher'>) => {
    const { teacher, encode } = await openEncoding(bench);
    const taps = someTaps(teacher.spec, true);
    const [alone, together] = [await encode([0], taps), await encode([0, 5, 6], taps)];
    if (teacher.needs !== 'student') {
      const cut = mapTaps(together, (x) =>
        tf.slice(
          x as never,
          x.shape.map(() => 0),
          [1, ...x.shape.slice(1)],
        ),
      );
      mustAgree(alone, cut, ROUNDING, {
        what: 'in the company of others',
        fix: 'Take no statistics over the batch: an image has one answer, whoever stands beside it.',
      });
      tf.dispose(tensorsOf(cut));
    }
    const other = await encode([1], taps);
    const blind = namedTensors(alone).filter(([name, x]) => relativeDistance(x, nameIn(other, name)) < 1e-6);
    must(blind.length === 0, {
      what: `The ${blind.map(([name]) => name).join(', ')} are the same for different images.`,
      where: WHERE,
      fix: 'Compute them from the images that encode() is given.',
    });
    tf.dispose([alone, together, other].flatMap(tensorsOf));
  },
};

function mapTaps(values: TapValues, f: (x: ReturnType<typeof tensorsOf>[number]) => unknown): TapValues {
  return {
    tokens: new Map([...values.tokens].map(([site, x]) => [site, f(x) as never])),
    attention: new Map(
      [...values.attention].map(([block, { q_BHTd, k_BHTd }]) => [
        block,
        { q_BHTd: f(q_BHTd) as never, k_BHTd: f(k_BHTd) as never },
      ]),
    ),
  };
}

const nameIn = (values: TapValues, wanted: string) => namedTensors(values).find(([name]) => name === wanted)![1];

function mustAgree(a: TapValues, b: TapValues, tolerance: number, { what, fix }: { what: string; fix: string }): void {
  for (const [name, tensor] of namedTensors(a)) {
    const distance = relativeDistance(tensor, nameIn(b, name));
    must(distance <= tolerance, {
      what: `The ${name} are others ${what} (by ${distance.toPrecision(3)} of the largest value).`,
      where: WHERE,
      fix,
    });
  }
}
