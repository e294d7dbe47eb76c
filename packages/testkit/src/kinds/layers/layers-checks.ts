// What a choice of target layers promises (plugin-api, TargetLayers).
import { isDeepStrictEqual } from 'node:util';
import { type AlignmentSpecs, type LayerPair, type TeacherSpec, isHasteError } from '@hastejs/plugin-api';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { fakeTeacherSpec } from '../../fakes/fake-teacher.js';
import { deepFreeze } from '../../measure/freeze.js';

const WHERE = 'select()';

/** Models of many depths: [student blocks, teacher blocks, student heads, teacher heads]. */
const MODELS = [
  ...([
    [12, 12, 6, 6],
    [28, 12, 16, 12],
    [12, 24, 6, 16],
    [3, 3, 2, 2],
  ] as const),
  ...([
    [1, 1, 1, 1],
    [2, 40, 3, 24],
  ] as const),
] as const;

export interface LayersCase {
  /** The teacher that it chooses from; default: 12 blocks of 6 heads. The student is the case's `student`, 12 blocks too. */
  readonly teacher?: Partial<TeacherSpec>;
}

export const layersChecks = {
  'chooses blocks and heads that the models have': async (bench: Bench<'targetLayers'>) => {
    const layers = await bench.create();
    const specs = ownModels(bench);
    const { pairs, error } = attempt(() => layers.select(specs));
    // One that is about the student alone refuses pairs.
    if (!pairs && !(layers.blocks && isHasteError(error, 'LAYERS_INVALID'))) throw error;
    must(pairs?.length !== 0, {
      what: `It chose nothing for ${words(specs)}.`,
      where: WHERE,
      fix: 'Give at least one pair, or throw a HasteError LAYERS_INVALID that says why there is none.',
    });
    for (const pair of pairs ?? []) mustExist(pair, specs);
  },
  'chooses blocks of the student alone that it has': async (bench: Bench<'targetLayers'>) => {
    const layers = await bench.create();
    const { student } = ownModels(bench);
    const blocks = layers.blocks?.(student);
    if (!blocks) return;
    const fits = blocks.every((block) => Number.isInteger(block) && block >= 0 && block < student.blocks);
    must(blocks.length > 0 && fits && new Set(blocks).size === blocks.length, {
      what: `Of ${student.blocks} blocks of the student it chose ${JSON.stringify(blocks)}.`,
      where: 'blocks()',
      fix: 'Give at least one block, each once; they count from 0.',
    });
  },
  'chooses for every depth, or says why it cannot': async (bench: Bench<'targetLayers'>) => {
    const layers = await bench.create();
    for (const specs of models(bench)) {
      const { pairs, error } = attempt(() => layers.select(specs));
      // Whether the blocks exist is checked where pairs are used; that they are numbers is not.
      for (const pair of pairs ?? []) mustBeIndices(pair, specs);
      const readable = pairs !== undefined || (isHasteError(error) && Boolean(error.where && error.fix));
      must(readable, {
        what: `For ${words(specs)} it threw a bare ${String(error)}.`,
        where: WHERE,
        fix: "Throw new HasteError('LAYERS_INVALID', { what, where, fix }).",
      });
    }
  },
  'chooses each pair once': async (bench: Bench<'targetLayers'>) => {
    const layers = await bench.create();
    for (const specs of models(bench)) {
      const keys = (attempt(() => layers.select(specs)).pairs ?? []).map(
        ({ student, teacher }) => `${student} with ${teacher}`,
      );
      const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
      must(twice.length === 0, {
        what: `For ${words(specs)} it chose block ${twice.join(', ')} twice.`,
        where: WHERE,
        fix: 'A pair that is there twice counts twice: give each once.',
      });
    }
  },
  'is a function of the models alone': async (bench: Bench<'targetLayers'>) => {
    const [layers, other] = [await bench.create(), await bench.create()];
    for (const specs of models(bench)) {
      const first = attempt(() => layers.select(specs)).pairs;
      for (const again of [attempt(() => layers.select(specs)).pairs, attempt(() => other.select(specs)).pairs]) {
        must(isDeepStrictEqual(again, first), {
          what: `For ${words(specs)} it chose ${JSON.stringify(first)}, then ${JSON.stringify(again)}.`,
          where: WHERE,
          fix: 'Keep no state and draw nothing: a resumed run chooses again.',
        });
      }
    }
  },
  'gives plain data': async (bench: Bench<'targetLayers'>) => {
    const layers = await bench.create();
    for (const specs of models(bench)) {
      const pairs = attempt(() => layers.select(specs)).pairs ?? [];
      must(isDeepStrictEqual(JSON.parse(JSON.stringify(pairs)), pairs), {
        what: `Its pairs ${JSON.stringify(pairs)} are not what JSON makes of them.`,
        where: WHERE,
        fix: 'Give { student, teacher, heads? } as numbers; leave `heads` out in place of undefined.',
      });
    }
  },
};

function models({ student }: Bench): AlignmentSpecs[] {
  return MODELS.map(([blocks, others, heads, otherHeads]) =>
    deepFreeze({
      student: { ...student, blocks, heads, width: heads * 8, headDim: 8 },
      teacher: fakeTeacherSpec({ blocks: others, heads: otherHeads, width: otherHeads * 8, headDim: 8 }),
    }),
  );
}

function attempt(select: () => readonly LayerPair[]): { pairs?: readonly LayerPair[]; error?: unknown } {
  try {
    return { pairs: select() };
  } catch (error) {
    if (error instanceof TypeError && /read.only|not extensible|Cannot assign/.test(error.message)) {
      must(false, {
        what: `It writes into the specs: ${error.message}.`,
        where: WHERE,
        fix: 'They belong to the models: copy what you want to change.',
      });
    }
    return { error };
  }
}

const words = ({ student, teacher }: AlignmentSpecs): string =>
  `a student of ${student.blocks} and a teacher of ${teacher.blocks} blocks`;

/** The models of the case. */
function ownModels({ student, contractCase }: Bench): AlignmentSpecs {
  const { teacher } = contractCase as LayersCase;
  const deep = { blocks: 12, heads: 6, width: 48, headDim: 8 };
  return deepFreeze({
    student: { ...student, ...deep, ...contractCase.student },
    teacher: fakeTeacherSpec({ ...deep, ...teacher }),
  });
}

function mustBeIndices(pair: LayerPair, specs: AlignmentSpecs): void {
  const numbers = [pair.student, ...(pair.teacher === 'final' ? [] : [pair.teacher]), ...(pair.heads ?? []).flat()];
  must(
    numbers.every((index) => Number.isInteger(index) && index >= 0),
    {
      what: `For ${words(specs)} it chose ${JSON.stringify(pair)}.`,
      where: WHERE,
      fix: "Blocks and heads are whole numbers from 0; a teacher's end is 'final'.",
    },
  );
}

function mustExist(pair: LayerPair, specs: AlignmentSpecs): void {
  mustBeIndices(pair, specs);
  const { student, teacher } = specs;
  const fits =
    pair.student < student.blocks &&
    (pair.teacher === 'final' || pair.teacher < teacher.blocks) &&
    (pair.heads ?? []).every(([own, other]) => own < student.heads && other < teacher.heads);
  must(fits, {
    what: `For ${words(specs)} it chose ${JSON.stringify(pair)}.`,
    where: WHERE,
    fix: 'Blocks and heads count from 0 and end below the number that the spec says; give the case the models that its options are for.',
  });
}
