import type { AlignmentInput, RecipeInput } from '@hastejs/core';
import { fakeLayers, fakeLoss, fakeTrigger } from '../fakes/fake-alignment.js';
import { fakeData } from '../fakes/fake-data.js';
import { fakeStudent } from '../fakes/fake-student.js';
import { fakeTeacher } from '../fakes/fake-teacher.js';

/** Parts of a recipe; whatever is left out is a fake. */
export type TestRecipe = Partial<Omit<RecipeInput, 'alignment'>> & {
  /** Parts of phase I; null: none. Without a teacher (null), its terms are about the student alone. */
  readonly alignment?: TestAlignment | null;
};

export type TestAlignment = Partial<Omit<AlignmentInput, 'teacher'>> & {
  readonly teacher?: AlignmentInput['teacher'] | null;
};

/** The recipe of a test run: 6 steps of 4 images, letting go after 3, unless it is told otherwise. */
export function toyRecipe({ alignment, ...rest }: TestRecipe): RecipeInput {
  return {
    name: 'test-run',
    seed: 3,
    steps: 6,
    batchSize: 4,
    student: fakeStudent(),
    data: fakeData(),
    optimizer: { id: 'optimizer/adamw', with: { lr: 1e-3 } },
    ema: { decay: 0.9 },
    checkpoints: { every: 1000, keep: 3 },
    ...rest,
    alignment: alignment === null ? null : toyAlignment(alignment),
  };
}

function toyAlignment({ teacher = fakeTeacher(), ...given }: TestAlignment = {}): AlignmentInput {
  const terms = { feature: { loss: fakeLoss(), layers: fakeLayers(), weight: 0.5 } };
  return { ...(teacher && { teacher }), terms, until: fakeTrigger({ step: 3 }), ...given };
}
